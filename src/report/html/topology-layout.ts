import type { HostTopology, TopologyLink, TopologyUnit } from '../../run/facts/topology.ts';
import { modelText } from '../quantities.ts';
import { linkText, nodeNames, usersOf, type Shelf } from '../shelves.ts';
import type { PageUnit } from './page-data.ts';

const COLUMN = 170;
export const BOX = { width: 140, height: 44 } as const;
const GAP = 14;
export const CELL = 22;
export const CELLS = 12;
export const SHELF_WIDTH = CELLS * CELL + 24;
export const MOST_USERS = 3;

export interface Box {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly lines: readonly string[];
  readonly weight: string;
  readonly title: string;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly wires: readonly { readonly from: string; readonly to: string; readonly text: string }[];
  readonly shelves: readonly {
    readonly shelf: Shelf;
    readonly x: number;
    readonly y: number;
    readonly height: number;
    readonly keys: readonly string[];
  }[];
  readonly width: number;
  readonly height: number;
}

/** Columns from left to right: adapters, expanders by their depth, shelves. Each shelf takes the height that it needs. */
export function layout(
  topology: HostTopology,
  drawn: readonly Shelf[],
  outcomes: ReadonlyMap<string, PageUnit>,
): Layout {
  const { adapters, links, units } = topology;
  const depths = new Map<string, number>();
  for (const { expanders } of units.flatMap(({ paths }) => paths))
    for (const [depth, expander] of (expanders ?? []).entries())
      depths.set(expander, Math.max(depth, depths.get(expander) ?? 0));
  const deepest = Math.max(0, ...depths.values());
  const shelfX = 20 + COLUMN * (deepest + 2);
  const boxes = new Map<string, Box>();
  const shelves: Layout['shelves'][number][] = [];
  const wires: Layout['wires'][number][] = links.map(wireOf);
  let y = 10;
  for (const shelf of drawn) {
    const keys: string[] = [];
    const own = boxesOf(shelf, depths);
    let boxY = y;
    for (const { key, depth, unit } of own) {
      keys.push(key);
      if (boxes.has(key)) continue;
      boxes.set(
        key,
        unitBox(key, unit, { x: 20 + COLUMN * (depth + 1), y: boxY, outcome: unit && outcomes.get(unit.id) }),
      );
      boxY += BOX.height + GAP;
      // Without links of its own a module hangs on the adapters of its paths.
      if (unit !== null && key === unit.id)
        for (const adapter of adaptersOf(unit)) wires.push({ from: `adapter ${adapter}`, to: key, text: '' });
    }
    if (own.length === 0)
      keys.push(...new Set(shelf.drives.flatMap(adaptersOf).map((adapter) => `adapter ${adapter}`)));
    const users = usersOf(shelf.drives);
    const content =
      46 + Math.ceil(shelf.drives.length / CELLS) * CELL + Math.min(users.length, MOST_USERS + 1) * 13 + 8;
    if (shelf.drives.length > 0) shelves.push({ shelf, x: shelfX, y, height: content, keys });
    y = Math.max(boxY, shelf.drives.length > 0 ? y + content + GAP : boxY);
  }
  const shown = adapters.map(({ id, driver }, index): Box => {
    const below = wires
      .filter(({ from }) => from === `adapter ${id}`)
      .flatMap(({ to }) => boxes.get(to)?.y ?? []);
    const middle = below.length === 0 ? 10 : below.reduce((sum, at) => sum + at, 0) / below.length;
    return {
      ...{
        key: `adapter ${id}`,
        x: 10,
        y: Math.max(middle, 10 + index * (BOX.height + GAP)),
        weight: 'none',
      },
      lines: [`host${id}`, driver ?? ''],
      title: `host adapter ${id}${driver === null ? '' : `, driver ${driver}`}`,
    };
  });
  const all = [...shown, ...boxes.values()];
  const height = Math.max(y, ...all.map((box) => box.y + BOX.height + 10));
  return { boxes: all, wires, shelves, width: shelfX + SHELF_WIDTH + 10, height };
}

/** The expanders of a shelf, each with its module; a module without an expander of its own stands for itself. */
function boxesOf(
  { modules, drives }: Shelf,
  depths: ReadonlyMap<string, number>,
): { readonly key: string; readonly depth: number; readonly unit: TopologyUnit | null }[] {
  const own = modules.flatMap((unit) =>
    unit.ownExpanders.length === 0
      ? [{ key: unit.id, depth: 0, unit }]
      : unit.ownExpanders.map((key) => ({ key, depth: depths.get(key) ?? 0, unit })),
  );
  if (own.length > 0) return own;
  const last = new Set(
    drives.flatMap(({ paths }) => paths.flatMap(({ expanders }) => expanders?.at(-1) ?? [])),
  );
  return [...last].map((key) => ({ key, depth: depths.get(key) ?? 0, unit: null }));
}

function unitBox(
  key: string,
  unit: TopologyUnit | null,
  {
    x,
    y,
    outcome,
  }: { readonly x: number; readonly y: number; readonly outcome: PageUnit | null | undefined },
): Box {
  if (unit === null)
    return { ...{ key, x, y, weight: 'none', title: `expander ${key}` }, lines: ['expander', key] };
  const change =
    outcome == null || outcome.before === outcome.after
      ? unit.revision
      : `${outcome.before} → ${outcome.after}`;
  const state = outcome == null ? change : `${outcome.state}: ${change}`;
  return {
    ...{ key, x, y, weight: outcome?.weight ?? 'none' },
    lines: [nodeNames(unit), modelText(unit), state],
    title: [
      nodeNames(unit),
      modelText(unit),
      state,
      unit.id,
      ...unit.ownExpanders.map((expander) => `expander ${expander}`),
    ].join(', '),
  };
}

const adaptersOf = ({ paths }: TopologyUnit): string[] => [
  ...new Set(paths.map(({ hctl }) => hctl.split(':')[0]!)),
];

const wireOf = ({ adapter, from, to, lanes, rate }: TopologyLink): Layout['wires'][number] => ({
  from: from ?? `adapter ${adapter}`,
  to,
  text: linkText({ lanes, rate }),
});

export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
