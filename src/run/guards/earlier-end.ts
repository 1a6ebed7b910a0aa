import { refusal } from '../../base/refusal.ts';
import type { Refusal, RefusalFacts } from '../../base/refusal.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import { senseText } from '../../scsi/sense.ts';
import { meaningOf } from '../facts/revision.ts';
import { onText, throughText } from '../records/device-memory.ts';
import type { UnitMemory } from '../records/memory.ts';
import type { Restart } from '../facts/evidence.ts';
import type { UnitRecord } from '../records/unit-record.ts';
import { stillWaits } from '../records/waiting.ts';

/** The image that a plan wants to send, and what a person says against what is remembered. */
export interface Sending {
  /** Of a fresh INQUIRY to the unit that was written; null: that one is another logical unit of the device, and is not there. */
  readonly revision: string | null;
  /** Unit attentions that this look has met; absent: none. */
  readonly heard?: readonly Restart[];
  /** null: an activation only, which is what a pending unit may wait for. */
  readonly imageSha256: string | null;
  /** `--retry` */
  readonly retry: boolean;
  /** What the unit runs, where `match.revision` does not list it: --retry alone sends nothing then. Absent: listed. */
  readonly unlisted?: string | null;
}

/** A unit was written already, and waits for an event; null: it does not wait. */
export function whyWaiting(memory: UnitMemory, { revision, imageSha256, retry }: Sending): Refusal | null {
  const { record } = memory;
  if (record === null || imageSha256 === null || retry || !stillWaits(memory, revision ?? record.before))
    return null;
  const { run, before, pending } = record;
  const through = throughText(memory.unit, record.unit);
  return waitsForEvent(record, { run, through, revision: before, events: pending!.join(', ') });
}

/** @param record of the unit; null: none is kept */
export function waitsForEvent(
  record: UnitRecord | null,
  waits: {
    readonly run: string;
    readonly through: string;
    readonly revision: string;
    readonly events: string;
  },
): Refusal {
  const settled = settledBy(record);
  // `verify` does not look at what a person has closed.
  const next =
    'Let the event happen, unless it has happened already; then run apply again. --retry sends the image once more.';
  return refusal('waits-for-event', { ...waits, settled }, settled === '' ? {} : { next });
}

const settledBy = (record: UnitRecord | null): string =>
  record?.accepted === undefined ? '' : ` (settled by a person: ${record.accepted.because})`;

/** The unit was seen with this image, and shows another revision again; null: not so. */
export function whyFellBack(
  memory: UnitMemory,
  { revision, imageSha256, retry, heard = [], unlisted }: Sending,
): Refusal | null {
  const { record } = memory;
  if (record === null || retry || revision === null || !hasFallenBack(record, revision, imageSha256))
    return null;
  const { run, before, target, after } = record;
  // What the run itself heard came with the image.
  const told = [...(record.restarts ?? []), ...heard]
    .filter(tellsOfStart)
    .map(({ asc, ascq }) => senseText({ key: 6, asc, ascq }));
  const since = told.length === 0 ? '' : `; since then it reported ${[...new Set(told)].join(', ')}`;
  const values = {
    run,
    on: onText(memory.unit, record.unit),
    from: before,
    revision: after ?? target,
    seen: seenText(record),
    shows: `${revision} ${revision === before ? 'again' : 'now'}`,
    since,
  };
  return refusal('fell-back', values, retryFacts(run, unlisted));
}

/** What helps instead of the usual --retry, where that would be refused. */
const retryFacts = (run: string, unlisted: string | null = null): RefusalFacts =>
  unlisted === null
    ? {}
    : {
        next: `It runs "${unlisted}" now, which match.revision does not list. See runbook history ${run}, and ask the vendor whether this image may be sent to it. Only then add that revision to \`match.revision\`, and use --retry.`,
      };

/** When it was seen there last, and by which run. */
function seenText({ run, seen }: UnitRecord): string {
  if (seen === undefined) return '';
  return seen.run === run ? ` (${seen.at})` : `, and run ${seen.run} saw it there last (${seen.at})`;
}

/** An image that nothing has saved is gone after a power cycle, as the playbook has accepted. */
const hasFallenBack = (record: UnitRecord, revision: string, imageSha256: string | null): boolean =>
  record.outcome === 'updated' &&
  record.imageSha256 === imageSha256 &&
  record.after !== null &&
  record.accepted === undefined &&
  record.sent?.isVolatile !== true &&
  !record.proof.unchanged &&
  meaningOf(record.proof, record.after) === record.target &&
  meaningOf(record.proof, revision) !== record.target;

/** The same image was sent before, and was not proven; null: not so. */
export function whyEndedBadly(memory: UnitMemory, { imageSha256, retry, unlisted }: Sending): Refusal | null {
  const { record, interrupted } = memory;
  if (record === null || retry) return null;
  // Somebody has sent it again since, and said so: what that run began goes on without another word.
  if (interrupted?.device.imageSha256 === imageSha256 && interrupted.knowledge.known !== 'nothing-sent')
    return null;
  const bad = record.endedBadly.find((end) => end.imageSha256 === imageSha256);
  if (bad === undefined) return null;
  const { outcome, run, reason } = bad;
  const on = onText(memory.unit, record.unit);
  const why = reason === null ? '' : `: ${reason}`;
  const settled = run === record.run ? settledBy(record) : '';
  return refusal('ended-badly', { outcome, on, run, settled, why }, retryFacts(run, unlisted));
}
