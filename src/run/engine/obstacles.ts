import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import { canaryGate } from './canary.ts';
import type { MaybeCanary } from './canary.ts';
import { isFailure } from '../facts/outcome.ts';
import type { Outcome } from '../facts/outcome.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Running, UnitWork } from './running.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** Asked when the turn of a unit comes, and again right before its first byte; null: it may begin. */
export function whyNotBegun(
  { facts, play }: PlannedUnit,
  { plan, works, stop, bugs, recording }: Running,
): string | null {
  const { strategy } = plan.playbook;
  if (stop.requested !== null) return `stopped by ${stop.requested} before this device was begun`;
  if (bugs.length > 0) return 'runbook itself failed before this device was begun';
  const unkept = recording.whyNotBegin();
  if (unkept !== null) return unkept;
  const failures = works.filter(({ result }) => result !== null && isFailure(result.outcome)).length;
  if (failures > strategy.maxFailures)
    return `the run was halted: ${failures} failed or not proven before this device`;
  const ofPlay = works.filter(({ unit }) => unit.play === play);
  const gate = canaryGate(ofPlay.map(asCanary), strategy);
  if (gate.kind === 'closed') return gate.reason;
  const partner = partnerObstacle(facts, works, strategy) ?? frozenObstacle({ facts, play }, works);
  if (partner !== null) return partner;
  const refused = ofPlay.find(({ result }) => result?.outcome === 'refused');
  if (plan.haltOnRefusal && refused !== undefined) {
    return `${refused.unit.facts.id} was refused; \`on-refusal: skip\` goes on with the others`;
  }
  return null;
}

export const asCanary = ({ unit, result }: UnitWork): MaybeCanary => ({
  id: unit.facts.id,
  outcome: result?.outcome ?? null,
});

const AT_REVISION: readonly Outcome[] = ['updated', 'current'];

/** A play that comes after another one begins only on units that are where the earlier plays had to bring them. */
export function earlierPlayObstacle({ id }: DeviceFacts, works: readonly UnitWork[]): string | null {
  const short = works.find(
    ({ unit, result }) => unit.facts.id === id && result !== null && !AT_REVISION.includes(result.outcome),
  );
  return short === undefined
    ? null
    : `comes after play "${short.unit.play.name}", which ended ${short.result!.outcome} on this device`;
}

/** What became of another module of this enclosure keeps this one from being begun. */
function partnerObstacle(
  facts: DeviceFacts,
  works: readonly UnitWork[],
  { partnerAfter }: ResolvedStrategy,
): string | null {
  const enclosure = enclosureOf(facts);
  if (enclosure === null) return null;
  for (const { unit, result } of works) {
    if (unit.facts.id === facts.id || result === null || enclosureOf(unit.facts) !== enclosure) continue;
    const { outcome } = result;
    if (isFailure(outcome) || (outcome === 'pending' && partnerAfter !== 'pending')) {
      return `its partner ${unit.facts.id} in enclosure ${enclosure} ended ${outcome}`;
    }
  }
  return null;
}

/** A frozen enclosure is not reset, and no module of it is begun: also where it is not known which modules are its own. */
function frozenObstacle({ facts, play }: PlannedUnit, works: readonly UnitWork[]): string | null {
  const frozen = works.find(({ unit, result }) => unit.facts.id !== facts.id && result?.outcome === 'frozen');
  if (frozen === undefined) return null;
  const { id } = frozen.unit.facts;
  if (play.activate.some(({ step }) => step === 'reload-driver')) {
    return `${id} is frozen, and the step reload-driver would reset it`;
  }
  const known = enclosureOf(facts) !== null && enclosureOf(frozen.unit.facts) !== null;
  const enclosures = play.match.type === 'enclosure' && frozen.unit.play.match.type === 'enclosure';
  if (known || !enclosures) return null;
  return `${id} is frozen, and this may be another module of the same enclosure`;
}
