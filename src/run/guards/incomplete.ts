import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { isOurs } from '../records/interrupted-runs.ts';
import type { UnitWork } from '../records/journal-entry.ts';
import { unprovenSections } from '../records/knowledge.ts';
import { sentByInterrupted } from '../records/sent-before.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { meaningOf } from '../facts/revision.ts';
import { subenclosureOf } from '../facts/subenclosure.ts';
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

/**
 * The run that sent what the unit runs, where nothing has saved it: the next power cycle takes it away. null: none is known, or it does
 * not run any more.
 */
export function sentUnsaved(
  play: ResolvedPlay,
  { id, revision }: DeviceFacts,
  remembered: RememberedUnits,
): string | null {
  const { interrupted, record } = rememberedOf(remembered, { id });
  const runs = ({ proof, target }: Pick<UnitWork, 'proof' | 'target'>): boolean =>
    (proof.subenclosure ?? 0) === subenclosureOf(play) &&
    (proof.unchanged || meaningOf(proof, revision) === target);
  if (interrupted !== null) {
    const { run, device, knowledge } = interrupted;
    const { image, isVolatile } = sentByInterrupted(device, knowledge.known);
    return isVolatile === true && image !== 'not-accepted' && runs(device) ? run : null;
  }
  if (record?.sent?.isVolatile !== true || record.outcome !== 'updated' || record.after === null) return null;
  return runs(record) ? record.run : null;
}
