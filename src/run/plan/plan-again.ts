import { contradicts } from '../../device/identity.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { whyNotOf } from '../facts/chain.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Plan } from './plan.ts';
import { knownAfterUpdate } from '../records/known-units.ts';

/**
 * The decision of a play that comes after another one, from a fresh look at the host: everything that the first plan checked is
 * checked again (decisions.md#identity). Pure.
 *
 * @param planned what the first plan said of this unit and this play
 * @param updated ids of units that this run has updated so far
 */
export function decideAgain(
  { playbook, known, reviewed }: Pick<Plan, 'playbook' | 'known' | 'reviewed'>,
  play: ResolvedPlay,
  planned: Decision,
  all: readonly DeviceFacts[],
  updated: ReadonlySet<string>,
): Decision {
  const { id } = planned.facts;
  const refused = (facts: DeviceFacts, reason: string): Decision => ({
    facts,
    play: play.name,
    action: 'refused',
    reason,
  });
  const found = all.find((unit) => unit.id === id);
  if (found === undefined) {
    return refused(planned.facts, 'is not there any more; look for it with: runbook devices --probe');
  }
  const other = whyAnother(planned.facts, found);
  if (other !== null) return refused(found, other);
  const left = whyNotOf(play, playbook.plays, found);
  if (left !== null) return refused(found, `is not selected any more: ${left}`);
  const decision = decide(play, found, { playbook, all, known: knownAfterUpdate(known, updated) });
  const { revision } = planned.facts;
  if (reviewed && decision.action === 'update' && decision.facts.revision !== revision) {
    return refused(
      decision.facts,
      `runs "${decision.facts.revision}", and the plan file expects "${revision}" before this play`,
    );
  }
  return decision;
}

/** The same id, and yet not what was planned for; null: it is. */
function whyAnother(before: DeviceFacts, now: DeviceFacts): string | null {
  if (before.identity !== null && now.identity !== null && contradicts(before.identity, now.identity)) {
    return 'shows another identity than when the plan was made';
  }
  const [was, is] = [before.enclosures?.[0], now.enclosures?.[0]];
  if (was === undefined || is === undefined) return null;
  return was.logicalIdentifier === is.logicalIdentifier && was.relativeProcessId === is.relativeProcessId
    ? null
    : 'is another module, or in another enclosure, than when the plan was made';
}
