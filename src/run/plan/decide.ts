import { withoutText } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { alwaysSavesImage } from '../../playbook/modes.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { pastPlay } from '../facts/chain.ts';
import { because } from './decision.ts';
import type { Decision, PlanAction } from './decision.ts';
import { isOfSilentPath } from '../facts/inspect.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { healthWarnings } from '../guards/health.ts';
import { incompleteAt, sentUnsaved } from '../guards/incomplete.ts';
import { earlierWorkOn, isActivatedBy } from '../records/earlier-work.ts';
import { openEnd } from '../records/open-units.ts';
import { waitingImageOf } from '../records/waiting-image.ts';
import { whyUnusable } from '../guards/identity.ts';
import { frozenAndSilent } from '../guards/frozen.ts';
import { firstRefusal } from '../guards/list.ts';
import { meaningOf, revisionText } from '../facts/revision.ts';
import { asSeenBy, subenclosureMissing } from '../facts/subenclosure.ts';
import { goesOnWithoutPartners } from '../guards/partners.ts';
import { goesOnWithout } from '../guards/unreadable.ts';
import { isRecovering, judgedOf, rememberedOf } from '../records/remembered-units.ts';
import type { RememberedUnits } from '../records/remembered-units.ts';
import type { UnitMemory } from '../records/memory.ts';
import type { World } from '../guards/world.ts';

/** What a play is going to do with a unit that it selects. Pure. */
export function decide(play: ResolvedPlay, found: DeviceFacts, world: World): Decision {
  const { all, remembered, playbook } = world;
  const seen = asSeenBy(play, found);
  const unit = asJudged(play, seen ?? found, remembered);
  const about = { facts: unit, play: play.name };
  const decision = (action: PlanAction, reason: string): Decision => ({ ...about, action, reason });
  const refused = (why: Refusal): Decision => ({ ...about, ...because('refused', why) });
  const target = play.verify.revision;
  const runs = revisionText(play.verify, unit.revision);
  const meaning = meaningOf(play.verify, unit.revision);
  const recovering = isRecovering(unit, remembered);
  const isThere = meaning === target && !play.verify.unchanged;
  const unusable = whyUnusable(play, unit, found, all, playbook.strategy);
  // Where one of its paths is silent alone, what it says over the others was judged.
  const isJudged = unusable === null || isOfSilentPath(found);
  const standing =
    isThere && !recovering && isJudged && seen !== null ? standingAt(play, unit, remembered) : null;
  if (unusable !== null && standing?.kind !== 'stands')
    return { ...about, ...unaskedBy(unusable, play, found, remembered) };
  if (seen === null) return refused(subenclosureMissing(play));
  if (standing?.kind === 'stands') return { ...about, ...standing.decided };
  const incomplete = standing ?? (isThere && !recovering ? incompleteAt(play, unit, remembered) : null);
  if (incomplete?.kind === 'wait') {
    const { why, pending } = incomplete;
    return pending === null ? refused(why) : { ...about, ...because('pending', why), pending };
  }
  const unsavedBy = isThere || play.verify.unchanged ? sentUnsaved(play, unit, remembered) : null;
  const isSavedNow = unsavedBy !== null && savesAll(play) && !recovering;
  // A frozen unit may show its target: only the last check can say that it works again.
  if (
    incomplete === null &&
    !isSavedNow &&
    (!recovering || rememberedOf(remembered, unit).record?.frozen == null)
  ) {
    const lost =
      unsavedBy === null ? '' : `, not saved: its next power cycle takes away what run ${unsavedBy} sent`;
    const past = isThere ? `runs ${runs} already${lost}` : pastPlay(play, playbook.plays, found);
    if (past !== null) return decision('current', past);
  }
  const again = incomplete !== null || isSavedNow;
  const remembers = rememberedOf(remembered, unit);
  const why = firstRefusal({ play, found, unit, world, recovering, again });
  if (why !== null) return { ...about, ...refusedBy(why, play, remembers, remembered) };
  const earlier = recovering ? null : earlierWorkOn(remembers, play, remembered);
  const waiting = earlier?.kind === 'waiting' && earlier.isUsed ? earlier.image : null;
  const without = [
    ...goesOnWithout(unit, play, playbook.strategy),
    ...goesOnWithoutPartners(unit, all, playbook.strategy),
  ];
  const warnings = [...healthWarnings(unit.health, playbook.strategy), ...without.map(withoutText)];
  const update = (reason: string): Decision => ({
    ...decision('update', reason),
    ...(without.length > 0 && { without }),
    ...(warnings.length > 0 && { warnings }),
  });
  if (waiting !== null) {
    const what = `activates the image that run ${waiting.run} left waiting, and sends nothing`;
    const from = isThere ? `shows ${runs}` : `${runs} → ${target}`;
    const decided = update(`${from}: ${what}; no device tells which image waits`);
    return isThere ? { ...decided, again: true } : decided;
  }
  if (incomplete !== null)
    return { ...update(`shows ${runs}, and gets the whole image again: ${incomplete.reason}`), again: true };
  if (isSavedNow) {
    const what = `runs ${runs}, which run ${unsavedBy} sent without saving it`;
    return { ...update(`${what}: it gets the image again, and saved`), again: true };
  }
  return update(isThere ? `shows ${runs}, and is looked at again (--recover)` : `${runs} → ${target}`);
}

/** The look of `verify` is the later one: an image that was on its way may have started since the unit was found. */
function asJudged(play: ResolvedPlay, unit: DeviceFacts, remembered: RememberedUnits): DeviceFacts {
  const judged = remembered.judged?.get(unit.id);
  const isWell = judged?.imageSha256 === play.imageSha256 && judged.result.outcome === 'updated';
  return isWell && judged.result.after !== null ? { ...unit, revision: judged.result.after } : unit;
}

const savesAll = ({ download }: ResolvedPlay): boolean =>
  download.length > 0 && download.every(alwaysSavesImage);

/** What the verdict on an earlier run makes of a unit that shows its target. null: it is as it should be, or nobody knows more. */
function standingAt(
  play: ResolvedPlay,
  unit: DeviceFacts,
  remembered: RememberedUnits,
):
  | { readonly kind: 'again'; readonly reason: string }
  | {
      readonly kind: 'stands';
      readonly decided: Pick<Decision, 'action' | 'reason' | 'error' | 'verdict' | 'pending'>;
    }
  | null {
  const { retry } = remembered;
  const found = judgedOf(remembered, unit.id);
  if (found === undefined || found.imageSha256 !== play.imageSha256) return null;
  const { id, outcome, reason, error, pending } = found.result;
  // What is missing around another logical unit that runs this microcode says nothing of the microcode.
  if (outcome === 'updated' || (outcome === 'degraded' && id !== unit.id)) return null;
  const said = reason ?? outcome;
  const mayGoOn = found.isInterrupted && ['failed', 'unverified'].includes(outcome);
  const image = outcome === 'pending' ? waitingImageOf(rememberedOf(remembered, unit)) : null;
  // It shows its target before it runs it.
  const isStarted = image !== null && isActivatedBy(image, play, retry);
  if (mayGoOn || isStarted || (retry && outcome !== 'frozen')) return { kind: 'again', reason: said };
  const why = error ?? refusal('not-settled', { what: said });
  const beside = { reason: said, verdict: outcome };
  return outcome === 'pending'
    ? { kind: 'stands', decided: { ...because('pending', why), ...beside, pending: pending ?? [] } }
    : { kind: 'stands', decided: { ...because('refused', why), ...beside } };
}

/**
 * A unit that cannot be asked is refused; where an earlier run left it in a bad end, that stands, as `verify` says: nothing has shown
 * that it is over.
 */
function unaskedBy(
  why: Refusal,
  play: ResolvedPlay,
  unit: DeviceFacts,
  remembered: RememberedUnits,
): Pick<Decision, 'action' | 'reason' | 'error' | 'pending' | 'verdict'> {
  const open = openEnd(rememberedOf(remembered, unit));
  const isOurs = open?.frozen !== null || open.device.imageSha256 === play.imageSha256;
  if (open === null || !isOurs || unit.locked === true) return because('refused', why);
  if (open.frozen !== null)
    return { ...because('refused', frozenAndSilent(open, unit.id, why)), verdict: 'frozen' };
  const verdict = open.outcome;
  const { pending } = open;
  return { ...because('refused', why), verdict, ...(pending !== null && { pending }) };
}

/** A unit that waits for its event is pending, and not refused; what was judged of it stays its verdict. */
function refusedBy(
  why: Refusal,
  play: ResolvedPlay,
  memory: UnitMemory,
  remembered: RememberedUnits,
): Pick<Decision, 'action' | 'reason' | 'error' | 'pending' | 'verdict'> {
  switch (why.code) {
    case 'waits-for-event': {
      const isActivation = play.download.length === 0;
      const pending = isActivation ? waitingImageOf(memory)?.waitsFor : memory.record?.pending;
      return { ...because('pending', why), pending: pending ?? [] };
    }
    case 'frozen':
      return { ...because('refused', why), verdict: 'frozen' };
    case 'fell-back':
    case 'ended-badly': {
      const { outcome: verdict, pending } = judgedOf(remembered, memory.unit)?.result ?? {};
      return {
        ...because('refused', why),
        ...(verdict !== undefined && { verdict }),
        ...(pending != null && { pending }),
      };
    }
    default:
      return because('refused', why);
  }
}
