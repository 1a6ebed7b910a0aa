import type { Clock } from '../../base/clock.ts';
import { mapConcurrently } from '../../base/concurrency.ts';
import type { FactName, Unreadable } from '../../base/facts.ts';
import type { Refusal } from '../../base/refusal.ts';
import { refusal } from '../../base/refusal.ts';
import { identityId } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import { HostError } from '../../host/host-error.ts';
import type { AttachedDevice, Host, Surroundings } from '../../host/host.ts';
import type { AffectedUnits } from '../../scsi/report-supported-operation-codes.ts';
import type { Sense } from '../../scsi/sense.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import type { EnclosureDescriptor } from '../../ses/configuration.ts';
import type { HealthFact } from './health.ts';
import { inspectPaths } from './inspect-path.ts';
import { nodeOfPath } from './nodes.ts';
import type { InspectedPath, WantedPages } from './inspect-path.ts';
import { Topologies, UNKNOWN_TOPOLOGY } from './unit-topology.ts';
import type { UnitTopology } from './unit-topology.ts';
import type { MatchPages } from './match-bytes.ts';

/** One physical unit as it was seen before planning, with every path that leads to it. */
export interface DeviceFacts {
  /** `naa.…`, `eui.…`, `t10.…`, `sn.…`; the sg node or the HCTL where the unit has no identity. */
  readonly id: string;
  /** null: not asked for, because no play can want a device of this type; or not answered, see `problem`. */
  readonly identity: UnitIdentity | null;
  /** All paths, in the order of the host; the first one is used. */
  readonly paths: readonly AttachedDevice[];
  readonly deviceType: number;
  /** From a fresh INQUIRY; as scanned by the kernel where `identity` is null. */
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** Page 01h of an enclosure, the primary subenclosure first; null: not an enclosure, or not to be read. */
  readonly enclosures: readonly EnclosureDescriptor[] | null;
  readonly topology: UnitTopology;
  /** What the proofs of the playbook look at. */
  readonly pages: MatchPages;
  /** Page 02h of an enclosure, over whichever path it could be read; absent: it was not asked for. */
  readonly health?: HealthFact;
  /** Diagnostic pages that an enclosure lists; null: it has none. Absent: not asked, or not readable. */
  readonly listedPages?: readonly number[] | null;
  /** Page 0Fh of an enclosure: what people have called it; absent: nothing, or not to be read. */
  readonly nickname?: string;
  /** Which logical units of its target a download works on; absent: not asked. */
  readonly affects?: AffectedUnits;
  /** What could not be read; absent: nothing. */
  readonly unreadable?: readonly Unreadable[];
  /** Unit attentions that were met while it was looked at; absent: none. */
  readonly attentions?: readonly Sense[];
  /** Paths that are there and over which it gave no answer; absent: none, or it answered over no path. */
  readonly silent?: readonly SilentPath[];
  /** Why this unit may not be written to, whatever the playbook says. */
  readonly problem: Refusal | null;
  /** That is because another run works on it (exit 11). */
  readonly locked?: true;
}

/** What who sends nothing reads, so that a unit says of its logical units which of them a download works on. */
export const SHARING_PAGES: WantedPages = new Set([extendedInquiry.pageCode]);

export interface SilentPath {
  readonly hctl: string;
  readonly why: Refusal;
}

/** The path over which it is looked at: the first one that answered. */
export const answeringPath = ({
  paths,
  silent = [],
}: Pick<DeviceFacts, 'paths' | 'silent'>): AttachedDevice =>
  paths.find(({ hctl }) => !silent.some((path) => path.hctl === hctl)) ?? paths[0]!;

/** Nothing is wrong with the unit but that it gave no answer over one of its paths. */
export const isOfSilentPath = ({ problem, silent = [] }: Pick<DeviceFacts, 'problem' | 'silent'>): boolean =>
  silent.some(({ why }) => why === problem);

/**
 * Looks at every logical unit of the host, and asks those of the wanted types who they are (INQUIRY and VPD pages,
 * and page 01h of enclosures). Paths with equal logical unit designators become one unit (decisions.md#identity).
 */
export async function inspect(
  host: Host,
  deviceTypes: ReadonlySet<number>,
  clock: Clock,
  pages: WantedPages = new Set(),
): Promise<readonly DeviceFacts[]> {
  const attached = await host.discover();
  const around = await host.survey();
  const inspected = await inspectPaths(host, attached, { deviceTypes, clock, pages });
  const units = unitsOf(inspected, around);
  return mapConcurrently(units, 1, (unit) => namingRun(host, unit));
}

/**
 * A run that works on a unit has the node for itself, and whoever looks at the unit only learns that the node is busy. The
 * lock of the unit says whether it is a run, and which. Where it is free it is given back at once.
 */
async function namingRun(host: Host, unit: DeviceFacts): Promise<DeviceFacts> {
  if (unit.problem?.layer !== 'open') return unit;
  try {
    await (await host.lock(unit.id)).release();
    return unit;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.code === 'locked' ? { ...unit, problem: error.refusal, locked: true } : unit;
  }
}

/** Everything that is known of the units of a host, from what each of their paths showed. */
export function unitsOf(
  inspected: readonly InspectedPath[],
  around: ReadonlyMap<string, Surroundings>,
): readonly DeviceFacts[] {
  const topologies = new Topologies(
    inspected.map(({ path }) => path),
    around,
  );
  return mergePaths(inspected.map(unitOf)).map((unit) => ({ ...unit, topology: topologies.of(unit.paths) }));
}

/** The unit that one path shows. */
function unitOf({ path, seen, problem }: InspectedPath): DeviceFacts {
  const topology = UNKNOWN_TOPOLOGY;
  if (seen === null) {
    const { deviceType, vendor, product, revision } = path;
    return {
      id: path.wwid ?? path.sgNode ?? path.hctl,
      identity: null,
      paths: [path],
      ...{ deviceType, vendor, product, revision },
      enclosures: null,
      topology,
      pages: new Map(),
      problem,
    };
  }
  return {
    id: unitId(seen.identity, path),
    paths: [path],
    ...seen,
    topology,
    problem,
  };
}

/** The id stays the same where the page with the designator cannot be read now: the kernel has read it. */
function unitId(identity: UnitIdentity, { wwid, sgNode, hctl }: AttachedDevice): string {
  const scanned = isUnread(identity) && isDesignator(wwid) ? wwid : null;
  return identity.logicalUnit ?? scanned ?? identityId(identity) ?? sgNode ?? hctl;
}

const isUnread = ({ unread }: UnitIdentity): boolean => unread?.includes('vpd-83h') === true;

/**
 * Equal designators are one unit, unless what else the paths show says otherwise. A path that gave no answer (another
 * program has it open, say), or whose identity cannot be read, is known by what the kernel read when it scanned it: it makes its
 * unit one that is not written to, and not one more unit.
 */
function mergePaths(found: readonly DeviceFacts[]): DeviceFacts[] {
  const units = new Map<string, DeviceFacts>();
  for (const other of found) {
    const path = other.paths[0]!;
    const asScanned = other.problem !== null || (other.identity !== null && isUnread(other.identity));
    const scanned = asScanned && isDesignator(path.wwid) ? path.wwid : null;
    const key = other.identity?.logicalUnit ?? scanned ?? `path ${path.hctl}`;
    const unit = units.get(key);
    units.set(key, unit === undefined ? other : merge(unit, other));
  }
  return [...units.values()];
}

function silentOf({ identity, paths, problem, silent = [] }: DeviceFacts): readonly SilentPath[] {
  if (identity !== null || problem === null) return silent;
  return paths.map((path) => ({ hctl: path.hctl, why: overPath(path, problem) }));
}

/** Of a unit with several paths: which of them. An error of opening names its node itself. */
const overPath = (path: AttachedDevice, why: Refusal): Refusal =>
  why.layer === 'open' ? why : { ...why, message: `over ${nodeOfPath(path)}: ${why.message}` };

const isDesignator = (wwid: string | null): boolean => /^(naa|eui)\./.test(wwid ?? '');

function merge(unit: DeviceFacts, other: DeviceFacts): DeviceFacts {
  const paths = [...unit.paths, ...other.paths];
  if (unit.identity === null || other.identity === null) {
    const seen = unit.identity === null ? other : unit;
    if (seen.identity === null) return { ...seen, paths, problem: unit.problem ?? other.problem };
    const silent = [...silentOf(unit), ...silentOf(other)];
    return {
      ...seen,
      paths,
      problem: seen.problem ?? silent[0]?.why ?? null,
      ...(silent.length > 0 && { silent }),
    };
  }
  const what = contradiction(unit, other) ?? twoAddresses(unit, other);
  // A path over which page 01h cannot be read says nothing against the others.
  const enclosures = unit.enclosures ?? other.enclosures;
  const health = unit.health?.kind === 'unreadable' ? other.health : unit.health;
  const listedPages = unit.listedPages === undefined ? other.listedPages : unit.listedPages;
  const unreadable = unreadOver(unit, other);
  const identity = isUnread(unit.identity) ? other.identity : unit.identity;
  const merged = {
    ...unit,
    identity,
    paths,
    enclosures,
    unreadable,
    ...(health !== undefined && { health }),
    ...(listedPages !== undefined && { listedPages }),
  };
  // What its paths show differently is worse than that one of them shows nothing.
  if (what === null || (unit.problem !== null && !isOfSilentPath(unit))) return merged;
  const nodes = paths.map(nodeOfPath).join(' and ');
  return { ...merged, problem: refusal('conflicting-paths', { nodes, unit: unit.id, what }) };
}

/** By what the paths of one unit show they are one: there each of them counts. What else one of them shows is known. */
const OF_EACH_PATH: readonly FactName[] = ['vpd-80h', 'vpd-83h'];

function unreadOver(unit: DeviceFacts, other: DeviceFacts): readonly Unreadable[] {
  const [before = [], now = []] = [unit.unreadable, other.unreadable];
  const names = (list: readonly Unreadable[]): readonly FactName[] => list.map(({ fact }) => fact);
  const stays = ({ fact }: Unreadable): boolean =>
    OF_EACH_PATH.includes(fact) || (names(before).includes(fact) && names(now).includes(fact));
  const all = [...before, ...now].filter(stays);
  return all.filter(({ fact }, at) => names(all).indexOf(fact) === at);
}

/** What two paths with one designator show differently, so that they may be two units (decisions.md#identity). */
function contradiction(unit: DeviceFacts, other: DeviceFacts): string | null {
  const shown = (facts: DeviceFacts): readonly (readonly [what: string, value: string | number | null])[] => {
    const module = facts.enclosures?.[0];
    return [
      [
        'serial number',
        facts.identity?.unread?.includes('vpd-80h') ? null : (facts.identity?.serialNumber ?? 'none'),
      ],
      ['enclosure', module?.logicalIdentifier ?? null],
      ['enclosure services process', module?.relativeProcessId ?? null],
      ['vendor', facts.vendor],
      ['product', facts.product],
      ['revision', facts.revision],
    ];
  };
  const others = shown(other);
  for (const [index, [what, value]] of shown(unit).entries()) {
    const other = others[index]![1];
    if (value !== null && other !== null && value !== other) return `${what} ${value} and ${other}`;
  }
  return null;
}

/**
 * The same ports at two target addresses are two units that were given one name. Where SAS is seen, its addresses are what
 * the ports are called, and the numbers that a host gives mean nothing.
 */
function twoAddresses(unit: DeviceFacts, other: DeviceFacts): string | null {
  const ports = ({ identity }: DeviceFacts): string => [...identity!.designators].sort().join();
  const [own, foreign] = [unit.paths[0]!, other.paths[0]!];
  if (own.sasAddress !== null || foreign.sasAddress !== null || ports(unit) !== ports(other)) return null;
  const [address, otherAddress] = [own, foreign].map(({ hctl }) => hctl.slice(hctl.indexOf(':') + 1));
  return address === otherAddress ? null : `the same port at address ${address} and ${otherAddress}`;
}
