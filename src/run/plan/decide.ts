import { withoutText } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { storeBlock } from '../records/questions.ts';
import { pastPlay } from '../facts/chain.ts';
import { because } from './decision.ts';
import type { Decision, PlanAction } from './decision.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { healthRefusal, healthWarnings } from '../guards/health.ts';
import { incompleteAt } from '../guards/incomplete.ts';
import { whyInterrupted } from '../guards/interrupted.ts';
import { whyNotActivated } from '../guards/waiting-image.ts';
import { earlierWorkOn, isActivatedBy } from '../records/earlier-work.ts';
import { waitingImageOf } from '../records/waiting-image.ts';
import { whyUnusable } from '../guards/identity.ts';
import { revisionUnlisted } from '../guards/revision.ts';
import { partnerMemory } from '../guards/partner-memory.ts';
import { partnerProblem } from '../guards/partners.ts';
import { outageObstacle } from '../facts/redundancy.ts';
import { meaningOf, revisionText } from '../facts/revision.ts';
import { stepObstacle } from '../guards/step-guard.ts';
import { asSeenBy, shownOf, subenclosureMissing } from '../facts/subenclosure.ts';
import { goesOnWithout } from '../guards/unreadable.ts';
import { wayObstacle } from '../guards/mode-guard.ts';
import { isRecovering, rememberedOf } from '../records/known-units.ts';
import type { KnownUnits } from '../records/known-units.ts';
import type { World } from '../guards/world.ts';

/** What a play is going to do with a unit that it selects. Pure. */
export function decide(play: ResolvedPlay, found: DeviceFacts, world: World): Decision {
  const { all, known, playbook } = world;
  const seen = asSeenBy(play, found);
  const unit = seen ?? found;
  const about = { facts: unit, play: play.name };
  const decision = (action: PlanAction, reason: string): Decision => ({ ...about, action, reason });
  const refused = (why: Refusal): Decision => ({ ...about, ...because('refused', why) });
  const unusable = whyUnusable(play, unit, found, all, playbook.strategy);
  if (unusable !== null) return refused(unusable);
  if (seen === null) return refused(subenclosureMissing(play));
  const target = play.verify.revision;
  const runs = revisionText(play.verify, unit.revision);
  const meaning = meaningOf(play.verify, unit.revision);
  const recovering = isRecovering(unit, known);
  const isThere = meaning === target && !play.verify.unchanged;
  const standing = isThere && !recovering ? standingAt(play, unit, known) : null;
  if (standing?.kind === 'stands') return { ...about, ...standing.decided };
  const incomplete = standing ?? (isThere && !recovering ? incompleteAt(play, unit, known) : null);
  if (incomplete?.kind === 'wait') {
    const { why, pending } = incomplete;
    return pending === null ? refused(why) : { ...about, ...because('pending', why), pending };
  }
  // A frozen unit may show its target: only the last check can say that it works again.
  if (incomplete === null && (!recovering || rememberedOf(known, unit).record?.frozen == null)) {
    const past = isThere ? `runs ${runs} already` : pastPlay(play, playbook.plays, found);
    if (past !== null) return decision('current', past);
  }
  const memory = remembered(play, found, known, recovering);
  if (memory !== null) return { ...about, ...memory };
  const remembers = rememberedOf(known, unit);
  const waits = recovering ? null : whyNotActivated(remembers, play, known.retry);
  if (waits?.code === 'waits-for-event')
    return { ...about, ...because('pending', waits), pending: waitingImageOf(remembers)?.waitsFor ?? [] };
  if (waits !== null) return refused(waits);
  const unlisted = recovering || incomplete !== null ? null : revisionUnlisted(play, unit);
  if (unlisted !== null) return refused(unlisted);
  const interrupted = recovering ? null : whyInterrupted(remembers, play, known.takeOver);
  if (interrupted !== null) return refused(interrupted);
  const earlier = recovering ? null : earlierWorkOn(remembers, play, known);
  const waiting = earlier?.kind === 'waiting' && earlier.isUsed ? earlier.image : null;
  const obstacle =
    wayObstacle(play, unit, playbook.strategy) ??
    (recovering ? null : partnerMemory(found, all, known, playbook.strategy, waiting?.imageSha256)) ??
    partnerProblem(unit, all, play, playbook) ??
    outageObstacle(unit.place, playbook.strategy) ??
    healthRefusal(unit.health, playbook.strategy) ??
    stepObstacle(play, unit, world);
  if (obstacle !== null) return refused(obstacle);
  const without = goesOnWithout(unit, playbook.strategy);
  const warnings = [...healthWarnings(unit.health, playbook.strategy), ...without.map(withoutText)];
  const update = (reason: string): Decision => ({
    ...decision('update', reason),
    ...(without.length > 0 && { without }),
    ...(warnings.length > 0 && { warnings }),
  });
  if (incomplete !== null)
    return { ...update(`runs ${runs} already, and ${incomplete.reason}`), again: true };
  if (waiting !== null) {
    const what = `activates the image that run ${waiting.run} left waiting, and sends nothing`;
    return update(`${runs} → ${target}: ${what}; no device tells which image waits`);
  }
  return update(isThere ? `runs ${runs} already, and is looked at again (--recover)` : `${runs} → ${target}`);
}

/** What the verdict on an earlier run makes of a unit that shows its target. null: it is as it should be, or nobody knows more. */
function standingAt(
  play: ResolvedPlay,
  unit: DeviceFacts,
  { judged, retry }: KnownUnits,
):
  | { readonly kind: 'again'; readonly reason: string }
  | {
      readonly kind: 'stands';
      readonly decided: Pick<Decision, 'action' | 'reason' | 'error' | 'verdict' | 'pending'>;
    }
  | null {
  const found = judged?.get(unit.id);
  if (found === undefined || found.imageSha256 !== play.imageSha256) return null;
  const { outcome, reason, error, pending } = found.result;
  if (outcome === 'updated') return null;
  const said = reason ?? outcome;
  const mayGoOn = found.isInterrupted && ['failed', 'pending', 'unverified'].includes(outcome);
  if (mayGoOn || (retry && outcome !== 'frozen')) return { kind: 'again', reason: said };
  const why = error ?? refusal('not-settled', { what: said });
  const beside = { reason: said, verdict: outcome };
  return outcome === 'pending'
    ? { kind: 'stands', decided: { ...because('pending', why), ...beside, pending: pending ?? [] } }
    : { kind: 'stands', decided: { ...because('refused', why), ...beside } };
}

/** What earlier runs say against it; null: nothing. */
function remembered(
  play: ResolvedPlay,
  unit: DeviceFacts,
  known: KnownUnits,
  recover: boolean,
): Pick<Decision, 'action' | 'reason' | 'error' | 'pending' | 'verdict'> | null {
  const { retry, judged } = known;
  const memory = rememberedOf(known, unit);
  const { record } = memory;
  if (record === null) return null;
  const block = storeBlock(memory, {
    // A record speaks of the subenclosure that was written then.
    revision: shownOf(unit, record.proof.subenclosure ?? 0)?.revision ?? unit.revision,
    imageSha256: play.download.length === 0 ? null : play.imageSha256,
    retry,
    recover,
  });
  if (block === null) return null;
  const image = waitingImageOf(memory);
  if (block.kind === 'pending' && image !== null && isActivatedBy(image, play, retry)) return null;
  if (block.kind === 'pending') return { ...because('pending', block.why), pending: record.pending ?? [] };
  const verdict = block.kind === 'frozen' ? 'frozen' : judged?.get(unit.id)?.result.outcome;
  return { ...because('refused', block.why), ...(verdict !== undefined && { verdict }) };
}
