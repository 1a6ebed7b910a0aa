import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { meaningOf } from '../facts/revision.ts';
import type { UnitMemory } from '../records/memory.ts';
import type { UnitRecord } from '../records/unit-record.ts';
import { stillWaits } from '../records/waiting.ts';

/** The image that a plan wants to send, and what a person says against what is remembered. */
export interface Sending {
  /** Of a fresh INQUIRY. */
  readonly revision: string;
  /** null: an activation only, which is what a pending unit may wait for. */
  readonly imageSha256: string | null;
  /** `--retry` */
  readonly retry: boolean;
}

/** A unit was written already, and waits for an event; null: it does not wait. */
export function whyWaiting(memory: UnitMemory, { revision, imageSha256, retry }: Sending): Refusal | null {
  if (imageSha256 === null || retry || !stillWaits(memory, revision)) return null;
  const { run, before, pending } = memory.record!;
  return refusal('waits-for-event', { run, revision: before, events: pending!.join(', ') });
}

/** The unit was seen with this image, and shows another revision again; null: not so. */
export function whyFellBack(
  { record }: UnitMemory,
  { revision, imageSha256, retry }: Sending,
): Refusal | null {
  if (record === null || retry || !hasFallenBack(record, revision, imageSha256)) return null;
  const { run, before, target, after } = record;
  return refusal('fell-back', { run, from: before, revision: after ?? target, shows: revision });
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
export function whyEndedBadly({ record }: UnitMemory, { imageSha256, retry }: Sending): Refusal | null {
  if (record === null || retry) return null;
  const bad = record.endedBadly.find((end) => end.imageSha256 === imageSha256);
  if (bad === undefined) return null;
  const { outcome, run, reason } = bad;
  return refusal('ended-badly', { outcome, run, why: reason === null ? '' : `: ${reason}` });
}
