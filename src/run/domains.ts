import type { DeviceFacts } from './inspect.ts';
import { adapterOf } from './place.ts';
import { lastPathsTaken } from './redundancy.ts';
import type { ResolvedStrategy } from '../playbook/resolved.ts';

/**
 * Why two units may not be written at the same time, whatever `concurrent` says (rules.md section 1); null: they may.
 * Beside that: units of one adapter where the playbook says so, units that together would take the last path of a drive in
 * use, and disks in use.
 */
export function whyApart(
  a: DeviceFacts,
  b: DeviceFacts,
  { together, redundancy }: Pick<ResolvedStrategy, 'together' | 'redundancy'>,
): string | null {
  const enclosure = enclosureOf(a);
  if (enclosure !== null && enclosure === enclosureOf(b)) return `both are modules of enclosure ${enclosure}`;
  const expander = sharedPath(a, b) ?? sharedPath(b, a);
  if (expander !== null) return `both are on the SAS path through expander ${expander}`;
  if (a.place.users.length > 0 && b.place.users.length > 0) return 'both are in use';
  if (redundancy === 'required' && lastPathsTaken([a.place, b.place]).length > 0) {
    return 'together they would take the last path of drives in use';
  }
  if (together !== 'hba') return null;
  const adapters = new Set(a.paths.map(adapterOf));
  const adapter = b.paths.map(adapterOf).find((number) => adapters.has(number));
  return adapter === undefined ? null : `both are on host adapter ${adapter}`;
}

/** An expander that restarts with `a` and has `b` behind it, or is of `b`, too. */
function sharedPath(a: DeviceFacts, b: DeviceFacts): string | null {
  return a.place.ownExpanders.find((expander) => b.place.expanders.includes(expander)) ?? null;
}

/** ENCLOSURE LOGICAL IDENTIFIER of the primary subenclosure: one for all modules of an enclosure. null: not known. */
export function enclosureOf({ enclosures }: DeviceFacts): string | null {
  const identifier = enclosures?.[0]?.logicalIdentifier ?? null;
  return identifier === null || /^0+$/.test(identifier) ? null : identifier;
}

/** The other modules of a unit's enclosure, as far as they are among these. */
export function partnersOf(unit: DeviceFacts, all: readonly DeviceFacts[]): DeviceFacts[] {
  const enclosure = enclosureOf(unit);
  return enclosure === null ? [] : all.filter((other) => other !== unit && enclosureOf(other) === enclosure);
}
