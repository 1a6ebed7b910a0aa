import { unreadableRefusal } from '../../base/facts.ts';
import type { FactName, Unreadable } from '../../base/facts.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedSection, ResolvedStrategy } from '../../playbook/resolved.ts';
import { unreadHealth } from '../facts/health.ts';
import type { DeviceFacts } from '../facts/inspect.ts';

/** What the playbook says of facts that cannot be read, on the open device. */
export interface Proceeding {
  readonly proceedWithout: readonly FactName[];
  /** Told of each fact that it goes on without. */
  readonly onWithout: (unread: Unreadable) => void;
}

/** Why the unit is refused, because facts that its guards stand on could not be read; null: the playbook goes on without them. */
export function whyUnread(
  unreadable: readonly Unreadable[],
  { proceedWithout, onWithout }: Proceeding,
): Refusal | null {
  const facts = unreadable.map(({ fact }) => fact);
  const refused = unreadableRefusal(unreadable, facts, proceedWithout);
  if (refused === null) for (const unread of unreadable) onWithout(unread);
  return refused;
}

/** Facts that concern one way of sending alone. */
const OF_WAY: Partial<Readonly<Record<FactName, ResolvedSection['via']>>> = {
  'vpd-86h': 'write-buffer',
  'ses-00h': 'ses',
};

/** What could not be read of a unit at the plan, and the play goes on without. */
export function goesOnWithout(
  { unreadable = [], topology, health }: DeviceFacts,
  { download }: ResolvedPlay,
  strategy: Pick<ResolvedStrategy, 'proceedWithout' | 'health'>,
): readonly Unreadable[] {
  const { proceedWithout } = strategy;
  const unwell =
    health === undefined || strategy.health === 'ignore' ? [] : unreadHealth(health, proceedWithout);
  const concerns = (fact: FactName): boolean =>
    OF_WAY[fact] === undefined || download.some(({ via }) => via === OF_WAY[fact]);
  return [...unreadable.filter(({ fact }) => concerns(fact)), ...unwell, ...topology.unreadable].filter(
    ({ fact }, at, all) =>
      proceedWithout.includes(fact) && all.findIndex((other) => other.fact === fact) === at,
  );
}
