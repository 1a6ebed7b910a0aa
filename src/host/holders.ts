import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What of this host uses a disk or one of its partitions: mounted file systems, swap, and device-mapper or md devices on
 * top. Empty for a unit without a block device.
 *
 * @param block the `block` directory of the unit in sysfs
 */
export function holdersOf(block: string, procRoot: string): string[] {
  const disk = names(block)[0];
  if (disk === undefined) return [];
  const mounts = text(path.join(procRoot, 'self/mountinfo')).split('\n');
  const swaps = text(path.join(procRoot, 'swaps')).split('\n');
  const holders: string[] = [];
  const directory = path.join(block, disk);
  const partitions = names(directory).filter((name) => name.startsWith(disk));
  for (const [name, at] of [
    [disk, directory],
    ...partitions.map((name) => [name, path.join(directory, name)]),
  ] as const) {
    for (const holder of names(path.join(at, 'holders'))) holders.push(`${name} is part of ${holder}`);
    const number = text(path.join(at, 'dev')).trim();
    // mountinfo: id, parent id, major:minor, root, mount point, …
    const mount = number === '' ? undefined : mounts.find((line) => line.split(' ')[2] === number);
    if (mount !== undefined) holders.push(`${name} is mounted on ${mount.split(' ')[4] ?? '?'}`);
    if (swaps.some((line) => line.split(/\s/)[0] === `/dev/${name}`)) holders.push(`${name} is swap`);
  }
  return holders;
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
