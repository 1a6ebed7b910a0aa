import { failureAt } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { downloadMicrocode, SES_MICROCODE_MODES } from '../ses/download-microcode-control.ts';
import { microcodeStatusFacts } from '../ses/microcode-status.ts';
import type { ActivationEnd } from './activation.ts';
import { sendChunk } from './send-chunk.ts';
import { entryOf, noSuchSubenclosure, readMicrocodeStatus, statusWithField } from './ses-status.ts';

/**
 * Page 0Eh with mode 0Fh, and the status that follows. As with `activateMicrocode`, only after a download that ended
 * deferred and without an error.
 */
export async function activateBySes(
  device: Device,
  options: {
    readonly subenclosureId: number;
    readonly bufferId: number;
    /** MICROCODE IMAGE LENGTH of the download; 0 for an activation alone. */
    readonly imageLengthBytes: number;
    readonly readStatus: boolean;
    readonly timeoutMs: number;
    readonly waitMs: number;
  },
): Promise<ActivationEnd> {
  const { subenclosureId, bufferId, imageLengthBytes, timeoutMs, waitMs } = options;
  // The generation code may have moved since the last page; a final status was shown already and is not lost by this.
  const before = await readMicrocodeStatus(device, { began: false, waitMs });
  if (before.kind !== 'page') return { kind: 'failed', failure: before.failure };
  const command = downloadMicrocode(
    {
      subenclosureId,
      generationCode: before.page.generationCode,
      mode: SES_MICROCODE_MODES.activate_mc,
      bufferId,
      bufferOffsetBytes: 0,
      imageLengthBytes,
      data: new Uint8Array(0),
    },
    timeoutMs,
  );
  const unchanged = (): Promise<boolean> => Promise.resolve(true);
  const end = await sendChunk(device, command, { first: false, last: true, offset: null, waitMs, unchanged });
  switch (end.kind) {
    case 'unclear':
    case 'forgotten':
    case 'changed':
      return { kind: 'uncertain', failure: end.failure };
    case 'freeze':
      return { kind: 'frozen', failure: end.failure };
    case 'not-sent':
    case 'stop':
      return { kind: 'failed', failure: end.failure };
    case 'accepted':
  }
  if (!options.readStatus) return { kind: 'accepted', failure: null };
  const after = await readMicrocodeStatus(device, { began: true, waitMs });
  // A reset is what an activation looks like; no answer is no failure either: the revision tells.
  if (after.kind === 'reset') return { kind: 'accepted', failure: null };
  if (after.kind !== 'page') return { kind: 'uncertain', failure: after.failure };
  const ours = entryOf(after.page, subenclosureId);
  if (ours === null) return { kind: 'uncertain', failure: noSuchSubenclosure(subenclosureId) };
  const { kind, keepPower } = microcodeStatusFacts(ours.status);
  if (kind !== 'error') return { kind: 'accepted', failure: null };
  const next = keepPower
    ? 'Do not reset the enclosure and do not switch it off: send it a good image first.'
    : 'Download the image again, then activate it.';
  const failure = failureAt('device', `activation: ${statusWithField(ours)}`, next);
  return { kind: keepPower ? 'frozen' : 'failed', failure };
}
