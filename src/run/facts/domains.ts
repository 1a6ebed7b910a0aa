import { addTo } from '../../base/groups.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import type { DeviceFacts } from './inspect.ts';
import { adapterOf, scsiTargetOf } from './unit-topology.ts';
import { lastPathsTaken } from './redundancy.ts';

/**
 * Why two units may not be written at the same time, whatever `concurrent` says (decisions.md#unit-of-damage); null: they
 * may. Logical units of one target share its reset. Beside that: units of one adapter where the playbook says so, units that together would take the last path of a drive
 * in use, and disks in use.
 */
export function whyApart(
  a: DeviceFacts,
  b: DeviceFacts,
  { together, redundancy }: Pick<ResolvedStrategy, 'together' | 'redundancy'>,
): string | null {
  const enclosure = enclosureOf(a);
  if (enclosure !== null && enclosure === enclosureOf(b)) return `both are modules of enclosure ${enclosure}`;
  const target = sharedTarget(a, b);
  if (target !== null) return `both are logical units of target ${target}`;
  const expander = sharedPath(a, b) ?? sharedPath(b, a);
  if (expander !== null) return `both are on the SAS path through expander ${expander}`;
  if (a.topology.users.length > 0 && b.topology.users.length > 0) return 'both are in use';
  const bothHaveDrives = a.topology.drives.length > 0 && b.topology.drives.length > 0;
  if (redundancy === 'required' && bothHaveDrives && lastPathsTaken([a.topology, b.topology]).length > 0) {
    return 'together they would take the last path of drives in use';
  }
  if (together !== 'hba') return null;
  const adapters = new Set(a.paths.map(adapterOf));
  const adapter = b.paths.map(adapterOf).find((number) => adapters.has(number));
  return adapter === undefined ? null : `both are on host adapter ${adapter}`;
}

/** Asked of every pair of units, of a million pairs on a large host: so nothing is collected here. */
function sharedTarget(a: DeviceFacts, b: DeviceFacts): string | null {
  for (const path of a.paths) {
    const target = scsiTargetOf(path);
    if (b.paths.some((other) => scsiTargetOf(other) === target)) return target;
  }
  return null;
}

/**
 * Do two logical units run one microcode, so that writing one of them writes both (decisions.md#unit-of-damage)? Bridges, changers
 * behind a drive and RAID volumes are many units of one target.
 */
export function sharesMicrocode(a: DeviceFacts, b: DeviceFacts): boolean {
  if (sharedTarget(a, b) === null) return false;
  const said = [a.affects, b.affects];
  if (said.includes('this-unit')) return false;
  if (said.includes('all-units')) return true;
  const isAlike = (['deviceType', 'vendor', 'product', 'revision'] as const).every(
    (name) => a[name] === b[name],
  );
  return isAlike && (said.includes('several-units') || isOneDevice(a.identity, b.identity));
}

/** For each of these units the others that run its microcode, too. */
export function sharersAmong(all: readonly DeviceFacts[]): (unit: DeviceFacts) => readonly DeviceFacts[] {
  const atTarget = new Map<string, [DeviceFacts, ...DeviceFacts[]]>();
  for (const unit of all)
    for (const target of new Set(unit.paths.map(scsiTargetOf))) addTo(atTarget, target, unit);
  return (unit) => {
    const near = new Set(unit.paths.flatMap((path) => atTarget.get(scsiTargetOf(path)) ?? []));
    return [...near].filter((other) => other.id !== unit.id && sharesMicrocode(unit, other));
  };
}

function isOneDevice(a: UnitIdentity | null, b: UnitIdentity | null): boolean {
  if (a === null || b === null) return false;
  if (a.serialNumber !== null && a.serialNumber === b.serialNumber) return true;
  return a.targetDevice?.some((name) => b.targetDevice?.includes(name)) === true;
}

/** An expander that restarts with `a` and has `b` behind it, or is of `b`, too. */
function sharedPath(a: DeviceFacts, b: DeviceFacts): string | null {
  return a.topology.ownExpanders.find((expander) => b.topology.expanders.includes(expander)) ?? null;
}

/** ENCLOSURE LOGICAL IDENTIFIER of the primary subenclosure: one for all modules of an enclosure. null: not known. */
export function enclosureOf({ enclosures }: DeviceFacts): string | null {
  const identifier = enclosures?.[0]?.logicalIdentifier ?? null;
  return identifier === null || /^0+$/.test(identifier) ? null : identifier;
}

/** Units that never run at the same time, for the plan. */
export interface ApartGroup {
  readonly why: string;
  readonly units: readonly DeviceFacts[];
}

/** Which of these have to wait for each other; linear in their number. Empty when nothing runs at the same time anyway. */
export function apartGroups(
  units: readonly DeviceFacts[],
  { concurrent, together }: Pick<ResolvedStrategy, 'together' | 'concurrent'>,
): readonly ApartGroup[] {
  if (concurrent === 1) return [];
  const groups = new Map<string, [DeviceFacts, ...DeviceFacts[]]>();
  const add = (why: string, unit: DeviceFacts): void => addTo(groups, why, unit);
  const own = new Set(units.flatMap(({ topology }) => topology.ownExpanders));
  for (const unit of units) {
    const enclosure = enclosureOf(unit);
    if (enclosure !== null) add(`modules of enclosure ${enclosure}`, unit);
    for (const target of new Set(unit.paths.map(scsiTargetOf)))
      add(`logical units of target ${target}`, unit);
    for (const expander of unit.topology.expanders) {
      if (own.has(expander)) add(`expander ${expander} and what is behind it`, unit);
    }
    if (together !== 'hba') continue;
    for (const adapter of new Set(unit.paths.map(adapterOf))) add(`units of host adapter ${adapter}`, unit);
  }
  return [...groups].flatMap(([why, members]) => (members.length > 1 ? [{ why, units: members }] : []));
}

/** The other modules of a unit's enclosure, as far as they are among these. */
export function partnersOf(unit: DeviceFacts, all: readonly DeviceFacts[]): DeviceFacts[] {
  const enclosure = enclosureOf(unit);
  return enclosure === null
    ? []
    : all.filter((other) => other.id !== unit.id && enclosureOf(other) === enclosure);
}
