import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { storeBlock } from '../records/questions.ts';
import { pastPlay } from '../facts/chain.ts';
import type { Decision, Obstacle, PlanAction } from './decision.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { incompleteAt } from '../guards/incomplete.ts';
import { deadRunObstacle } from '../records/left-behind.ts';
import { nodeOf } from '../facts/nodes.ts';
import { partnerMemory } from '../guards/partner-memory.ts';
import { partnerProblem } from '../guards/partners.ts';
import { outageObstacle } from '../facts/redundancy.ts';
import { meaningOf, revisionText } from '../facts/revision.ts';
import { stepObstacle } from '../guards/step-guard.ts';
import { asSeenBy, shownOf, subenclosureMissing } from '../facts/subenclosure.ts';
import { wayObstacle } from '../guards/mode-guard.ts';
import { NOTHING_LEFT, isRecovering } from '../records/known-units.ts';
import type { KnownUnits } from '../records/known-units.ts';
import type { World } from '../guards/world.ts';

/** What a play is going to do with a unit that it selects. Pure. */
export function decide(play: ResolvedPlay, found: DeviceFacts, world: World): Decision {
  const { all, known, playbook } = world;
  const seen = asSeenBy(play, found);
  const unit = seen ?? found;
  const decision = (action: PlanAction, reason: string, next?: string): Decision => ({
    facts: unit,
    play: play.name,
    action,
    reason,
    ...(next !== undefined && { next }),
  });
  const refused = ({ reason, next }: Obstacle): Decision => decision('refused', reason, next);
  const unusable = whyUnusable(play, unit, found, all);
  if (unusable !== null) return refused(unusable);
  if (seen === null) {
    const { message, next } = subenclosureMissing(play);
    return decision('refused', message, next);
  }
  const target = play.verify.revision;
  const runs = revisionText(play.verify, unit.revision);
  const meaning = meaningOf(play.verify, unit.revision);
  const recovering = isRecovering(unit, known);
  const isThere = meaning === target && !play.verify.unchanged;
  const incomplete = isThere && !recovering ? incompleteAt(play, unit, known) : null;
  if (incomplete?.kind === 'wait') return { ...decision('refused', ''), ...incomplete.decided };
  // A frozen unit may show its target: only the last check can say that it works again.
  if (incomplete === null && (!recovering || known.records.get(unit.id)?.frozen == null)) {
    const past = isThere ? `runs ${runs} already` : pastPlay(play, playbook.plays, found);
    if (past !== null) return decision('current', past);
  }
  const memory = remembered(play, found, known, recovering);
  if (memory !== null) return { ...decision(memory.action, ''), ...memory };
  const { revision } = play.match;
  if (
    !recovering &&
    incomplete === null &&
    !revision.includes('*') &&
    !revision.includes(unit.revision) &&
    !revision.includes(meaning)
  ) {
    const listed = revision.map((word) => `"${word}"`).join(', ');
    return decision('refused', `runs "${unit.revision}", which match.revision (${listed}) does not list`);
  }
  const left = recovering ? null : deadRunObstacle(unit.id, play, known.leftBehind ?? NOTHING_LEFT);
  if (left !== null) return refused(left);
  const obstacle =
    wayObstacle(play, unit) ??
    (recovering ? null : partnerMemory(found, all, known, playbook.strategy)) ??
    partnerProblem(unit, all, play, playbook) ??
    outageObstacle(unit.place, playbook.strategy) ??
    stepObstacle(play, unit, world);
  if (obstacle !== null) return decision('refused', obstacle);
  if (incomplete !== null)
    return { ...decision('update', `runs ${runs} already, and ${incomplete.reason}`), again: true };
  return decision(
    'update',
    isThere ? `runs ${runs} already, and is looked at again (--recover)` : `${runs} → ${target}`,
  );
}

/** It cannot be said which unit it is, or what it says cannot be believed. */
function whyUnusable(
  play: ResolvedPlay,
  unit: DeviceFacts,
  found: DeviceFacts,
  all: readonly DeviceFacts[],
): Obstacle | null {
  if (unit.problem !== null) return { reason: unit.problem.message, next: unit.problem.next };
  if (unit.identity?.logicalUnit == null && play.match.identity === null) {
    return { reason: 'has no usable identity (no NAA or EUI-64 in VPD page 83h); name it in match.identity' };
  }
  const twin = all.find((other) => other !== found && mayBeOneUnit(other, unit));
  if (twin === undefined) return null;
  return {
    reason: `${nodeOf(unit)} and ${nodeOf(twin)} share ${unit.id} and may be one unit over two paths`,
  };
}

/** Without a designator of the logical unit nothing merges two paths; an equal id is reason enough not to write over both. */
function mayBeOneUnit(a: DeviceFacts, b: DeviceFacts): boolean {
  return a.identity?.logicalUnit === null && b.identity?.logicalUnit === null && a.id === b.id;
}

/** What earlier runs say against it; null: nothing. */
function remembered(
  play: ResolvedPlay,
  unit: DeviceFacts,
  { records, bootId, retry }: KnownUnits,
  recover: boolean,
): Pick<Decision, 'action' | 'reason' | 'next' | 'pending'> | null {
  const record = records.get(unit.id);
  if (record === undefined) return null;
  const block = storeBlock(record, {
    // A record speaks of the subenclosure that was written then.
    revision: shownOf(unit, record.proof.subenclosure ?? 0)?.revision ?? unit.revision,
    imageSha256: play.download.length === 0 ? null : play.imageSha256,
    bootId,
    retry,
    recover,
  });
  if (block === null) return null;
  const { reason, next } = block;
  return block.kind === 'pending'
    ? { action: 'pending', reason, next, pending: record.pending ?? [] }
    : { action: 'refused', reason, next };
}
