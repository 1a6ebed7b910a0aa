import type { HostTopology, TopologyLink, TopologyUnit } from '../run/facts/topology.ts';
import { someNames } from './attention.ts';
import { counted, modelText } from './quantities.ts';
import { labelOf } from './run-view.ts';

/** A shelf, or whatever else drives hang on: its modules, and what is in it. */
export interface Shelf {
  readonly key: string;
  readonly title: string;
  readonly nickname: string | null;
  readonly modules: readonly TopologyUnit[];
  /** Disks, tapes and everything else that is not an enclosure, by slot. */
  readonly drives: readonly TopologyUnit[];
}

/** Modules with one logical identifier are one shelf; what hangs on none of them hangs on its expander, or its adapter. */
export function shelvesOf({ units }: HostTopology): Shelf[] {
  const enclosures = units.filter(({ type }) => type === 'enclosure');
  const owner = new Map(
    enclosures.flatMap((unit) => unit.ownExpanders.map((expander) => [expander, unit] as const)),
  );
  const byId = new Map(enclosures.map((unit) => [unit.id, unit]));
  const shelves = new Map<string, { title: string; modules: TopologyUnit[]; drives: TopologyUnit[] }>();
  const shelf = (key: string, title: string): { modules: TopologyUnit[]; drives: TopologyUnit[] } => {
    const known = shelves.get(key) ?? { title, modules: [], drives: [] };
    shelves.set(key, known);
    return known;
  };
  const ofModule = (unit: TopologyUnit): ReturnType<typeof shelf> =>
    unit.enclosure === null
      ? shelf(unit.id, unit.product)
      : shelf(unit.enclosure, `enclosure ${unit.enclosure}`);
  for (const unit of enclosures) ofModule(unit).modules.push(unit);
  for (const unit of units.filter(({ type }) => type !== 'enclosure')) {
    const { paths } = unit;
    const slot = paths.find((path) => path.slot !== null)?.slot;
    const expander = paths.find(({ expanders }) => (expanders?.length ?? 0) > 0)?.expanders?.at(-1);
    const module =
      (slot && byId.get(slot.enclosure)) ?? (expander === undefined ? undefined : owner.get(expander));
    const adapter = paths[0]?.hctl.split(':')[0] ?? '?';
    const home =
      module !== undefined
        ? ofModule(module)
        : expander !== undefined
          ? shelf(`expander ${expander}`, `behind expander ${expander}`)
          : shelf(`adapter ${adapter}`, `on host${adapter}`);
    home.drives.push(unit);
  }
  return [...shelves].map(([key, { title, modules, drives }]) => ({
    ...{ key, title, modules },
    nickname: modules.find(({ nickname }) => nickname !== null)?.nickname ?? null,
    drives: drives.toSorted((a, b) => slotOrder(a, b)),
  }));
}

const slotOrder = (a: TopologyUnit, b: TopologyUnit): number =>
  slotName(a).localeCompare(slotName(b), 'en', { numeric: true });

export const slotName = ({ paths }: TopologyUnit): string =>
  paths.find(({ slot }) => slot !== null)?.slot?.name ?? paths[0]?.hctl ?? '';

/** What the restart of a unit does to the drives behind it. */
export interface Darkness {
  /** Paths that go dark. */
  readonly paths: number;
  readonly drives: number;
  /** Drives without a running path meanwhile. */
  readonly lost: readonly TopologyUnit[];
}

export function darknessOf(id: string, { units }: HostTopology): Darkness {
  const touched = units.filter(({ paths }) => paths.some(({ darkWith }) => darkWith.includes(id)));
  return {
    paths: touched.reduce(
      (sum, unit) => sum + unit.paths.filter(({ darkWith }) => darkWith.includes(id)).length,
      0,
    ),
    drives: touched.length,
    lost: touched.filter(({ paths }) => {
      const running = paths.filter((path) => path.running);
      return running.length > 0 && running.every(({ darkWith }) => darkWith.includes(id));
    }),
  };
}

/** Users without repetition. */
export const usersOf = (units: readonly TopologyUnit[]): string[] => [
  ...new Set(units.flatMap(({ users }) => users)),
];

/** One line for each unit, of many that are alike one for all: `While sg0 restarts: 24 paths to 24 drives go dark; every drive keeps another path.` */
export function darkTexts(units: readonly TopologyUnit[], topology: HostTopology): string[] {
  const groups = new Map<string, string[]>();
  for (const unit of units) {
    const text = darkText(unit, topology);
    groups.set(text, [...(groups.get(text) ?? []), nodeNames(unit)]);
  }
  return [...groups].flatMap(([text, names]) =>
    names.length > FEW_UNITS
      ? [`While one of ${someNames(names)} restarts: ${text}`]
      : names.map((name) => `While ${name} restarts: ${text}`),
  );
}

/** Up to this many units of which the same is said have a line each. */
const FEW_UNITS = 4;

function darkText(unit: TopologyUnit, topology: HostTopology): string {
  const { paths, drives, lost } = darknessOf(unit.id, topology);
  if (drives === 0)
    return unit.type === 'enclosure' ? 'nothing behind it is known.' : 'nothing else goes dark.';
  const dark = `${counted(paths, 'path')} to ${counted(drives, 'drive')} ${paths === 1 ? 'goes' : 'go'} dark`;
  if (lost.length === 0) return `${dark}; every drive keeps another path.`;
  const users = usersOf(lost);
  const inUse = users.length === 0 ? 'none of them in use' : `in use by ${users.join(', ')}`;
  return `${dark}; ${lost.length} ${lost.length === 1 ? 'loses its' : 'lose their'} only path, ${inUse}.`;
}

/** `sg0 sg24` */
export const nodeNames = ({ paths, id }: TopologyUnit): string =>
  paths.flatMap(({ node }) => (node === null ? [] : [labelOf(node)])).join(' ') || id;

/** `24 × SEAGATE ST4000NM0023`: alike ones together. */
export function drivesText(drives: readonly TopologyUnit[]): string {
  const models = new Map<string, number>();
  for (const drive of drives) models.set(modelText(drive), (models.get(modelText(drive)) ?? 0) + 1);
  return [...models].map(([model, count]) => `${count} × ${model}`).join(', ');
}

/** `4×12G`; empty: the host does not tell. */
export function linkText({ lanes, rate }: Pick<TopologyLink, 'lanes' | 'rate'>): string {
  if (lanes === null) return '';
  const gbits = /^(\d+)(?:\.(\d))?/.exec(rate ?? '');
  return gbits === null
    ? `${lanes} lanes`
    : `${lanes}×${gbits[1]!}${gbits[2] === undefined || gbits[2] === '0' ? '' : `.${gbits[2]}`}G`;
}
