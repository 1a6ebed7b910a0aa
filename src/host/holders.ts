import path from 'node:path';
import type { Reads } from './reads.ts';

/**
 * What the kernel has built directly on a disk or one of its partitions (device mapper, md, bcache): `sdb1 is part of dm-0`. A
 * multipath map is one of them, for it is in the way of who wants to remove the disk; who uses it is a matter of
 * {@link DiskUsers}.
 *
 * @param block the `block` directory of the unit in sysfs
 * @param reads says afterwards whether all of it could be read
 */
export function holdersOf(block: string, reads: Reads): string[] {
  return reads.names(block).flatMap((disk) => {
    const directory = path.join(block, disk);
    const partitions = reads.names(directory).filter((name) => name.startsWith(disk));
    return [
      ...reads.names(path.join(directory, 'holders')).map((holder) => `${disk} is part of ${holder}`),
      ...partitions.flatMap((partition) =>
        reads
          .names(path.join(directory, partition, 'holders'))
          .map((holder) => `${partition} is part of ${holder}`),
      ),
    ];
  });
}
