import { unreadableRefusal } from '../../base/facts.ts';
import type { FactName } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { contradicts, identityChanged } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { ResolvedPlay, ResolvedStrategy } from '../../playbook/resolved.ts';
import type { EnclosureDescriptor } from '../../ses/configuration.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodeOf } from '../facts/nodes.ts';

/** What tells the units from each other, and which modules make one enclosure. */
const IDENTITY_FACTS: readonly FactName[] = ['vpd-80h', 'vpd-83h', 'ses-01h'];

/** It cannot be said which unit it is, or what it says cannot be believed; null: it can. */
export function whyUnusable(
  play: ResolvedPlay,
  unit: DeviceFacts,
  found: DeviceFacts,
  all: readonly DeviceFacts[],
  { proceedWithout }: Pick<ResolvedStrategy, 'proceedWithout'>,
): Refusal | null {
  if (unit.problem !== null) return unit.problem;
  const unread = unreadableRefusal(unit.unreadable ?? [], IDENTITY_FACTS, proceedWithout);
  if (unread !== null) return unread;
  if (unit.identity?.logicalUnit == null && play.match.identity === null) return refusal('no-identity');
  const twin = all.find((other) => other !== found && mayBeOneUnit(other, unit));
  if (twin === undefined) return null;
  return refusal('ambiguous-identity', { node: nodeOf(unit), twin: nodeOf(twin), unit: unit.id });
}

/**
 * Without a designator of the logical unit nothing merges two paths; an equal id is reason enough not to write over both. A unit
 * with a better name that shows the same one besides may be this one over a path that did not tell the better one.
 */
function mayBeOneUnit(other: DeviceFacts, unit: DeviceFacts): boolean {
  if (unit.identity?.logicalUnit !== null || other.identity === null) return false;
  if (other.identity.logicalUnit === null && other.id === unit.id) return true;
  const { designators, serialNumber } = other.identity;
  const isNamed =
    designators.includes(unit.id) || (serialNumber !== null && `sn.${serialNumber}` === unit.id);
  return (
    isNamed && (['deviceType', 'vendor', 'product'] as const).every((field) => other[field] === unit[field])
  );
}

/** What tells one unit from another; null: not known, which says nothing against it. */
export interface Who {
  readonly identity: UnitIdentity | null;
  /** The first descriptor of page 01h: page 01h may know better than the designators which module of which enclosure it is. */
  readonly module: EnclosureDescriptor | null;
}

export const whoOf = ({ identity, enclosures }: DeviceFacts): Who => ({
  identity,
  module: enclosures?.[0] ?? null,
});

/** Is another unit here than before, or another module than the one that was planned for (decisions.md#identity)? null: no. */
export function whyAnother(before: Who, now: Who): Refusal | null {
  if (before.identity !== null && now.identity !== null && contradicts(before.identity, now.identity)) {
    return identityChanged(before.identity, now.identity);
  }
  if (before.module === null || now.module === null || sameModule(before.module, now.module)) return null;
  return refusal('module-changed', { before: moduleText(before.module), now: moduleText(now.module) });
}

/** A module that did not say so when the plan was made: nobody has looked whether its partners are well. null: it said so, or is none. */
export function whyNewModule(before: Who, now: EnclosureDescriptor | null): Refusal | null {
  if (before.module !== null || now === null) return null;
  const values = { before: 'of no enclosure that it showed (diagnostic page 01h)', now: moduleText(now) };
  return refusal('module-changed', values, {
    next: 'Make the plan again, so that it knows the other modules.',
  });
}

const sameModule = (a: EnclosureDescriptor, b: EnclosureDescriptor): boolean =>
  a.logicalIdentifier === b.logicalIdentifier && a.relativeProcessId === b.relativeProcessId;

const moduleText = ({ relativeProcessId, logicalIdentifier }: EnclosureDescriptor): string =>
  `process ${relativeProcessId} of enclosure ${logicalIdentifier}`;

/** Vendor, product or revision are not what was planned for; null: they are. */
export function whyChanged(before: Shown, now: Shown): Refusal | null {
  for (const field of ['vendor', 'product', 'revision'] as const) {
    if (before[field] !== now[field]) {
      return refusal('changed-since-plan', { field, before: before[field], now: now[field] });
    }
  }
  return null;
}

type Shown = Pick<DeviceFacts, 'vendor' | 'product' | 'revision'>;
