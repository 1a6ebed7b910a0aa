import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { isOurs } from '../records/interrupted-runs.ts';
import { unprovenSections } from '../records/knowledge.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { rememberedOf } from '../records/remembered-units.ts';
import type { RememberedUnits } from '../records/remembered-units.ts';

/** A unit that shows its target, and of which an earlier run knows that it lacks a section: the revision does not tell. */
export type Incomplete =
  /** All sections are sent again, from the first one. */
  | { readonly kind: 'again'; readonly reason: string }
  /** A person has to say so first, or an event has to come. */
  | {
      readonly kind: 'wait';
      readonly why: Refusal;
      /** Events that it waits for; null: it is refused. */
      readonly pending: readonly PendingEvent[] | null;
    };

/** null: nothing is known against it. */
export function incompleteAt(
  play: ResolvedPlay,
  unit: DeviceFacts,
  remembered: RememberedUnits,
): Incomplete | null {
  if (play.download.length < 2) return null;
  const { interrupted, record } = rememberedOf(remembered, unit);
  if (interrupted !== null && isOurs(interrupted, play.imageSha256)) {
    const lack = unprovenSections(interrupted.device, unit.revision);
    return lack === null
      ? null
      : {
          kind: 'again',
          reason: `run ${interrupted.run} was interrupted before all of its sections were ${lack}`,
        };
  }
  if (record === null || record.imageSha256 !== play.imageSha256 || record.after !== unit.revision) {
    return null;
  }
  const { retry } = remembered;
  const { run, reason, pending } = record;
  const said = reason === null ? '' : `: ${reason}`;
  if (record.outcome === 'pending' && !retry) {
    return { kind: 'wait', why: refusal('section-waits', { run, why: said }), pending: pending ?? [] };
  }
  if (record.outcome !== 'failed' && record.outcome !== 'pending') return null;
  const why = refusal('sections-unproven', { run, why: said });
  return retry ? { kind: 'again', reason: why.message } : { kind: 'wait', why, pending: null };
}
