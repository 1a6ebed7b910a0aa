import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { readDescriptor } from './begin.ts';
import { pollStatusEntry, readStatusEntry, refusalByStatus } from './status.ts';
import type { StatusEntry, StatusProblem } from './status.ts';
import type { Verification } from '../verification.ts';
import { waitReady } from '../wait-ready.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import { NOTHING_SAID } from '../last-word.ts';
import type { LastWord } from '../last-word.ts';

const STATUS_WAIT_MS = 5000;
const STARTS_NOW = 0x10;
/** After one that was not answered. */
const MORE_QUESTIONS = 2;
const NOT_UNDERSTOOD =
  'Do not power-cycle the device before this is understood: how its download ended was in that answer, and it says it once.';

/**
 * One look of the verification, completed by the enclosure pages. A secondary subenclosure is known by its own descriptor in
 * page 01h. And before the revision that `isNew` counts, page 01h can be read and nothing is in progress
 * (decisions.md#the-verdict).
 */
export async function lookAtEnclosure(
  device: Device,
  seen: Verification,
  {
    subenclosureId,
    alsoWatched = [],
    statusTimeoutMs,
    isNew,
  }: {
    readonly subenclosureId: number;
    /** Subenclosures where nothing may be in progress either. */
    readonly alsoWatched?: readonly number[];
    readonly statusTimeoutMs?: number | undefined;
    readonly isNew: (revision: string) => boolean;
  },
): Promise<Verification> {
  if (seen.revision === null) return seen;
  const descriptor = await readDescriptor(device, subenclosureId);
  const shown =
    subenclosureId === 0
      ? seen
      : { ...seen, revision: descriptor?.revision ?? null, product: descriptor?.product ?? null };
  const notReady = (problem: Refusal): Verification => ({ ...shown, ready: false, problem });
  if (descriptor === null) {
    return notReady(refusal('page-unreadable', { page: 'diagnostic page 01h (configuration)' }));
  }
  // Page 0Eh shows a final status once: it is left for the question after the last look.
  if (shown.revision === null || !isNew(shown.revision)) return shown;
  const options = { moment: 'look', waitMs: STATUS_WAIT_MS, statusTimeoutMs } as const;
  const read = await readStatusEntry(device, subenclosureId, options);
  if (read.kind !== 'entry') return notReady(read.failure);
  const atWork = read.page.subenclosures.find(
    ({ subenclosureId: id, status }) =>
      (id === subenclosureId || alsoWatched.includes(id)) && microcodeStatusFacts(status).kind === 'interim',
  );
  if (atWork === undefined) return shown;
  const where = atWork.subenclosureId === subenclosureId ? '' : `subenclosure ${atWork.subenclosureId}: `;
  const text = `${where}${microcodeStatusText(atWork.status)}`;
  return notReady(refusal('still-writing', { what: text }));
}

/**
 * Page 0Eh, answered once, where it was not told during the download how it ended: 80h–85h and 11h–13h count. A device that is
 * still writing its flash memory is waited for.
 */
export async function askHowItEnded(
  device: Device,
  subenclosureId: number,
  {
    writingMs,
    statusTimeoutMs,
    onWaiting,
  }: {
    readonly writingMs: number;
    readonly statusTimeoutMs?: number | undefined;
    readonly onWaiting: (what: string, withinMs: number) => void;
  },
): Promise<LastWord> {
  const ask = (): Promise<StatusEntry | StatusProblem> =>
    pollStatusEntry(device, subenclosureId, {
      moment: 'look',
      waitMs: STATUS_WAIT_MS,
      statusTimeoutMs,
      limitMs: (status) => (status === 0x01 ? 0 : writingMs),
      onWaiting,
    });
  let read = await ask();
  // What an answer that was lost had in it is lost; where the question itself did not come, it is still there to be read.
  let lost: Refusal | null = null;
  for (let left = MORE_QUESTIONS; left > 0 && read.kind !== 'entry' && read.kind !== 'freeze'; left--) {
    lost ??= read.failure;
    await waitReady(device, { withinMs: STATUS_WAIT_MS });
    read = await ask();
  }
  if (read.kind === 'freeze') return { ...NOTHING_SAID, failure: read.failure, frozen: true };
  // A device that waited for the question starts its code now, whether its answer came or not.
  if (read.kind !== 'entry') return { ...NOTHING_SAID, startsNow: true };
  lost ??= read.lost;
  const { status } = read.entry;
  const { kind, keepPower, startsAt } = microcodeStatusFacts(status);
  const told = kind === 'error' || kind === 'interim';
  return {
    failure: told ? refusalByStatus(read.entry) : null,
    frozen: keepPower,
    pending: startsAt,
    // By the standard the new code starts after this status was returned, and not before (SES).
    startsNow: status === STARTS_NOW || (kind === 'idle' && lost !== null),
    lostAnswer:
      kind === 'idle' && lost !== null ? { ...lost, code: 'final-status-lost', next: NOT_UNDERSTOOD } : null,
    mayHaveStarted: kind === 'idle' || (kind === 'error' && !keepPower),
  };
}
