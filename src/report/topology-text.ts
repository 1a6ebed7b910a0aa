import { groupsBy } from '../base/groups.ts';
import type { HostTopology, TopologyPath, TopologyUnit } from '../run/facts/topology.ts';
import { printable, type Ink, type Tone } from './ink.ts';
import { counted, modelText } from './quantities.ts';
import { labelOf } from './run-view.ts';
import { darkTexts, linkText, nodeNames, shelvesOf } from './shelves.ts';

/** What is said of a unit beside it, as of a plan; absent: nothing. */
export type UnitMarks = ReadonlyMap<string, { readonly text: string; readonly tone: Tone }>;

interface Shown {
  readonly ink: Ink;
  readonly verbose: boolean;
  readonly marks?: UnitMarks;
}

interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
}

/**
 * Adapters, expanders, modules and what hangs on them, as a tree; drives that are alike share a line, `verbose` names each.
 * Modules of one enclosure are named together at the end, and units that restart with what goes dark meanwhile.
 */
export function topologyLines(topology: HostTopology, shown: Shown): string[] {
  const lines = topology.adapters.flatMap(({ id, driver }) => [
    shown.ink('bold', printable(`host${id}`)) + (driver === null ? '' : `  ${printable(driver)}`),
    ...branchLines(childrenOf(topology, { adapter: id, expander: null, depth: 0 }, shown), ''),
  ]);
  const shared = shelvesOf(topology)
    .filter(({ modules }) => modules.length > 1)
    .map(({ title, nickname, modules, drives }) => {
      const name = nickname === null ? title : `${nickname} (${title})`;
      return `one shelf: ${name}, modules ${modules.map(nodeNames).join(' and ')}, ${counted(drives.length, 'drive')}`;
    });
  const restarting = topology.units.filter(({ id }) => shown.marks?.has(id) === true);
  const dark = darkTexts(restarting, topology);
  return [...lines, ...[...shared, ...dark].map(printable)];
}

const branchLines = (branches: readonly Branch[], indent: string): string[] =>
  branches.flatMap(({ text, below }, i) => {
    const isLast = i === branches.length - 1;
    return [
      `${indent}${isLast ? '└─' : '├─'} ${text}`,
      ...branchLines(below, `${indent}${isLast ? '  ' : '│ '} `),
    ];
  });

interface Place {
  readonly adapter: string;
  /** null: the adapter itself. */
  readonly expander: string | null;
  readonly depth: number;
}

/** So many expanders in a row do not exist; a host that says so goes in circles. */
const DEEPEST = 16;

function childrenOf(topology: HostTopology, { adapter, expander, depth }: Place, shown: Shown): Branch[] {
  const here = topology.units.filter(({ paths }) => paths.some((path) => isAt(path, adapter, expander)));
  const enclosures = here.filter(({ type }) => type === 'enclosure');
  const others = here.filter(({ type }) => type !== 'enclosure');
  const below = topology.links.filter(
    (link) => link.adapter === adapter && link.from === expander && depth < DEEPEST,
  );
  return [
    ...[enclosures, others].flatMap((units) =>
      (shown.verbose ? units.map((unit) => unitText(unit, shown)) : foldedText(units, shown)).map((text) => ({
        text,
        below: [],
      })),
    ),
    ...below.map((link) => ({
      text: [linkText(link), printable(`expander ${link.to}`)].filter((word) => word !== '').join('  '),
      below: childrenOf(topology, { adapter, expander: link.to, depth: depth + 1 }, shown),
    })),
  ];
}

const isAt = ({ hctl, expanders }: TopologyPath, adapter: string, expander: string | null): boolean =>
  hctl.startsWith(`${adapter}:`) && (expanders?.at(-1) ?? null) === expander;

function unitText(unit: TopologyUnit, { ink, verbose, marks }: Shown): string {
  const { id, revision, paths, users, enclosure, nickname } = unit;
  const mark = marks?.get(id);
  const slot = paths.find((path) => path.slot !== null)?.slot;
  const more = [
    ...(nickname === null ? [] : [`"${nickname}"`]),
    ...(enclosure === null ? [] : [`enclosure ${enclosure}`]),
    ...(slot === null || slot === undefined ? [] : [slot.name]),
    ...(verbose
      ? [id, ...(paths.length > 1 ? [`paths ${paths.map(pathText).join(' ')}`] : []), ...users]
      : []),
  ];
  const block = paths.flatMap((path) => path.block ?? []).map(labelOf);
  const text = [
    [nodeNames(unit), ...(verbose ? block : [])].join(' '),
    `${modelText(unit)} ${revision}`,
    more.join(', '),
  ];
  const said = text.filter((word) => word !== '').map(printable);
  return [...said, ...(mark === undefined ? [] : [ink(mark.tone, printable(mark.text))])].join('  ');
}

const pathText = ({ node, hctl, running }: TopologyPath): string =>
  `${node === null ? hctl : labelOf(node)}${running ? '' : ' (not running)'}`;

/** So many units that restart, or have others behind them, are named one by one. */
const FEW_NAMED = 4;

/** `46 × SEAGATE ST4000NM0023 0004 (disk), 2 paths each; ZFS pool tank`; a few with something to say stand for themselves. */
function foldedText(units: readonly TopologyUnit[], shown: Shown): string[] {
  const { ink, marks } = shown;
  const alike = groupsBy(units, (unit) => {
    const { id, type, revision, paths, users, enclosure, nickname } = unit;
    const mark = marks?.get(id)?.text;
    return JSON.stringify([
      ...[type, modelText(unit), revision, paths.length, users],
      ...[enclosure, nickname, mark],
    ]);
  });
  return alike.flatMap((group) => {
    const [first] = group;
    const mark = marks?.get(first.id);
    const few = mark !== undefined || first.type === 'enclosure' ? FEW_NAMED : 1;
    if (group.length <= few) return group.map((unit) => unitText(unit, shown));
    const paths = first.paths.length > 1 ? `, ${first.paths.length} paths each` : '';
    const users = first.users.length === 0 ? '' : `; ${first.users.join(', ')}`;
    const text = `${group.length} × ${modelText(first)} ${first.revision} (${first.type})${paths}${users}`;
    return [printable(text) + (mark === undefined ? '' : `  ${ink(mark.tone, printable(mark.text))}`)];
  });
}
