import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { canaryGate } from './canary.ts';
import type { CanaryGate, MaybeCanary } from './canary.ts';
import { isFailure } from '../facts/outcome.ts';
import type { Outcome } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Running, WorkOnUnit } from './running.ts';
import { frozenNow, whyFrozenPartner, whyFrozenReset } from '../guards/frozen.ts';
import { whyPartnersNow } from '../guards/partners.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** Asked when the turn of a unit comes, and again right before its first byte; null: it may begin. */
export function whyNotBegun(
  { facts, play }: PlannedUnit,
  { plan, works, stop, bugs, recording }: Running,
): Refusal | null {
  const { strategy } = plan.playbook;
  if (stop.requested !== null) return refusal('stopped', { signal: stop.requested });
  if (bugs.length > 0) return refusal('run-broken');
  const unkept = recording.whyNotBegin();
  if (unkept !== null) return unkept;
  const ended = works
    .filter(({ result }) => result !== null)
    .map(({ unit, result }) => ({ facts: unit.facts, outcome: result!.outcome }));
  const failures = ended.filter(({ outcome }) => isFailure(outcome)).length;
  if (failures > strategy.maxFailures) return refusal('too-many-failures', { count: strategy.maxFailures });
  const gate = gateOf(play, works, plan);
  if (gate.kind === 'closed') return gate.why;
  const frozen = ended
    .filter((other) => other.outcome === 'frozen' && other.facts.id !== facts.id)
    .map((other) => frozenNow(other.facts));
  const resets = play.activate.some(({ step }) => step === 'reload-driver');
  const partner =
    whyPartnersNow(facts, ended, strategy) ??
    (resets ? whyFrozenReset(frozen) : null) ??
    whyFrozenPartner(facts, frozen);
  if (partner !== null) return partner;
  if (!plan.haltOnRefusal) return null;
  const refused = works.find(({ unit, result }) => unit.play === play && result?.outcome === 'refused');
  return refused === undefined ? null : refusal('other-refused', { unit: refused.unit.facts.id });
}

/** @param works those of the play, or of all plays */
export const gateOf = (
  play: ResolvedPlay,
  works: Iterable<WorkOnUnit>,
  { canaries, playbook: { strategy } }: Pick<Plan, 'canaries' | 'playbook'>,
): CanaryGate => canaryGate(canariesOf(play, works), canaries.get(play.name) ?? 0, strategy.canaryAccepts);

/**
 * Those that an earlier run has left unproven come first. One by one: mostly the first few are asked for, and each of a thousand units
 * asks.
 */
function* canariesOf(play: ResolvedPlay, works: Iterable<WorkOnUnit>): Iterable<MaybeCanary> {
  for (const first of [true, false]) {
    for (const { unit, result } of works) {
      const { facts, unproven = false } = unit;
      if (unit.play === play && unproven === first) yield { id: facts.id, outcome: result?.outcome ?? null };
    }
  }
}

const AT_REVISION: readonly Outcome[] = ['updated', 'current'];

/** A play that comes after another one begins only on units that are where the earlier plays had to bring them. */
export function whyEarlierPlay({ id }: DeviceFacts, works: readonly WorkOnUnit[]): Refusal | null {
  const short = works.find(
    ({ unit, result }) => unit.facts.id === id && result !== null && !AT_REVISION.includes(result.outcome),
  );
  return short === undefined
    ? null
    : refusal('earlier-play', { play: short.unit.play.name, end: short.result!.outcome });
}
