import { RunbookError } from '../../base/errors.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { journalDevice } from './run-header.ts';
import { whyEarlierPlay, whyNotBegun } from './why-not-begun.ts';
import { isUnproven } from '../plan/canaries.ts';
import { because } from '../plan/decision.ts';
import type { Decision, PlanAction } from '../plan/decision.ts';
import { sharersAmong } from '../facts/domains.ts';
import { inspect } from '../facts/inspect.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { earlierWorkOn } from '../records/earlier-work.ts';
import { decideAgain } from '../plan/plan-again.ts';
import { matchPagesOf } from '../facts/match-bytes.ts';
import { plannedDevice, resultOf } from './results.ts';
import type { Running } from './running.ts';
import type { DeviceRun } from '../unit/device-run.ts';
import { rememberedAfterUpdate, rememberedOf } from '../records/remembered-units.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** Makes what works on a unit; `all`: every unit of the host as it is now. */
export type BeginUnit = (unit: PlannedUnit, all: readonly DeviceFacts[]) => DeviceRun;

/**
 * Plans a play that comes after another one again, from a fresh look at the host, when the earlier plays are through. Returns
 * the units to work on; every other one has its result afterwards. Rejects only for a bug.
 */
export async function planLaterPlay(
  play: ResolvedPlay,
  running: Running,
  begin: BeginUnit,
): Promise<DeviceRun[]> {
  const { plan, works, recording, emit } = running;
  const going: Decision[] = [];
  for (const decision of decisionsOf(play, running)) {
    const { facts } = decision;
    const why = whyEarlierPlay(facts, works) ?? whyNotBegun({ facts, play }, running);
    if (why === null) going.push(decision);
    else settle(play, { ...decision, ...because('skipped', why) }, running);
  }
  if (going.length === 0) return [];
  const all = await inspectAgain(running);
  if (!Array.isArray(all)) {
    for (const decision of going) settle(play, { ...decision, ...because('refused', all) }, running);
    return [];
  }
  const updated = new Set(works.flatMap(({ result }) => (result?.outcome === 'updated' ? [result.id] : [])));
  const remembered = rememberedAfterUpdate(plan.remembered, updated);
  const sharersOf = sharersAmong(all);
  return going.flatMap((planned) => {
    const decision = decideAgain(plan, play, planned, all, updated);
    if (decision.action !== 'update') {
      settle(play, decision, running);
      return [];
    }
    const { facts, again } = decision;
    const earlier = earlierWorkOn(rememberedOf(remembered, facts), play, remembered);
    const unit: PlannedUnit = {
      ...{ facts, play, earlier, ...(again && { again }), sharers: sharersOf(facts) },
      ...(isUnproven(play, facts.id, remembered) && { unproven: true }),
    };
    recording.planned(journalDevice(unit, plan));
    emit({ type: 'device-planned', device: plannedDevice(unit) });
    const device = begin(unit, all);
    works.push(device);
    return [device];
  });
}

/** What the first plan wanted to do by this play, at once or after another one. */
export function decisionsOf(play: ResolvedPlay, { plan }: Pick<Running, 'plan'>): Decision[] {
  const wanted: readonly PlanAction[] = ['update', 'follows'];
  return plan.decisions.filter((decision) => decision.play === play.name && wanted.includes(decision.action));
}

/** A unit that this play does not work on has its result, and its lines in the journal, nevertheless. */
export function settle(
  play: ResolvedPlay,
  decision: Decision,
  { plan, works, recording, emit }: Running,
): void {
  const unit = { facts: decision.facts, play };
  const result = resultOf(decision, play.name);
  recording.planned(journalDevice(unit, plan));
  works.push({ unit, result });
  emit({ type: 'device-finished', result });
}

async function inspectAgain({ plan, host, clock }: Running): Promise<DeviceFacts[] | Refusal> {
  const { plays } = plan.playbook;
  const types = new Set(plays.map(({ match }) => match.deviceType));
  try {
    return [...(await inspect(host, types, clock, matchPagesOf(plays)))];
  } catch (error) {
    if (error instanceof RunbookError) return (error as RunbookError).refusal;
    throw error;
  }
}
