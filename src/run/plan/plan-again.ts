import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { whyNotOf } from '../facts/chain.ts';
import { decide } from './decide.ts';
import { because } from './decision.ts';
import type { Decision } from './decision.ts';
import { whoOf, whyAnother } from '../guards/identity.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Plan } from './plan.ts';
import { rememberedAfterUpdate } from '../records/remembered-units.ts';

/**
 * The decision of a play that comes after another one, from a fresh look at the host: everything that the first plan checked is
 * checked again (decisions.md#identity). Pure.
 *
 * @param planned what the first plan said of this unit and this play
 * @param updated ids of units that this run has updated so far
 */
export function decideAgain(
  { playbook, remembered, reviewed }: Pick<Plan, 'playbook' | 'remembered' | 'reviewed'>,
  play: ResolvedPlay,
  planned: Decision,
  all: readonly DeviceFacts[],
  updated: ReadonlySet<string>,
): Decision {
  const { id } = planned.facts;
  const refused = (facts: DeviceFacts, why: Refusal): Decision => ({
    facts,
    play: play.name,
    ...because('refused', why),
  });
  const found = all.find((unit) => unit.id === id);
  if (found === undefined) {
    const places = new Set(planned.facts.paths.map(({ hctl }) => hctl));
    const instead = all.find(({ paths }) => paths.some(({ hctl }) => places.has(hctl)));
    const another = instead && whyAnother(whoOf(planned.facts), whoOf(instead));
    return refused(planned.facts, another ?? refusal('not-there'));
  }
  const other = whyAnother(whoOf(planned.facts), whoOf(found));
  if (other !== null) return refused(found, other);
  const left = whyNotOf(play, playbook.plays, found);
  if (left !== null) return refused(found, refusal('no-longer-selected', { why: left }));
  const decision = decide(play, found, {
    playbook,
    all,
    remembered: rememberedAfterUpdate(remembered, updated),
  });
  const { revision: before } = planned.facts;
  const { facts, action } = decision;
  if (!reviewed || action !== 'update' || facts.revision === before) return decision;
  return refused(facts, refusal('changed-since-plan', { field: 'revision', before, now: facts.revision }));
}
