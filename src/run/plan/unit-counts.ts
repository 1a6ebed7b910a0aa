import type { DeviceFacts } from '../facts/inspect.ts';
import type { Decision, PlanAction } from './decision.ts';

export type UnitCounts = Readonly<Record<'update' | 'current' | 'pending' | 'refused', number>>;

/** Two units may show one id, where that is only a serial number: each has paths of its own. One that is away has none. */
export const unitKey = ({ id, paths }: Pick<DeviceFacts, 'id' | 'paths'>): string =>
  `${id} ${paths[0]?.hctl ?? ''}`;

/** Units of a plan by what becomes of them, each counted once: one that a play finds current may have work for the next play. */
export function unitCounts(decisions: readonly Decision[]): UnitCounts {
  const units = new Map<string, Set<PlanAction>>();
  for (const { facts, action } of decisions) {
    const unit = unitKey(facts);
    units.set(unit, (units.get(unit) ?? new Set()).add(action));
  }
  const counts = { update: 0, current: 0, pending: 0, refused: 0 };
  for (const actions of units.values()) {
    const action = (['refused', 'pending', 'update', 'current'] as const).find((one) => actions.has(one));
    if (action !== undefined) counts[action]++;
  }
  return counts;
}
