import { addTo } from '../../base/groups.ts';
import type { AttachedDevice, SasLink, Surroundings } from '../../host/host.ts';
import type { Unreadable } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import { DeviceType } from '../../scsi/device-type.ts';

/** Where a unit hangs over all its paths, and what would go with it while it restarts. */
export interface UnitTopology {
  /** Expanders above it, its own included. */
  readonly expanders: readonly string[];
  /** Expanders whose enclosure process it is: they restart with it. */
  readonly ownExpanders: readonly string[];
  /** Drives with a path through it. */
  readonly drives: readonly DriveBehind[];
  /** sysfs shows no links here: `drives` are all drives of the adapter, because any of them may be behind it. */
  readonly drivesAssumed: boolean;
  /** Who uses the unit itself, or another logical unit of its target: they are reset together. */
  readonly users: readonly string[];
  /** Where each of its paths runs; a path of which nothing is known is missing. */
  readonly runs: readonly PathRun[];
  readonly isSata: boolean;
  /** Every path is one to a SAS end device of which the driver says that it is not part of an array. */
  readonly isPlainSas: boolean;
  /** What could not be read, so that drives, or users of them or of the unit, may be missing here. */
  readonly unreadable: readonly Unreadable[];
}

/** From a host adapter to a unit. */
export interface PathRun {
  readonly hctl: string;
  /** The adapter's side first; null: the host does not show the links. */
  readonly expanders: readonly string[] | null;
  /** The link above each of them; null: not told. */
  readonly links: readonly (SasLink | null)[];
  /** The slot that it ends in, and H:C:T:L of the enclosure; null: none that is known. */
  readonly slot: { readonly enclosure: string; readonly name: string } | null;
  /** Of the enclosure that it leads to: ENCLOSURE LOGICAL IDENTIFIER as the kernel read it. */
  readonly enclosureId: string | null;
}

/** A drive with at least one path through the unit in question. */
export interface DriveBehind {
  /** Its designator; the node or H:C:T:L of its one path where it has none that merges paths. */
  readonly id: string;
  readonly paths: readonly DrivePath[];
  readonly users: readonly string[];
}

export interface DrivePath {
  readonly hctl: string;
  /** `/dev/sdb`; null: no block device. */
  readonly node: string | null;
  readonly running: boolean;
  /** Goes through the unit in question. */
  readonly through: boolean;
}

/** Of which nothing is known. */
export const UNKNOWN_TOPOLOGY: UnitTopology = {
  expanders: [],
  ownExpanders: [],
  drives: [],
  drivesAssumed: false,
  users: [],
  runs: [],
  isSata: false,
  isPlainSas: false,
  unreadable: [],
};

const DRIVES: readonly number[] = [0x00, 0x14]; // direct access and host managed zoned block devices (SPC)

/** SPC: unknown or no device type. */
const UNKNOWN_DEVICE_TYPE = 0x1f;
/** As the host says of a unit whose state it cannot read. */
const UNKNOWN_STATE = 'unknown';

/** The places of all units of one host, from one look at it: linear in the number of its logical units. */
export class Topologies {
  readonly #around: ReadonlyMap<string, Surroundings>;
  readonly #drives = new Map<string, [AttachedDevice, ...AttachedDevice[]]>();
  readonly #behind = new Map<string, [string, ...string[]]>();
  readonly #onAdapter = new Map<string, [string, ...string[]]>();
  readonly #driveAt = new Map<string, string>();
  readonly #slotOf = new Map<string, NonNullable<PathRun['slot']>>();
  readonly #atTarget = new Map<string, [AttachedDevice, ...AttachedDevice[]]>();

  constructor(attached: readonly AttachedDevice[], around: ReadonlyMap<string, Surroundings>) {
    this.#around = around;
    for (const [enclosure, { inSlots, slotNames = [] }] of around) {
      for (const [index, hctl] of inSlots.entries())
        this.#slotOf.set(hctl, { enclosure, name: slotNames[index] ?? '' });
    }
    for (const device of attached) {
      addTo(this.#atTarget, scsiTargetOf(device), device);
      if (!mayBeDrive(device)) continue;
      const id = driveId(device);
      addTo(this.#drives, id, device);
      this.#driveAt.set(device.hctl, id);
      addTo(this.#onAdapter, adapterOf(device), device.hctl);
      for (const expander of around.get(device.hctl)?.expanders ?? [])
        addTo(this.#behind, expander, device.hctl);
    }
  }

  of(paths: readonly AttachedDevice[]): UnitTopology {
    const known = paths.flatMap((path) => {
      const surroundings = this.#around.get(path.hctl);
      return surroundings === undefined ? [] : [{ path, surroundings }];
    });
    if (known.length === 0) return UNKNOWN_TOPOLOGY;
    const isEnclosure = paths[0]?.deviceType === DeviceType.enclosure;
    const through = new Set<string>();
    const ownExpanders = new Set<string>();
    let drivesAssumed = false;
    for (const { path, surroundings } of isEnclosure ? known : []) {
      const own = surroundings.expanders?.at(-1);
      if (own !== undefined) {
        ownExpanders.add(own);
        for (const hctl of this.#behind.get(own) ?? []) through.add(hctl);
        continue;
      }
      drivesAssumed ||= surroundings.expanders === null;
      const adapter = this.#onAdapter.get(adapterOf(path)) ?? [];
      const slots = new Set(surroundings.inSlots);
      for (const hctl of adapter) if (surroundings.expanders === null || slots.has(hctl)) through.add(hctl);
    }
    const atTargets = paths.flatMap((path) => this.#atTarget.get(scsiTargetOf(path)) ?? [path]);
    const drives = this.#drivesThrough(through);
    return {
      expanders: [...new Set(known.flatMap(({ surroundings }) => surroundings.expanders ?? []))],
      ownExpanders: [...ownExpanders],
      drives,
      drivesAssumed: drivesAssumed && through.size > 0,
      users: this.#usersOf(atTargets),
      runs: known.map(({ path, surroundings }) => ({
        hctl: path.hctl,
        expanders: surroundings.expanders,
        links: surroundings.links ?? surroundings.expanders?.map(() => null) ?? [],
        slot: this.#slotOf.get(path.hctl) ?? null,
        enclosureId: surroundings.enclosureId ?? null,
      })),
      isSata: known.some(({ surroundings }) => surroundings.isSata),
      isPlainSas:
        known.length === paths.length && known.every(({ surroundings }) => isPlainSas(surroundings)),
      unreadable: this.#unreadableOf([...atTargets, ...drives.flatMap((drive) => drive.paths)]),
    };
  }

  #drivesThrough(through: ReadonlySet<string>): DriveBehind[] {
    const ids = new Set([...through].map((hctl) => this.#driveAt.get(hctl)!));
    return [...ids].map((id) => {
      const paths = this.#drives.get(id)!;
      return {
        id,
        paths: paths.map(({ hctl, blockNode, state }) => ({
          hctl,
          node: blockNode,
          // A state that cannot be read is the worse one: of a path that goes, and of one that stays.
          running: state === 'running' || (state === UNKNOWN_STATE && through.has(hctl)),
          through: through.has(hctl),
        })),
        users: this.#usersOf(paths),
      };
    });
  }

  /** A unit that came between the list of units and this look has no surroundings yet. */
  #unreadableOf(devices: readonly Pick<AttachedDevice, 'hctl'>[]): readonly Unreadable[] {
    const found = devices.flatMap(({ hctl }) => {
      const surroundings = this.#around.get(hctl);
      return surroundings === undefined ? newcomer(hctl) : (surroundings.unreadable ?? []);
    });
    return found.filter(({ fact }, at) => found.findIndex((other) => other.fact === fact) === at);
  }

  #usersOf(paths: readonly AttachedDevice[]): string[] {
    return [...new Set(paths.flatMap(({ hctl }) => this.#around.get(hctl)?.users ?? []))];
  }
}

const newcomer = (hctl: string): readonly Unreadable[] => {
  const why = refusal('host-unreadable', { file: hctl, errno: 'it was attached only now' });
  return [
    { fact: 'users', why },
    { fact: 'links', why },
  ];
};

/** Where the type cannot be read, a block device is one. */
const mayBeDrive = ({ deviceType, blockNode }: AttachedDevice): boolean =>
  DRIVES.includes(deviceType) || (deviceType === UNKNOWN_DEVICE_TYPE && blockNode !== null);

/** Only SAS paths show their links; what does not say whether it is part of an array may be one. */
const isPlainSas = ({ expanders, raidLevel }: Surroundings): boolean =>
  expanders !== null && raidLevel === null;

/** NAA and EUI designators merge paths; a serial number alone never does: a path that is none would be believed in. */
function driveId({ wwid, blockNode, hctl }: AttachedDevice): string {
  return wwid !== null && /^(naa|eui)\./.test(wwid) ? wwid : (blockNode ?? hctl);
}

/** The kernel's number of the host adapter. */
export const adapterOf = ({ hctl }: Pick<AttachedDevice, 'hctl'>): string => hctl.slice(0, hctl.indexOf(':'));

/** host:channel:target. All its logical units share one reset. */
export const scsiTargetOf = ({ hctl }: Pick<AttachedDevice, 'hctl'>): string =>
  hctl.slice(0, hctl.lastIndexOf(':'));
