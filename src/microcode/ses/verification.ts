import { valueOf } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import { readDescriptor } from './begin.ts';
import { pollStatusEntry, readStatusEntry, refusalByStatus, statusWithField } from './status.ts';
import type { StatusEntry, StatusProblem } from './status.ts';
import type { Verification } from '../verification.ts';
import { waitReady } from '../wait-ready.ts';
import type { SubenclosureMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import { NOTHING_SAID } from '../last-word.ts';
import type { LastWord } from '../last-word.ts';

const STATUS_WAIT_MS = 5000;
const STARTS_NOW = 0x10;
const NOTHING_WAITED = 0x85;
/** After one that was not answered. */
const MORE_QUESTIONS = 2;
const NOT_UNDERSTOOD =
  'Do not power-cycle the device before you understand this: that answer, which is given only once, said how the download ended.';

/** What page 0Eh said behind the last byte. Reading a final status uses it up, so that it is kept from one look to the next. */
export interface ToldStatuses {
  /** Of each of our subenclosures, by SUBENCLOSURE IDENTIFIER. */
  readonly statuses: Map<number, SubenclosureMicrocodeStatus>;
  /** A reading without an answer, which may have used up how the download ended; null: there was none. */
  lost: Refusal | null;
}

export const nothingTold = (): ToldStatuses => ({ statuses: new Map(), lost: null });

/**
 * One look of the verification, completed by the enclosure pages. A secondary subenclosure is known by its own descriptor in
 * page 01h. And before the revision that `isNew` counts, page 01h can be read, nothing is in progress, and what page 0Eh says is
 * weighed. 00h proves nothing there: our own reading of a final status makes it (decisions.md#the-verdict).
 */
export async function verifyEnclosure(
  device: Device,
  seen: Verification,
  {
    subenclosureId,
    alsoWatched = [],
    statusTimeoutMs,
    isNew,
    told,
    isEndTold = true,
  }: {
    readonly subenclosureId: number;
    /** Subenclosures of other sections of the same download. */
    readonly alsoWatched?: readonly number[];
    readonly statusTimeoutMs?: number | undefined;
    readonly isNew: (revision: string) => boolean;
    /** Grows. */
    readonly told: ToldStatuses;
    /** False: the download itself was not told how it ended. */
    readonly isEndTold?: boolean;
  },
): Promise<Verification> {
  if (seen.revision === null) return seen;
  const read = await readDescriptor(device, subenclosureId);
  const descriptor = valueOf(read);
  const shown =
    subenclosureId === 0
      ? seen
      : { ...seen, revision: descriptor?.revision ?? null, product: descriptor?.product ?? null };
  const notReady = (problem: Refusal): Verification => ({ ...shown, ready: false, problem });
  if (descriptor === null) {
    if (read.kind === 'unreadable' && read.why.code === 'internal-failure')
      return { ...shown, ready: false, internalFailure: true, problem: read.why };
    const { cdb = null, sense = null } = read.kind === 'unreadable' ? read.why : {};
    return notReady(
      refusal('page-unreadable', { page: 'diagnostic page 01h (configuration)' }, { cdb, sense }),
    );
  }
  // Page 0Eh shows a final status once: it is left for the question after the last look.
  if (shown.revision === null || !isNew(shown.revision)) return shown;
  const ours = new Set([subenclosureId, ...alsoWatched]);
  // A restart behind what it said has made that old.
  if (device.news.attentions.some(({ asc }) => asc === 0x29)) {
    for (const [id, entry] of told.statuses)
      if (microcodeStatusFacts(entry.status).kind === 'success') told.statuses.delete(id);
  }
  if (!told.statuses.has(subenclosureId)) {
    const options = { moment: 'probe', waitMs: STATUS_WAIT_MS, statusTimeoutMs } as const;
    const read = await readStatusEntry(device, subenclosureId, options);
    if (read.kind === 'frozen') return { ...shown, internalFailure: true, problem: read.failure };
    if (read.kind !== 'entry') told.lost ??= read.failure;
    if (read.kind !== 'entry') return notReady(read.failure);
    told.lost ??= read.lost;
    for (const entry of read.page.subenclosures) {
      if (!ours.has(entry.subenclosureId)) continue;
      const { kind, startsAt } = microcodeStatusFacts(entry.status);
      if (kind === 'interim') return notReady(inProgress(entry, subenclosureId));
      if (kind !== 'idle') told.statuses.set(entry.subenclosureId, entry);
      if (startsAt.length > 0) device.forgetNews();
    }
  }
  // 00h behind an answer that was lost: that one may have said that the image failed, or waits. A restart says that it does not.
  const hasStarted = device.news.wentAway || device.news.attentions.some(tellsOfStart);
  const isLost = !isEndTold && !told.statuses.has(subenclosureId) && !hasStarted && told.lost !== null;
  const heard = isLost
    ? { ...shown, unheard: { ...told.lost!, code: 'final-status-lost', next: NOT_UNDERSTOOD } as const }
    : shown;
  return [...told.statuses.values()].reduce((look, entry) => weighed(look, entry, subenclosureId), heard);
}

/** What a final status makes of a look: 83h keep the power on, other errors are failures of the image, success may wait. */
function weighed(
  seen: Verification,
  entry: SubenclosureMicrocodeStatus,
  subenclosureId: number,
): Verification {
  const { kind, keepPower, startsAt } = microcodeStatusFacts(entry.status);
  const text = `${nameOf(entry, subenclosureId)}${statusWithField(entry)}`;
  if (keepPower) {
    const problem = refusalByStatus(entry, text);
    return { ...seen, internalFailure: true, problem };
  }
  // 85h is the answer to an activation where nothing waited: the revision tells.
  if (kind === 'error' && entry.status !== NOTHING_WAITED) {
    return { ...seen, reported: refusalByStatus(entry, text) };
  }
  return { ...seen, pending: [...new Set([...seen.pending, ...startsAt])] };
}

function inProgress(entry: SubenclosureMicrocodeStatus, subenclosureId: number): Refusal {
  const text = `${nameOf(entry, subenclosureId)}${microcodeStatusText(entry.status)}`;
  return refusal('still-writing', { what: text });
}

const nameOf = ({ subenclosureId: id }: SubenclosureMicrocodeStatus, subenclosureId: number): string =>
  id === subenclosureId ? '' : `subenclosure ${id}: `;

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
      moment: 'probe',
      waitMs: STATUS_WAIT_MS,
      statusTimeoutMs,
      limitMs: (status) => (status === 0x01 ? 0 : writingMs),
      onWaiting,
    });
  let read = await ask();
  // What an answer that was lost had in it is lost; where the question itself did not come, it is still there to be read.
  let lost: Refusal | null = null;
  for (let left = MORE_QUESTIONS; left > 0 && read.kind !== 'entry' && read.kind !== 'frozen'; left--) {
    lost ??= read.failure;
    await waitReady(device, { withinMs: STATUS_WAIT_MS });
    read = await ask();
  }
  if (read.kind === 'frozen') return { ...NOTHING_SAID, failure: read.failure, frozen: true };
  // A device that waited for the question starts its code now, whether its answer came or not.
  if (read.kind !== 'entry') return { ...NOTHING_SAID, startsNow: true };
  lost ??= read.lost;
  const { status } = read.entry;
  const { kind, keepPower, startsAt } = microcodeStatusFacts(status);
  const told = (kind === 'error' && status !== NOTHING_WAITED) || kind === 'interim';
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
