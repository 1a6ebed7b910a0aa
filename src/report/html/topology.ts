import type { HostTopology, TopologyUnit } from '../../run/facts/topology.ts';
import { counted, modelText } from '../quantities.ts';
import { labelOf } from '../run-view.ts';
import { darkTexts, drivesText, shelvesOf, slotName, usersOf, type Shelf } from '../shelves.ts';
import { h, shown, type Markup } from './markup.ts';
import type { PageHost, PageUnit } from './page-data.ts';
import { BOX, CELL, CELLS, cut, layout, MOST_USERS, SHELF_WIDTH, type Box } from './topology-layout.ts';

/** Host adapters, expanders with their modules, shelves and drives, coloured by outcome, with what goes dark. null: nothing is known. */
export function topologyFigure({ topology, units, name }: PageHost): Markup | null {
  if (topology === null || topology.units.length === 0) return null;
  const outcomes = new Map(units.map((unit) => [unit.id, unit]));
  const restarting = topology.units.filter(({ id }) => outcomes.get(id)?.restarts === true);
  const shelves = shelvesOf(topology);
  const worst = shelves.toSorted((a, b) => rankOf(a, outcomes) - rankOf(b, outcomes)).slice(0, MOST_SHELVES);
  const drawn = shelves.filter((shelf) => worst.includes(shelf));
  return h(
    'figure',
    { class: 'topology' },
    h(
      'div',
      {
        class: 'scroll',
        tabindex: 0,
        role: 'region',
        'aria-label': `Topology${name === null ? '' : ` of ${shown(name)}`}`,
      },
      picture(topology, drawn, outcomes, new Set(restarting.map(({ id }) => id))),
    ),
    drawn.length < shelves.length
      ? h(
          'p',
          { class: 'dim' },
          `The picture has ${drawn.length} of ${shelves.length} enclosures and groups of drives, what went wrong first; the table has every device.`,
        )
      : null,
    h(
      'ul',
      { class: 'legend' },
      legendOf(topology, outcomes).map(([weight, text]) =>
        h('li', {}, h('span', { class: `swatch sw-${weight}` }), text),
      ),
      h('li', {}, 'one stroke: a path of the drive goes dark; a cross: its only one'),
      h('li', {}, 'dashed line: dark while the unit restarts'),
    ),
    h(
      'ul',
      {},
      darkTexts(restarting, topology).map((text) => h('li', {}, text)),
    ),
  );
}

/** More of them are more than a page: the worst are drawn. */
const MOST_SHELVES = 24;
const WORST_FIRST: readonly string[] = ['bad', 'warn', 'good'];

/** 0: something in it went wrong. */
const rankOf = ({ modules, drives }: Shelf, outcomes: ReadonlyMap<string, PageUnit>): number =>
  Math.min(
    ...[...modules, ...drives].map(({ id }) => {
      const rank = WORST_FIRST.indexOf(outcomes.get(id)?.weight ?? '');
      return rank < 0 ? WORST_FIRST.length : rank;
    }),
  );

/** What the colours of this picture mean: the states that are in it. */
function legendOf(
  { units }: HostTopology,
  outcomes: ReadonlyMap<string, PageUnit>,
): readonly (readonly [weight: string, states: string])[] {
  const shownUnits = units.flatMap(({ id }) => outcomes.get(id) ?? []);
  return (['bad', 'warn', 'good'] as const).flatMap((weight) => {
    const states = new Set(shownUnits.filter((unit) => unit.weight === weight).map(({ state }) => state));
    return states.size === 0 ? [] : [[weight, [...states].join(', ')] as const];
  });
}

function picture(
  topology: HostTopology,
  drawn: readonly Shelf[],
  outcomes: ReadonlyMap<string, PageUnit>,
  restarting: ReadonlySet<string>,
): Markup {
  const { boxes, wires, shelves, width, height } = layout(topology, drawn, outcomes);
  const at = new Map(boxes.map((box) => [box.key, box]));
  const right = (box: Box): [number, number] => [box.x + BOX.width, box.y + BOX.height / 2];
  return h(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `${counted(topology.adapters.length, 'adapter')}, ${counted(boxes.length - topology.adapters.length, 'module or expander')}, ${counted(shelves.length, 'group')} of drives; the list below says what goes dark.`,
    },
    wires.flatMap(({ from, to, text }) => {
      const [start, end] = [at.get(from), at.get(to)];
      if (start === undefined || end === undefined) return [];
      const [x1, y1] = right(start);
      const [x2, y2] = [end.x, end.y + BOX.height / 2];
      return [
        h('path', { class: 'wire', d: `M${x1} ${y1} C${x1 + 18} ${y1} ${x2 - 18} ${y2} ${x2} ${y2}` }),
        text === ''
          ? null
          : h(
              'text',
              { class: 'dim-text', x: x2 - 4, y: y2 - 4, 'text-anchor': 'end', 'font-size': 10 },
              text,
            ),
      ];
    }),
    shelves.map(({ shelf, x, y, height: tall, keys }) => [
      keys.flatMap((key) => {
        const box = at.get(key);
        if (box === undefined) return [];
        const [x1, y1] = right(box);
        const y2 = Math.min(y + tall - 10, Math.max(y + 10, y1));
        const isDark = shelf.modules.some(
          ({ id, ownExpanders }) => restarting.has(id) && (ownExpanders.includes(key) || key === id),
        );
        return [
          h('path', {
            class: isDark ? 'wire dark' : 'wire',
            d: `M${x1} ${y1} C${x1 + 18} ${y1} ${x - 18} ${y2} ${x} ${y2}`,
          }),
        ];
      }),
      shelfPicture(shelf, { x, y, tall }, outcomes, restarting),
    ]),
    boxes.map(({ x, y, lines, weight, title }) =>
      h(
        'g',
        {},
        h(
          'rect',
          { class: `box at-${weight}`, x, y, width: BOX.width, height: BOX.height, rx: 3 },
          h('title', {}, title),
        ),
        lines
          .slice(0, 3)
          .map((line, i) =>
            h(
              'text',
              { x: x + 7, y: y + 14 + i * 12, 'font-size': i === 0 ? 12 : 10 },
              cut(line, i === 0 ? 20 : 24),
            ),
          ),
      ),
    ),
  );
}

function shelfPicture(
  { title, nickname, drives }: Shelf,
  { x, y, tall }: { readonly x: number; readonly y: number; readonly tall: number },
  outcomes: ReadonlyMap<string, PageUnit>,
  restarting: ReadonlySet<string>,
): Markup {
  const users = usersOf(drives);
  const rows = Math.ceil(drives.length / CELLS);
  const more = users.length > MOST_USERS ? [`and ${users.length - MOST_USERS} more users`] : [];
  return h(
    'g',
    {},
    h('rect', { class: 'box', x, y, width: SHELF_WIDTH, height: tall, rx: 3 }),
    h('text', { x: x + 10, y: y + 16 }, cut(nickname === null ? title : `${nickname} (${title})`, 44)),
    h('text', { class: 'dim-text', x: x + 10, y: y + 30, 'font-size': 10 }, cut(drivesText(drives), 52)),
    drives.map((drive, i) =>
      driveCell(
        drive,
        { x: x + 12 + (i % CELLS) * CELL, y: y + 38 + Math.floor(i / CELLS) * CELL },
        outcomes,
        restarting,
      ),
    ),
    [...users.slice(0, MOST_USERS), ...more].map((user, i) =>
      h(
        'text',
        { x: x + 10, y: y + 52 + rows * CELL + i * 13, 'font-size': 10.5 },
        cut(i < MOST_USERS ? `used by ${user}` : user, 50),
      ),
    ),
  );
}

function driveCell(
  drive: TopologyUnit,
  { x, y }: { readonly x: number; readonly y: number },
  outcomes: ReadonlyMap<string, PageUnit>,
  restarting: ReadonlySet<string>,
): Markup {
  const size = CELL - 4;
  const outcome = outcomes.get(drive.id);
  const running = drive.paths.filter((path) => path.running);
  const dark = running.filter(({ darkWith }) => darkWith.some((id) => restarting.has(id)));
  const isLost = [...restarting].some(
    (id) => running.length > 0 && running.every(({ darkWith }) => darkWith.includes(id)),
  );
  const line = (x1: number, y1: number, x2: number, y2: number, word: string): Markup =>
    h('line', { class: word, x1, y1, x2, y2 });
  const says = [
    slotName(drive),
    `${modelText(drive)} ${drive.revision}`,
    drive.paths.map(({ node, block, hctl }) => labelOf(block ?? node ?? hctl)).join(' '),
    counted(drive.paths.length, 'path'),
    ...(outcome === undefined ? [] : [outcome.state]),
    ...drive.users,
  ];
  return h(
    'g',
    {},
    h(
      'rect',
      { class: `cell at-${outcome?.weight ?? 'none'}`, x, y, width: size, height: size, rx: 2 },
      h('title', {}, says.join(', ')),
    ),
    dark.length === 0 ? null : line(x + 2, y + size - 2, x + size - 2, y + 2, isLost ? 'cross' : 'slash'),
    isLost ? line(x + 2, y + 2, x + size - 2, y + size - 2, 'cross') : null,
  );
}
