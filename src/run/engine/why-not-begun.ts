import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { canaryGate } from './canary.ts';
import type { MaybeCanary } from './canary.ts';
import { isFailure } from '../facts/outcome.ts';
import type { Outcome } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Running, WorkOnUnit } from './running.ts';
import { frozenNow, whyFrozenPartner, whyFrozenReset } from '../guards/frozen.ts';
import { whyPartnersNow } from '../guards/partners.ts';
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
  const failures = works.filter(({ result }) => result !== null && isFailure(result.outcome)).length;
  if (failures > strategy.maxFailures) return refusal('too-many-failures', { count: failures });
  const ofPlay = works.filter(({ unit }) => unit.play === play);
  const gate = canaryGate(ofPlay.map(asCanary), strategy);
  if (gate.kind === 'closed') return gate.why;
  const ended = works.flatMap(({ unit, result }) =>
    result === null ? [] : [{ facts: unit.facts, outcome: result.outcome }],
  );
  const frozen = ended
    .filter((other) => other.outcome === 'frozen' && other.facts.id !== facts.id)
    .map((other) => frozenNow(other.facts));
  const resets = play.activate.some(({ step }) => step === 'reload-driver');
  const partner =
    whyPartnersNow(facts, ended, strategy) ??
    (resets ? whyFrozenReset(frozen) : null) ??
    whyFrozenPartner(facts, frozen);
  if (partner !== null) return partner;
  const refused = ofPlay.find(({ result }) => result?.outcome === 'refused');
  if (!plan.haltOnRefusal || refused === undefined) return null;
  return refusal('other-refused', { unit: refused.unit.facts.id });
}

export const asCanary = ({ unit, result }: WorkOnUnit): MaybeCanary => ({
  id: unit.facts.id,
  outcome: result?.outcome ?? null,
});

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
