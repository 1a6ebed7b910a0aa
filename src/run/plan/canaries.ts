import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedStrategy } from '../../playbook/resolved.ts';
import { isGood } from '../facts/outcome.ts';
import type { Outcome } from '../facts/outcome.ts';
import { openEnd, openUnits } from '../records/open-units.ts';
import type { OpenUnit } from '../records/open-units.ts';
import { judgedOf, rememberedOf } from '../records/remembered-units.ts';
import type { RememberedUnits } from '../records/remembered-units.ts';
import { wasSelectedBy } from './absent.ts';
import type { Decision } from './decision.ts';

const WAITS =
  'Let its event happen, then run apply again. Where `pending` is proof enough, write `canary-accepts: pending`.';
const CLOSES =
  '`runbook verify --accept ID --because TEXT` closes it; where `on-refusal: skip` leaves it out, another one is drawn.';
const AGAIN = '`--retry` sends the image to it again.';

/** A unit that was to prove the play, and has not. */
export interface UnprovenCanary {
  readonly id: string;
  readonly outcome: Outcome;
  /** The earlier run that wrote to it; absent: this one did. */
  readonly run?: string;
}

/** Why no other unit is begun. */
export function whyCanary({ id, outcome, run }: UnprovenCanary): Refusal {
  const waits = outcome === 'pending';
  if (run === undefined)
    return refusal('canary-failed', { unit: id, outcome, inRun: '' }, waits ? { next: WAITS } : {});
  const next = waits ? `${WAITS} ${CLOSES}` : `${AGAIN} ${CLOSES}`;
  return refusal('canary-failed', { unit: id, outcome, inRun: ` in run ${run}` }, { next });
}

/** An earlier run has sent the image of this play to it, and has not proven it: it is a canary before all others. */
export const isUnproven = ({ imageSha256 }: ResolvedPlay, id: string, remembered: RememberedUnits): boolean =>
  openEnd(rememberedOf(remembered, { id }))?.device.imageSha256 === imageSha256;

/** What earlier runs leave to the canaries of this one. */
export interface Canaries {
  /** So many are still to be drawn: a unit that an earlier run has brought to this image is one that is proven. */
  readonly left: number;
  /** One that is not proven, and to which this run does nothing: it holds the others; null: none does. */
  readonly held: Refusal | null;
}

/**
 * Canaries count for the host, and not for one run: many runs do not write what one would not (decisions.md#order). Pure.
 *
 * @param decisions on all units that the play selects, also on those that `--only` leaves out
 */
export function canariesFor(
  play: ResolvedPlay,
  decisions: readonly Decision[],
  { canary, canaryAccepts }: Pick<ResolvedStrategy, 'canary' | 'canaryAccepts'>,
  remembered: RememberedUnits,
): Canaries {
  if (canary === 0) return { left: 0, held: null };
  const byId = new Map(decisions.map((decision) => [decision.facts.id, decision]));
  const found = openUnits(remembered.memory)
    .filter(({ device }) => device.imageSha256 === play.imageSha256)
    .flatMap((open) => unprovenCanary(open, byId.get(open.device.id), play, remembered));
  const updated = decisions.filter(
    ({ action, facts }) =>
      action === 'current' && rememberedOf(remembered, facts).record?.imageSha256 === play.imageSha256,
  );
  const [first, ...more] = found.filter(({ outcome }) => outcome !== canaryAccepts);
  const unproven = first === undefined ? 0 : more.length + 1;
  const left = Math.max(0, canary - updated.length - (found.length - unproven));
  return { left, held: first === undefined || left === 0 ? null : whyCanary(first) };
}

function unprovenCanary(
  open: OpenUnit,
  decision: Decision | undefined,
  play: ResolvedPlay,
  remembered: RememberedUnits,
): UnprovenCanary[] {
  const { device, run, frozen } = open;
  const outcome =
    judgedOf(remembered, device.id)?.result.outcome ?? (frozen === null ? open.outcome : 'frozen');
  if (isGood(outcome)) return [];
  // A unit that is away, or shows other names than before, has no decision.
  const isOfPlay = decision !== undefined || wasSelectedBy(play, open);
  const goesAgain = decision?.action === 'update' || decision?.action === 'follows';
  return isOfPlay && !goesAgain ? [{ id: device.id, outcome, run }] : [];
}
