import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { shownOf } from '../facts/subenclosure.ts';
import { earlierWorkOn, isActivatedBy } from '../records/earlier-work.ts';
import { rememberedOf } from '../records/remembered-units.ts';
import { waitingImageOf } from '../records/waiting-image.ts';
import { whyNotReached } from './adapter.ts';
import { whyEndedBadly, whyFellBack, whyWaiting } from './earlier-end.ts';
import type { Sending } from './earlier-end.ts';
import { frozenBefore, whyFrozen, whyFrozenPartner } from './frozen.ts';
import { healthRefusal } from './health.ts';
import { whyInterrupted } from './interrupted.ts';
import { whyNotModes } from './modes.ts';
import { whyOutage } from './outage.ts';
import { whyPartners, whyPartnersBefore } from './partners.ts';
import { whyUnlisted } from './revision.ts';
import { whyNoMicrocodePage } from './ses-pages.ts';
import { whyNotSteps } from './steps.ts';
import { whyNotActivated } from './waiting-image.ts';
import type { World } from './world.ts';

/** A unit that a play wants to write to. */
export interface Asked {
  readonly play: ResolvedPlay;
  /** As INQUIRY shows it, and as the play sees it: in its subenclosure. */
  readonly found: DeviceFacts;
  readonly unit: DeviceFacts;
  readonly world: World;
  /** `--recover` names it: what speaks against it is why it gets an image. */
  readonly recovering: boolean;
  /** It shows its target, and gets all sections again. */
  readonly again: boolean;
}

/** One reason not to write to a unit; null: it does not apply. Pure. */
type Guard = (asked: Asked) => Refusal | null;

/**
 * All reasons that a plan knows, in the order in which they are asked; the first one is told. Right before the first byte the unit
 * is asked again for what may have changed: `checkDevice` (../unit/check.ts) on the open device, and `UnitSurroundings`
 * (./surroundings.ts) around it.
 */
const GUARDS: readonly Guard[] = [
  ({ found, world: { remembered }, recovering }) => whyFrozen(rememberedOf(remembered, found), recovering),
  (asked) =>
    asked.recovering || startsWaiting(asked) ? null : whyWaiting(memoryOf(asked), sendingOf(asked)),
  (asked) => (asked.recovering ? null : whyFellBack(memoryOf(asked), sendingOf(asked))),
  (asked) => (asked.recovering ? null : whyEndedBadly(memoryOf(asked), sendingOf(asked))),
  (asked) =>
    asked.recovering ? null : whyNotActivated(memoryOf(asked), asked.play, asked.world.remembered.retry),
  ({ play, unit, recovering, again }) => (recovering || again ? null : whyUnlisted(play, unit)),
  (asked) =>
    asked.recovering ? null : whyInterrupted(memoryOf(asked), asked.play, asked.world.remembered.takeOver),
  ({ play, unit, world }) => whyNotReached(play, unit, world.playbook.strategy),
  ({ play, unit, world }) => whyNotModes(play, unit, world.playbook.strategy),
  ({ play, unit, world }) => whyNoMicrocodePage(play, unit, world.playbook.strategy),
  ({ found, world: { all, remembered }, recovering }) =>
    recovering ? null : whyFrozenPartner(found, frozenBefore(remembered.memory, all)),
  (asked) => {
    const { found, play, recovering } = asked;
    const { all, remembered, playbook } = asked.world;
    if (recovering) return null;
    const earlier = earlierWorkOn(memoryOf(asked), play, remembered);
    const activated = earlier?.kind === 'waiting' && earlier.isUsed ? earlier.image.imageSha256 : null;
    return whyPartnersBefore(found, all, remembered.memory, playbook.strategy, activated);
  },
  ({ play, unit, world: { all, playbook } }) => whyPartners(unit, all, play, playbook),
  ({ unit, world: { playbook } }) => whyOutage(unit.topology, playbook.strategy),
  ({ unit, world: { playbook } }) => healthRefusal(unit.health, playbook.strategy),
  ({ play, unit, world }) => whyNotSteps(play, unit, world),
];

/** The first reason not to write to a unit; null: it may be written to. */
export function firstRefusal(asked: Asked): Refusal | null {
  for (const guard of GUARDS) {
    const why = guard(asked);
    if (why !== null) return why;
  }
  return null;
}

/** The image that waits on the unit is the one that the play starts. */
function startsWaiting(asked: Asked): boolean {
  const image = waitingImageOf(memoryOf(asked));
  return image !== null && isActivatedBy(image, asked.play, asked.world.remembered.retry);
}

const memoryOf = ({ found, world: { remembered } }: Asked) => rememberedOf(remembered, found);

function sendingOf({ play, found, unit, again, world: { all, remembered } }: Asked): Sending {
  const { record } = rememberedOf(remembered, found);
  // It may speak of another logical unit that runs the same microcode.
  const written =
    record === null || record.unit === found.id ? found : all.find(({ id }) => id === record.unit);
  return {
    // A record speaks of the subenclosure that was written then.
    revision:
      written === undefined
        ? null
        : (shownOf(written, record?.proof.subenclosure ?? 0)?.revision ?? written.revision),
    imageSha256: play.download.length === 0 ? null : play.imageSha256,
    retry: remembered.retry,
    heard: found.attentions ?? [],
    unlisted: again || whyUnlisted(play, unit) === null ? null : unit.revision,
  };
}
