import type { DriveBehind, UnitTopology } from './unit-topology.ts';

/** What the restart of units does to the drives behind them. */
export interface Outage {
  /** Drives with a path through one of the units. */
  readonly drives: readonly DriveBehind[];
  /** Those of them that have no running path left meanwhile. */
  readonly lost: readonly DriveBehind[];
}

/** What goes when all these units restart at the same time. A drive that has no running path now loses nothing. */
export function outageOf(topologies: readonly UnitTopology[]): Outage {
  const drives = new Map<string, DriveBehind>();
  const through = new Set<string>();
  for (const drive of topologies.flatMap((topology) => topology.drives)) {
    drives.set(drive.id, drive);
    for (const path of drive.paths) if (path.through) through.add(path.hctl);
  }
  const lost = [...drives.values()].filter(({ paths }) => {
    const running = paths.filter((path) => path.running);
    return running.length > 0 && running.every(({ hctl }) => through.has(hctl));
  });
  return { drives: [...drives.values()], lost };
}

/** Drives in use that would have no path left. Empty: the units may restart, as far as drives are concerned. */
export function lastPathsTaken(places: readonly UnitTopology[]): readonly DriveBehind[] {
  return outageOf(places).lost.filter(({ users }) => users.length > 0);
}

/** Drives none of whose paths runs: they are gone, or offline for the kernel, before anything was sent. */
export const notRunning = (drives: readonly DriveBehind[]): readonly DriveBehind[] =>
  drives.filter(({ paths }) => paths.every(({ running }) => !running));

/** `24 drives behind it, 12 lose their only path: ZFS pool tank`; null: nothing is behind it. */
export function outageText(place: UnitTopology): string | null {
  const { drives, lost } = outageOf([place]);
  if (drives.length === 0) return null;
  const count = `${drives.length} ${drives.length === 1 ? 'drive' : 'drives'}`;
  const where = place.drivesAssumed ? `${count} on its adapter, perhaps behind it` : `${count} behind it`;
  const gone = notRunning(drives).length;
  const behind = gone === 0 ? where : `${where}, ${gone} not running now`;
  if (lost.length === 0) return `${behind}, each with another path`;
  const inUse = lost.filter(({ users }) => users.length > 0);
  const losing = `${lost.length} ${lost.length === 1 ? 'loses its' : 'lose their'} only path`;
  const uses = inUse.length === 0 ? 'none in use' : `in use: ${inUse.length} (${usesText(inUse)})`;
  return `${behind}, ${losing}; ${uses}`;
}

/** Users without repetition: sixty drives of one pool are one pool. */
export const usesText = (drives: readonly DriveBehind[]): string =>
  listText(drives.flatMap(({ users }) => users));

const MOST_NAMED = 4;

export function listText(words: readonly string[]): string {
  const unique = [...new Set(words)];
  const more = unique.length - MOST_NAMED;
  return [...unique.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
