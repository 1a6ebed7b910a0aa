import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { downloadMicrocode, SES_MICROCODE_MODES } from '../../ses/download-microcode-control.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import type { MicrocodeEvent } from '../../scsi/microcode-event.ts';
import { sendChunk } from '../send-chunk.ts';
import {
  pollStatusEntry,
  readMicrocodeStatus,
  readStatusEntry,
  refusalByStatus,
  statusWithField,
} from './status.ts';
import type { StatusEntry, StatusRead } from './status.ts';
import { waitReady } from '../wait-ready.ts';
import { endOfActivation } from '../activation-end.ts';
import type { ActivationEnd } from '../activation-end.ts';

export interface SesActivationOptions {
  readonly subenclosureId: number;
  readonly bufferId: number;
  /** MICROCODE IMAGE LENGTH of the download. */
  readonly imageLengthBytes: number;
  /** GENERATION CODE of the final status; null: it was not read, and is asked for now. */
  readonly generationCode: number | null;
  /** False: reading disturbs the device, or it restarts before its status can be read. */
  readonly readStatus: boolean;
  readonly timeoutMs: number;
  readonly statusTimeoutMs?: number | undefined;
  readonly waitMs: number;
  readonly onWaiting: (what: string, withinMs: number) => void;
}

/** An activation, and the events that the device says it still waits for: it says so once. */
export interface SesActivationEnd extends ActivationEnd {
  readonly waitsFor: readonly MicrocodeEvent[];
}

/**
 * Page 0Eh with mode 0Fh, and the status that follows. As with `activateMicrocode`, only after a download that ended
 * deferred and without an error.
 */
export async function activateBySes(
  device: Device,
  options: SesActivationOptions,
): Promise<SesActivationEnd> {
  const { subenclosureId, waitMs, statusTimeoutMs } = options;
  let { generationCode } = options;
  if (generationCode === null) {
    const read = (): Promise<StatusRead> =>
      readMicrocodeStatus(device, { moment: 'probe', waitMs, statusTimeoutMs });
    let before = await read();
    // The unit may have gone away since the last page: it is looked for, and asked again.
    if (before.kind === 'unclear' && (await waitReady(device, { withinMs: waitMs })).ready)
      before = await read();
    if (before.kind !== 'page') return ended('failed', before.failure);
    ({ generationCode } = before.page);
  }
  for (let again = false; ; again = true) {
    const end = endOfActivation(await send(device, options, generationCode));
    if (end.kind === 'unclear' || end.kind === 'denied') return { ...end, waitsFor: [] };
    if (end.kind !== 'complete') return refused(device, subenclosureId, end);
    if (!options.readStatus) return ended('complete', null);
    const after = await pollStatusEntry(device, subenclosureId, {
      moment: 'last',
      waitMs,
      statusTimeoutMs,
      limitMs: (status) => (status === 0x01 ? 0 : options.timeoutMs),
      onWaiting: options.onWaiting,
    });
    // A reset is what an activation looks like; no answer is not a failure either: the revision tells.
    if (after.kind === 'forgotten') return ended('complete', null);
    if (after.kind === 'frozen') return ended('frozen', after.failure);
    if (after.kind !== 'entry') return ended('unclear', after.failure);
    if (!again && staleGenerationCode(after, generationCode)) {
      ({ generationCode } = after.page);
      continue;
    }
    const { kind, keepPower, startsAt } = microcodeStatusFacts(after.entry.status);
    if (kind !== 'error') return { ...ended('complete', null), waitsFor: startsAt };
    return ended(keepPower ? 'frozen' : kindOfError(after.entry.status), failureOfStatus(after));
  }
}

function send(
  device: Device,
  { subenclosureId, bufferId, imageLengthBytes, timeoutMs, waitMs }: SesActivationOptions,
  generationCode: number,
): ReturnType<typeof sendChunk> {
  const command = downloadMicrocode(
    {
      subenclosureId,
      generationCode,
      mode: SES_MICROCODE_MODES.activate_mc,
      bufferId,
      bufferOffsetBytes: 0,
      imageLengthBytes,
      data: new Uint8Array(0),
    },
    timeoutMs,
  );
  const unchanged = (): Promise<boolean> => Promise.resolve(true);
  return sendChunk(device, command, { first: false, last: true, offset: null, waitMs, unchanged });
}

/** A refused SEND DIAGNOSTIC, and one reading of the status, which names the reason. */
async function refused(
  device: Device,
  subenclosureId: number,
  end: ActivationEnd,
): Promise<SesActivationEnd> {
  const read = await readStatusEntry(device, subenclosureId, { moment: 'last', waitMs: 0 });
  if (read.kind !== 'entry' || end.failure === null) return { ...end, waitsFor: [] };
  const { kind, keepPower } = microcodeStatusFacts(read.entry.status);
  if (kind !== 'error') return { ...end, waitsFor: [] };
  const { code, message, next } = failureOfStatus(read);
  const failure = { ...end.failure, code, message: `${end.failure.message}; ${message}`, next };
  const isNothing = kindOfError(read.entry.status) === 'nothing-waited';
  return ended(keepPower ? 'frozen' : isNothing ? 'nothing-waited' : end.kind, failure);
}

/** 80h at EXPECTED GENERATION CODE: something in the enclosure moved since the download. The image waits as before. */
function staleGenerationCode({ entry, page }: StatusEntry, sent: number): boolean {
  const named = entry.status === 0x80 && entry.additionalStatus >= 4 && entry.additionalStatus <= 7;
  return named && page.generationCode !== sent;
}

function failureOfStatus({ entry }: StatusEntry): Refusal {
  return refusalByStatus(entry, `activation: ${statusWithField(entry)}`);
}

/** 85h says that there was nothing to activate: the revision tells. */
const kindOfError = (status: number): 'nothing-waited' | 'failed' =>
  status === 0x85 ? 'nothing-waited' : 'failed';

const ended = (kind: ActivationEnd['kind'], failure: Refusal | null): SesActivationEnd => ({
  kind,
  failure,
  waitsFor: [],
});
