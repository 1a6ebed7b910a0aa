import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { isOurs } from '../records/dead-runs.ts';
import { unprovenSections } from '../records/knowledge.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { KnownUnits } from '../records/known-units.ts';

/** A unit that shows its target, and of which an earlier run knows that it lacks a section: the revision does not tell. */
export type Incomplete =
  /** All sections are sent again, from the first one. */
  | { readonly kind: 'again'; readonly reason: string }
  /** A person has to say so first, or an event has to come. */
  | {
      readonly kind: 'wait';
      readonly decided: {
        readonly action: 'pending' | 'refused';
        readonly reason: string;
        readonly next: string;
        readonly pending?: readonly PendingEvent[];
      };
    };

/** null: nothing is known against it. */
export function incompleteAt(
  play: ResolvedPlay,
  unit: DeviceFacts,
  { records, leftBehind, retry }: KnownUnits,
): Incomplete | null {
  if (play.download.length < 2) return null;
  const dead = leftBehind?.dead.get(unit.id);
  if (dead !== undefined && isOurs(dead, play.imageSha256)) {
    const lack = unprovenSections(dead.device, unit.revision);
    return lack === null
      ? null
      : { kind: 'again', reason: `run ${dead.run} died before all of its sections were ${lack}` };
  }
  const record = records.get(unit.id);
  if (record === undefined || record.imageSha256 !== play.imageSha256 || record.after !== unit.revision) {
    return null;
  }
  const { run, reason: why, pending } = record;
  if (record.outcome === 'pending' && !retry) {
    const next = `Let the event happen, then: runbook verify ${run}. To send all sections again: --retry`;
    const reason = `was written by run ${run}${why === null ? '' : `: ${why}`}`;
    return { kind: 'wait', decided: { action: 'pending', reason, next, pending: pending ?? [] } };
  }
  if (record.outcome !== 'failed' && record.outcome !== 'pending') return null;
  const reason = `not all of its sections are proven since run ${run}${why === null ? '' : `: ${why}`}`;
  if (retry) return { kind: 'again', reason };
  const next = `Look at what happened: runbook history ${run}. To send all of them again: --retry`;
  return { kind: 'wait', decided: { action: 'refused', reason, next } };
}
