import { valueOf } from '../../base/facts.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';
import type { MicrocodeEvent } from '../../scsi/microcode-event.ts';
import { deferredImageWaits } from '../deferred-image.ts';
import { pollStatusEntry, refusalByStatus, statusWithField } from './status.ts';

/** What an earlier download left in a subenclosure. */
export type EarlierSesDownload =
  | { readonly kind: 'nothing' }
  /** 01h: in the middle of an image. */
  | { readonly kind: 'partial' }
  | {
      readonly kind: 'complete';
      readonly waitsFor: readonly MicrocodeEvent[];
      readonly replaceable: false;
    }
  | { readonly kind: 'refused'; readonly failure: Refusal };

/**
 * Reads page 0Eh before a download, where an earlier run died. A final status is shown once: what it says is used here. An
 * enclosure that still writes its flash memory is waited for.
 *
 * @param options.writingMs how long 02h and 03h are waited for
 */
export async function earlierSesDownload(
  device: Device,
  options: {
    readonly subenclosureId: number;
    readonly waitMs: number;
    readonly writingMs: number;
    readonly statusTimeoutMs?: number | undefined;
    readonly onWaiting: (what: string, withinMs: number) => void;
  },
): Promise<EarlierSesDownload> {
  const { subenclosureId, writingMs } = options;
  const read = await pollStatusEntry(device, subenclosureId, {
    ...options,
    moment: 'probe',
    limitMs: (status) => (status === 0x01 ? 0 : writingMs),
  });
  if (read.kind !== 'entry') return { kind: 'refused', failure: read.failure };
  const { status } = read.entry;
  const { kind, keepPower, startsAt } = microcodeStatusFacts(status);
  if (status === 0x01) return { kind: 'partial' };
  if (kind === 'success') return { kind: 'complete', waitsFor: startsAt, replaceable: false };
  if (kind === 'interim' || keepPower) {
    const message = `subenclosure ${subenclosureId}: ${statusWithField(read.entry)}`;
    return { kind: 'refused', failure: refusalByStatus(read.entry, message) };
  }
  // 13h was shown to somebody else, maybe to the run that died; REQUEST SENSE says it as often as it is asked.
  const waits = await deferredImageWaits(device);
  if (waits.kind === 'unreadable') return { kind: 'refused', failure: waits.why };
  return valueOf(waits) === true
    ? { kind: 'complete', waitsFor: MICROCODE_EVENTS, replaceable: false }
    : { kind: 'nothing' };
}
