import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { meaningOf } from '../facts/revision.ts';
import type { UnitMemory } from './memory.ts';
import type { UnitRecord } from './unit-record.ts';

/** What a plan knows about a unit when it asks. */
export interface Asked {
  /** Of a fresh INQUIRY. */
  readonly revision: string;
  /** The image that is to be sent; null: an activation only, which is what a pending unit may wait for. */
  readonly imageSha256: string | null;
  /** `--retry` */
  readonly retry: boolean;
  /** `--recover` names this unit. */
  readonly recover: boolean;
}

/**
 * Why a unit may not be written to again.
 *
 * - `pending`: written already, and waits for an event.
 * - `frozen`: nothing may be done to it but a recovery.
 * - `fell-back`: it was seen with this image, and shows another revision again.
 * - `ended-badly`: the same image was sent before, and was not proven.
 */
export interface StoreBlock {
  readonly kind: 'pending' | 'frozen' | 'fell-back' | 'ended-badly';
  readonly why: Refusal;
}

/** What is remembered against sending an image to a unit; null: nothing. Pure. */
export function storeBlock(memory: UnitMemory, asked: Asked): StoreBlock | null {
  const { record } = memory;
  if (record === null) return null;
  if (record.frozen !== null && !asked.recover) {
    const { run, reason } = record.frozen;
    return {
      kind: 'frozen',
      why: refusal('frozen', { run, why: reason === null ? '' : `: ${reason}`, unit: record.unit }),
    };
  }
  if (asked.imageSha256 === null || asked.recover) return null;
  if (!asked.retry && stillWaits(memory, asked.revision)) {
    const events = record.pending!.join(', ');
    return {
      kind: 'pending',
      why: refusal('waits-for-event', { run: record.run, revision: record.before, events }),
    };
  }
  if (!asked.retry && hasFallenBack(record, asked)) {
    const { run, before, target, after } = record;
    const values = { run, from: before, revision: after ?? target, shows: asked.revision };
    return { kind: 'fell-back', why: refusal('fell-back', values) };
  }
  const bad = record.endedBadly.find(({ imageSha256 }) => imageSha256 === asked.imageSha256);
  if (bad !== undefined && !asked.retry) {
    const { outcome, run, reason } = bad;
    return {
      kind: 'ended-badly',
      why: refusal('ended-badly', { outcome, run, why: reason === null ? '' : `: ${reason}` }),
    };
  }
  return null;
}

/** An image that nothing has saved is gone after a power cycle, as the playbook has accepted. */
const hasFallenBack = (record: UnitRecord, { revision, imageSha256 }: Asked): boolean =>
  record.outcome === 'updated' &&
  record.imageSha256 === imageSha256 &&
  record.after !== null &&
  record.accepted === undefined &&
  record.sent?.isVolatile !== true &&
  !record.proof.unchanged &&
  meaningOf(record.proof, record.after) === record.target &&
  meaningOf(record.proof, revision) !== record.target;

/** Still waiting: the revision is the old one, and the event cannot have come. */
export function stillWaits({ record, bootId }: UnitMemory, revision: string): boolean {
  if (record?.outcome !== 'pending' || record.pending === null || record.pending.length === 0) return false;
  return revision === record.before && !eventCame(record, bootId);
}

/** Only a reboot of this host can be seen from here; a shelf may have been power-cycled without us. */
export function eventCame({ pending, bootId }: UnitRecord, bootIdNow: string | null): boolean {
  const onlyReboot = pending?.length === 1 && pending[0] === 'reboot';
  return onlyReboot && bootId !== null && bootIdNow !== null && bootId !== bootIdNow;
}
