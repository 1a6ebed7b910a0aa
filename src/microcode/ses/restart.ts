import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { downloadMicrocode, SES_MICROCODE_MODES } from '../../ses/download-microcode-control.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import { whyNotRestart } from '../passes.ts';
import type { SentEnd } from '../passes.ts';
import type { SesDownload } from './pages.ts';
import { readStatusEntry, refusalByStatus, statusWithField } from './status.ts';
import type { StatusEntry, StatusProblem } from './status.ts';

/** A unit attention may answer the first one. */
const MAX_ABORTS = 2;

/**
 * Makes sure that nothing of an earlier sequence is left in the device: a download that still hangs there is aborted
 * (mode FFh), and status 00h or an error must follow.
 *
 * @returns null: begin at offset 0; or what the device says instead
 */
export async function clearDownload(
  device: Device,
  download: SesDownload,
  waitMs: number,
): Promise<StatusEntry | StatusProblem | null> {
  for (let abortsLeft = MAX_ABORTS; ; abortsLeft--) {
    const { subenclosureId, statusTimeoutMs } = download;
    const read = await readStatusEntry(device, subenclosureId, { moment: 'probe', waitMs, statusTimeoutMs });
    if (read.kind !== 'entry') return read;
    const { kind, keepPower } = microcodeStatusFacts(read.entry.status);
    if (kind === 'idle' || (kind === 'error' && !keepPower)) return null;
    if (read.entry.status !== 0x01 || abortsLeft === 0) return read;
    await abort(device, download, read.page.generationCode);
  }
}

/** Why a pass may not begin again from offset 0, and the final status that the device showed on the way; null: it may. */
export async function whyNotSesRestart(
  device: Device,
  download: SesDownload,
  options: {
    readonly failure: Refusal;
    /** Accepted in the pass that ended, for messages. */
    readonly doneBytes: number;
    readonly waitMs: number;
    readonly unchanged: () => Promise<boolean>;
  },
): Promise<(SentEnd & { readonly finalStatus: number | null }) | null> {
  const { failure, doneBytes, waitMs } = options;
  const whyNot = await whyNotRestart(device, failure, options);
  if (whyNot !== null) return { ...whyNot, finalStatus: null };
  const left = await clearDownload(device, download, waitMs);
  if (left === null) return null;
  if (left.kind !== 'entry') {
    return { kind: left.kind === 'frozen' ? 'frozen' : 'failed', failure, finalStatus: null };
  }
  const { status } = left.entry;
  const { kind, keepPower } = microcodeStatusFacts(status);
  if (keepPower) {
    const said = refusalByStatus(left.entry, statusWithField(left.entry), doneBytes);
    return { kind: 'frozen', failure: said, finalStatus: null };
  }
  const finalStatus = kind === 'success' ? status : null;
  return { kind: status === 0x01 ? 'failed' : 'unclear', failure, finalStatus };
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
