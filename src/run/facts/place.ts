import type { AttachedDevice, Surroundings } from '../../host/host.ts';
import { DeviceType } from '../../scsi/device-type.ts';

/** Where a unit hangs over all its paths, and what would go with it while it restarts. */
export interface UnitPlace {
  /** Expanders above it, its own included. */
  readonly expanders: readonly string[];
  /** Expanders whose enclosure process it is: they restart with it. */
  readonly ownExpanders: readonly string[];
  /** Drives with a path through it. */
  readonly drives: readonly DriveBehind[];
  /** sysfs shows no links here: `drives` are all drives of the adapter, because any of them may hang behind it. */
  readonly drivesAssumed: boolean;
  /** Who uses the unit itself, or another logical unit of its target: they are reset together. */
  readonly users: readonly string[];
  readonly isSata: boolean;
  /** Every path is one to a SAS end device of which the driver says that it is no part of an array. */
  readonly isPlainSas: boolean;
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
export const UNKNOWN_PLACE: UnitPlace = {
  expanders: [],
  ownExpanders: [],
  drives: [],
  drivesAssumed: false,
  users: [],
  isSata: false,
  isPlainSas: false,
};

const DRIVES: readonly number[] = [0x00, 0x14]; // direct access and host managed zoned block devices (SPC)

/** The places of all units of one host, from one look at it: linear in the number of its logical units. */
export class Places {
  readonly #around: ReadonlyMap<string, Surroundings>;
  readonly #drives = new Map<string, AttachedDevice[]>();
  readonly #behind = new Map<string, string[]>();
  readonly #onAdapter = new Map<string, string[]>();
  readonly #driveAt = new Map<string, string>();
  readonly #atTarget = new Map<string, AttachedDevice[]>();

  constructor(attached: readonly AttachedDevice[], around: ReadonlyMap<string, Surroundings>) {
    this.#around = around;
    for (const device of attached) {
      addTo(this.#atTarget, scsiTargetOf(device), device);
      if (!DRIVES.includes(device.deviceType)) continue;
      const id = driveId(device);
      addTo(this.#drives, id, device);
      this.#driveAt.set(device.hctl, id);
      addTo(this.#onAdapter, adapterOf(device), device.hctl);
      for (const expander of around.get(device.hctl)?.expanders ?? [])
        addTo(this.#behind, expander, device.hctl);
    }
  }

  of(paths: readonly AttachedDevice[]): UnitPlace {
    const known = paths.flatMap((path) => {
      const surroundings = this.#around.get(path.hctl);
      return surroundings === undefined ? [] : [{ path, surroundings }];
    });
    if (known.length === 0) return UNKNOWN_PLACE;
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
    return {
      expanders: [...new Set(known.flatMap(({ surroundings }) => surroundings.expanders ?? []))],
      ownExpanders: [...ownExpanders],
      drives: this.#drivesThrough(through),
      drivesAssumed: drivesAssumed && through.size > 0,
      users: this.#usersOf(paths.flatMap((path) => this.#atTarget.get(scsiTargetOf(path)) ?? [path])),
      isSata: known.some(({ surroundings }) => surroundings.isSata),
      isPlainSas:
        known.length === paths.length && known.every(({ surroundings }) => isPlainSas(surroundings)),
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
          running: state === 'running',
          through: through.has(hctl),
        })),
        users: this.#usersOf(paths),
      };
    });
  }

  #usersOf(paths: readonly AttachedDevice[]): string[] {
    return [...new Set(paths.flatMap(({ hctl }) => this.#around.get(hctl)?.users ?? []))];
  }
}

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

function addTo<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
