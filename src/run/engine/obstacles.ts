import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import { canaryGate } from './canary.ts';
import type { MaybeCanary } from './canary.ts';
import { isFailure } from '../facts/outcome.ts';
import type { Outcome } from '../facts/outcome.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Running, WorkOnUnit } from './running.ts';
import { partnerFrozen } from '../guards/partner-memory.ts';
import { named } from '../guards/partners.ts';
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
  const partner = partnerObstacle(facts, works, strategy) ?? frozenObstacle({ facts, play }, works);
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
export function earlierPlayObstacle({ id }: DeviceFacts, works: readonly WorkOnUnit[]): Refusal | null {
  const short = works.find(
    ({ unit, result }) => unit.facts.id === id && result !== null && !AT_REVISION.includes(result.outcome),
  );
  return short === undefined
    ? null
    : refusal('earlier-play', { play: short.unit.play.name, end: short.result!.outcome });
}

/** What became of another module of this enclosure keeps this one from being begun. */
function partnerObstacle(
  facts: DeviceFacts,
  works: readonly WorkOnUnit[],
  { partnerAfter }: ResolvedStrategy,
): Refusal | null {
  const enclosure = enclosureOf(facts);
  if (enclosure === null) return null;
  for (const { unit, result } of works) {
    if (unit.facts.id === facts.id || result === null || enclosureOf(unit.facts) !== enclosure) continue;
    const { outcome } = result;
    if (isFailure(outcome) || (outcome === 'pending' && partnerAfter !== 'pending')) {
      return refusal('partner-not-updated', { ...named(unit.facts), outcome });
    }
  }
  return null;
}

/** A frozen enclosure is not reset, and no module of it is begun: also where it is not known which modules are its own. */
function frozenObstacle({ facts, play }: PlannedUnit, works: readonly WorkOnUnit[]): Refusal | null {
  const frozen = works.find(({ unit, result }) => unit.facts.id !== facts.id && result?.outcome === 'frozen');
  if (frozen === undefined) return null;
  const { id } = frozen.unit.facts;
  if (play.activate.some(({ step }) => step === 'reload-driver')) {
    return refusal('frozen-reset', { unit: id, since: '' });
  }
  const known = enclosureOf(facts) !== null && enclosureOf(frozen.unit.facts) !== null;
  const enclosures = play.match.type === 'enclosure' && frozen.unit.play.match.type === 'enclosure';
  if (known || !enclosures) return null;
  return partnerFrozen(id, null, '');
}
