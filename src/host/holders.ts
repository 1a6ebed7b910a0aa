import { readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * What the kernel has built directly on a disk or one of its partitions (device mapper, md, bcache): `sdb1 is part of dm-0`. A
 * multipath map is one of them, for it is in the way of who wants to remove the disk; who uses it is a matter of
 * {@link DiskUsers}.
 *
 * @param block the `block` directory of the unit in sysfs
 */
export function holdersOf(block: string): string[] {
  return names(block).flatMap((disk) => {
    const directory = path.join(block, disk);
    const partitions = names(directory).filter((name) => name.startsWith(disk));
    return [
      ...names(path.join(directory, 'holders')).map((holder) => `${disk} is part of ${holder}`),
      ...partitions.flatMap((partition) =>
        names(path.join(directory, partition, 'holders')).map(
          (holder) => `${partition} is part of ${holder}`,
        ),
      ),
    ];
  });
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
