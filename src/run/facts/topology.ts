import { deviceTypeName } from '../../scsi/device-type.ts';
import type { SasLink } from '../../host/host.ts';
import type { DeviceFacts } from './inspect.ts';
import { adapterOf } from './unit-topology.ts';

/** What hangs where on a host, and what goes dark with what: all that a picture of it needs. A part of JSON documents. */
export interface HostTopology {
  readonly adapters: readonly {
    /** The kernel's number of the SCSI host. */
    readonly id: string;
    readonly driver: string | null;
  }[];
  /** SAS links down to expanders, each once. */
  readonly links: readonly TopologyLink[];
  readonly units: readonly TopologyUnit[];
}

export interface TopologyLink {
  readonly adapter: string;
  /** The expander above; null: the adapter itself. */
  readonly from: string | null;
  readonly to: string;
  /** null: the host does not tell. */
  readonly lanes: number | null;
  readonly rate: string | null;
}

export interface TopologyUnit {
  readonly id: string;
  /** As `match.type` says it. */
  readonly type: string;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** ENCLOSURE LOGICAL IDENTIFIER: modules with the same one are one shelf. null: no enclosure, or not known. */
  readonly enclosure: string | null;
  /** SUBENCLOSURE NICKNAME of page 0Fh; null: none, or not asked. */
  readonly nickname: string | null;
  /** Expanders that restart with it. */
  readonly ownExpanders: readonly string[];
  readonly users: readonly string[];
  readonly paths: readonly TopologyPath[];
}

export interface TopologyPath {
  readonly hctl: string;
  /** sg node; null: none. */
  readonly node: string | null;
  readonly block: string | null;
  readonly running: boolean;
  /** From the adapter down; null: the host does not show the links. */
  readonly expanders: readonly string[] | null;
  /** The slot in which it ends: id of the enclosure, and the slot's name; null: not known. */
  readonly slot: { readonly enclosure: string; readonly name: string } | null;
  /** Ids of the units whose restart takes this path away meanwhile. */
  readonly darkWith: readonly string[];
}

/**
 * The part of a host that concerns some units: all that hangs on the adapters which lead to one of them. Pure.
 *
 * @param facts of all units of the host
 * @param concerns which units it is about; undefined: the whole host
 */
export function topologyOf(
  facts: readonly DeviceFacts[],
  concerns?: (unit: DeviceFacts) => boolean,
): HostTopology {
  const wanted = concerns === undefined ? facts : facts.filter(concerns);
  const adapters = new Map<string, string | null>();
  for (const path of wanted.flatMap(({ paths }) => paths)) adapters.set(adapterOf(path), path.hbaDriver);
  const isNear = (unit: DeviceFacts): boolean => unit.paths.some((path) => adapters.has(adapterOf(path)));
  const near = facts.filter(isNear);
  const idAt = new Map(near.flatMap(({ id, paths }) => paths.map(({ hctl }) => [hctl, id])));
  const dark = new Map<string, readonly string[]>();
  for (const { id, topology } of near) {
    for (const { hctl, through } of topology.drives.flatMap(({ paths }) => paths))
      if (through) dark.set(hctl, [...new Set([...(dark.get(hctl) ?? []), id])]);
  }
  return {
    adapters: [...adapters].map(([id, driver]) => ({ id, driver })),
    links: linksOf(near),
    units: mergePaths(near.map((unit) => unitOf(unit, { idAt, dark }))),
  };
}

/** Units that no play can want were not asked, and have one entry for each path: equal designators are still one unit. */
function mergePaths(units: readonly TopologyUnit[]): TopologyUnit[] {
  const merged = new Map<string, TopologyUnit>();
  for (const unit of units) {
    const key = /^(naa|eui)\./.test(unit.id) ? unit.id : `${unit.id} ${unit.paths[0]?.hctl ?? ''}`;
    const known = merged.get(key);
    const joined = known && {
      ...known,
      users: [...new Set([...known.users, ...unit.users])],
      paths: [...known.paths, ...unit.paths],
    };
    merged.set(key, joined ?? unit);
  }
  return [...merged.values()];
}

function unitOf(
  { id, deviceType, vendor, product, revision, enclosures, nickname, topology, paths }: DeviceFacts,
  around: {
    readonly idAt: ReadonlyMap<string, string>;
    readonly dark: ReadonlyMap<string, readonly string[]>;
  },
): TopologyUnit {
  const runs = new Map(topology.runs.map((run) => [run.hctl, run]));
  return {
    id,
    type: deviceTypeName(deviceType),
    ...{ vendor, product, revision },
    enclosure:
      enclosures?.[0]?.logicalIdentifier ?? topology.runs.find((run) => run.enclosureId)?.enclosureId ?? null,
    nickname: nickname ?? null,
    ownExpanders: topology.ownExpanders,
    users: topology.users,
    paths: paths.map(({ hctl, sgNode, blockNode, state }) => {
      const slot = runs.get(hctl)?.slot ?? null;
      const enclosure = slot && around.idAt.get(slot.enclosure);
      return {
        hctl,
        node: sgNode,
        block: blockNode,
        running: state === 'running',
        expanders: runs.get(hctl)?.expanders ?? null,
        slot: slot && enclosure !== null && enclosure !== undefined ? { enclosure, name: slot.name } : null,
        darkWith: around.dark.get(hctl) ?? [],
      };
    }),
  };
}

function linksOf(units: readonly DeviceFacts[]): TopologyLink[] {
  const links = new Map<string, TopologyLink>();
  for (const { hctl, expanders, links: above } of units.flatMap(({ topology }) => topology.runs)) {
    const adapter = adapterOf({ hctl });
    for (const [index, to] of (expanders ?? []).entries()) {
      const link: SasLink | null = above[index] ?? null;
      const from = expanders?.[index - 1] ?? null;
      links.set(JSON.stringify([adapter, from, to]), {
        adapter,
        from,
        to,
        lanes: link?.lanes ?? null,
        rate: link?.rate ?? null,
      });
    }
  }
  return [...links.values()];
}
