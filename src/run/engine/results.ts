import { refusal } from '../../base/refusal.ts';
import { totalBytes } from '../unit/check.ts';
import type { PlannedDevice } from '../facts/events.ts';
import { isOfSilentPath } from '../facts/inspect.ts';
import { isGood } from '../facts/outcome.ts';
import type { DeviceResult, Outcome, ResultEnd } from '../facts/outcome.ts';
import type { Decision, PlanAction } from '../plan/decision.ts';
import type { Plan } from '../plan/plan.ts';
import type { WorkOnUnit } from './running.ts';
import { unitResult } from '../unit/unit-result.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** A unit as events and the screen have it before work begins. */
export function plannedDevice(unit: PlannedUnit): PlannedDevice {
  const { facts, play } = unit;
  return {
    id: facts.id,
    play: play.name,
    node: facts.paths[0]?.sgNode ?? facts.id,
    vendor: facts.vendor,
    product: facts.product,
    before: facts.revision,
    target: play.verify.revision,
    totalBytes: totalBytes(unit),
  };
}

/** What a decision ends as where no work is done. What was to be done and never came to it was refused. */
const OUTCOMES: Readonly<Record<Exclude<PlanAction, 'not-selected'>, Outcome>> = {
  update: 'refused',
  follows: 'skipped',
  current: 'current',
  pending: 'pending',
  refused: 'refused',
  skipped: 'skipped',
};

/** The result of a unit that was not worked on. */
export function resultOf(
  { facts, action, reason, error: why, pending, verdict }: Decision,
  play: string,
): DeviceResult {
  const outcome = verdict ?? OUTCOMES[action === 'not-selected' ? 'skipped' : action];
  // What could be updated was not begun: something else keeps the whole run from being begun.
  const end: ResultEnd = isGood(outcome)
    ? { outcome, error: null }
    : { outcome, error: why ?? refusal('run-refused') };
  const isAsked = facts.problem === null || isOfSilentPath(facts);
  const isSeen = isAsked && (outcome === 'current' || outcome === 'pending' || verdict !== undefined);
  return unitResult({ facts, play: { name: play } }, end, {
    reason,
    seconds: 0,
    after: isSeen ? facts.revision : null,
    pending: pending ?? null,
  });
}

/** One for each unit and each play that selects it, in the order of the plan. */
export function resultsOf({ decisions }: Plan, works: readonly WorkOnUnit[]): DeviceResult[] {
  return decisions.flatMap((decision) => {
    const { facts, play, action } = decision;
    if (play === null || action === 'not-selected') return [];
    const work = works.find(({ unit }) => unit.facts.id === facts.id && unit.play.name === play);
    return [work?.result ?? resultOf(decision, play)];
  });
}

/**
 * Those that say how the run went: a play that was left out because an earlier one did not end well on the same unit adds
 * nothing to what the earlier one says, nor does a unit for which another one was written.
 */
export function tellingResults(results: readonly DeviceResult[]): DeviceResult[] {
  const stopped = new Set<string>();
  return results.filter(({ id, outcome, error }) => {
    if (outcome === 'skipped' && error.code === 'shares-microcode') return false;
    if (stopped.has(id) && outcome === 'skipped') return false;
    if (outcome !== 'updated' && outcome !== 'current') stopped.add(id);
    return true;
  });
}
