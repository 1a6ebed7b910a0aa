import type { Device } from '../device/device.ts';
import { downloadMicrocode, SES_MICROCODE_MODES } from '../ses/download-microcode-control.ts';
import type { SubenclosureMicrocodeStatus } from '../ses/download-microcode-status.ts';
import { microcodeStatusFacts } from '../ses/microcode-status.ts';
import type { SesDownload } from './ses-pages.ts';
import { entryOf, readMicrocodeStatus } from './ses-status.ts';

/**
 * Makes sure that nothing of an earlier sequence is left in the device: a download that still hangs there is aborted
 * (mode FFh), and status 00h or an error must follow.
 *
 * @returns `free`: begin at offset 0; the status that says otherwise; or `no-answer`
 */
export async function clearDownload(
  device: Device,
  download: SesDownload,
  waitMs: number,
): Promise<'free' | 'no-answer' | SubenclosureMicrocodeStatus> {
  let ours: SubenclosureMicrocodeStatus | null = null;
  for (const mayAbort of [true, false]) {
    const read = await readMicrocodeStatus(device, { began: false, waitMs });
    ours = read.kind === 'page' ? entryOf(read.page, download.subenclosureId) : null;
    if (read.kind !== 'page' || ours === null) return 'no-answer';
    const { kind, keepPower } = microcodeStatusFacts(ours.status);
    if (kind === 'idle' || (kind === 'error' && !keepPower)) return 'free';
    if (ours.status !== 0x01 || !mayAbort) return ours;
    await abort(device, download, read.page.generationCode);
  }
  return ours ?? 'no-answer';
}

/** Any reserved mode makes a device drop a download in progress (SES). Its answer does not matter, the next status does. */
async function abort(
  device: Device,
  { subenclosureId, bufferId, timeouts }: SesDownload,
  generationCode: number,
): Promise<void> {
  const command = downloadMicrocode(
    {
      subenclosureId,
      generationCode,
      mode: SES_MICROCODE_MODES.dmc_abort,
      bufferId,
      bufferOffsetBytes: 0,
      imageLengthBytes: 0,
      data: new Uint8Array(0),
    },
    timeouts.chunkMs,
  );
  await device.attempt(command, 'during');
}
