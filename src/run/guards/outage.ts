import { unreadableRefusal } from '../../base/facts.ts';
import type { FactName } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import type { UnitTopology } from '../facts/unit-topology.ts';
import { lastPathsTaken, listText, usesText } from '../facts/redundancy.ts';

/** Who would be without a disk while the unit restarts: why it may not be begun; null: nobody, or it is accepted. */
export function whyOutage(
  topology: UnitTopology,
  { redundancy, inUse, proceedWithout }: Pick<ResolvedStrategy, 'redundancy' | 'inUse' | 'proceedWithout'>,
): Refusal | null {
  const asked: readonly FactName[] =
    redundancy === 'required' ? ['users', 'links'] : inUse === 'refuse' ? ['users'] : [];
  return (
    unreadableRefusal(topology.unreadable, asked, proceedWithout) ??
    (inUse === 'refuse' ? whyInUse(topology) : null) ??
    (redundancy === 'required' ? whyLastPath(topology) : null)
  );
}

/** Why `redundancy: required` refuses a unit; null: it does not. */
export function whyLastPath(place: UnitTopology): Refusal | null {
  const taken = lastPathsTaken([place]);
  if (taken.length === 0) return null;
  const count = taken.length === 1 ? 'a drive' : `${taken.length} drives`;
  const assumed = place.drivesAssumed ? ', if they are behind it: the host does not show the links' : '';
  return refusal('last-path', { drives: count, users: usesText(taken), assumed });
}

/** Why `in-use: refuse` refuses a disk; null: it does not. */
function whyInUse({ users }: UnitTopology): Refusal | null {
  if (users.length === 0) return null;
  return refusal('in-use', { users: listText(users) });
}
