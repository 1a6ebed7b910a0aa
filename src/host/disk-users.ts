import path from 'node:path';
import type { Unreadable } from '../base/facts.ts';
import { Reads } from './reads.ts';

export interface UserRoots {
  readonly sysfsRoot: string;
  readonly procRoot: string;
  /** `/run`: udev keeps there what it found on each block device. */
  readonly runRoot: string;
}

/** File systems and the like that leave no trace in sysfs while they use a disk (ID_FS_TYPE of udev). */
const UNSEEN: Readonly<Record<string, string>> = {
  zfs_member: 'ZFS pool',
  ceph_bluestore: 'Ceph OSD',
  oracleasm: 'Oracle ASM disk',
};

/**
 * Who uses block devices, by one look at mounts, swap, arrays and pools: nothing is opened but text files of /proc, sysfs and
 * udev. What is on top is told (`mounted on /srv`), not what is in between.
 */
export class DiskUsers {
  readonly #roots: UserRoots;
  /** By `major:minor` and by `/dev/NAME`; a file system over several disks has its own number. */
  readonly #mounts = new Map<string, string>();
  readonly #swaps: ReadonlySet<string>;
  /** Array by name of member, from mdstat: inactive arrays too. */
  readonly #arrays = new Map<string, string>();
  readonly #btrfs = new Map<string, string>();
  readonly #pools: readonly string[];
  readonly #known = new Map<string, readonly string[]>();
  /** Of what concerns all disks. */
  readonly #shared = new Reads('users');
  /** Of the disk that is asked for. */
  #reads = this.#shared;

  constructor(roots: UserRoots) {
    this.#roots = roots;
    const { procRoot, sysfsRoot } = roots;
    for (const line of this.#reads.lines(path.join(procRoot, 'self/mountinfo'))) this.#addMount(line);
    const swaps = this.#reads
      .lines(path.join(procRoot, 'swaps'))
      .map((line) => unescaped(line.split(/\s/)[0] ?? ''));
    this.#swaps = new Set(swaps);
    for (const line of this.#reads.lines(path.join(procRoot, 'mdstat'))) {
      // md0 : active raid1 sdb1[1] sda1[0](F)
      const array = /^(\w+) : /.exec(line)?.[1];
      if (array === undefined) continue;
      for (const [, member] of line.matchAll(/(?<!\S)(\S+)\[\d+\]/g)) this.#arrays.set(member!, array);
    }
    const btrfs = path.join(sysfsRoot, 'fs/btrfs');
    for (const id of this.#reads.names(btrfs)) {
      const label = this.#reads.text(path.join(btrfs, id, 'label')) || id;
      for (const name of this.#reads.names(path.join(btrfs, id, 'devices')))
        this.#btrfs.set(name, `btrfs ${label}`);
    }
    this.#pools = this.#reads.names(path.join(procRoot, 'spl/kstat/zfs'));
  }

  /**
   * Users of a disk and of its partitions. Empty: nothing that can be seen; see {@link unreadable}.
   *
   * @param block the `block` directory of the unit in sysfs
   */
  of(block: string): readonly string[] {
    this.#reads = new Reads('users');
    return unique(this.#reads.names(block).flatMap((disk) => this.#ofDisk(disk, path.join(block, disk))));
  }

  /** What could not be read for the last answer of {@link of}: a user may be there that is not in it. */
  get unreadable(): readonly Unreadable[] {
    return [...this.#shared.unreadable, ...this.#reads.unreadable].slice(0, 1);
  }

  #ofDisk(disk: string, directory: string): readonly string[] {
    const partitions = this.#reads.names(directory).filter((name) => name.startsWith(disk));
    return [
      ...this.#ofDevice(disk, directory),
      ...partitions.flatMap((name) => this.#ofDevice(name, path.join(directory, name))),
    ];
  }

  #ofDevice(name: string, directory: string): readonly string[] {
    const number = this.#reads.text(path.join(directory, 'dev'));
    const node = `/dev/${name.replaceAll('!', '/')}`;
    const mount = this.#mounts.get(number) ?? this.#mounts.get(node);
    const users = this.#reads
      .names(path.join(directory, 'holders'))
      .flatMap((holder) => this.#ofHolder(holder));
    if (mount !== undefined) users.push(`mounted on ${mount}`);
    if (this.#swaps.has(node)) users.push('swap');
    const array = this.#arrays.get(name);
    if (array !== undefined) users.push(...this.#ofHolder(array));
    const btrfs = this.#btrfs.get(name);
    if (btrfs !== undefined && mount === undefined) users.push(btrfs);
    const unseen = this.#unseenUser(number, directory);
    if (unseen !== null) users.push(unseen);
    return users;
  }

  /** What is on top of an array or a mapped device; where nothing is, the device itself is the user. */
  #ofHolder(holder: string): readonly string[] {
    const known = this.#known.get(holder);
    if (known !== undefined) return known;
    this.#known.set(holder, []); // a ring of holders cannot be, and would end here
    const directory = path.join(this.#roots.sysfsRoot, 'class/block', holder);
    const above = unique(this.#ofDisk(holder, directory));
    const users = above.length > 0 ? above : this.#holderText(holder, directory);
    this.#known.set(holder, users);
    return users;
  }

  #unseenUser(number: string, directory: string): string | null {
    const facts = this.#reads.lines(path.join(this.#roots.runRoot, 'udev/data', `b${number}`));
    const fact = (key: string): string | undefined =>
      facts.find((line) => line.startsWith(`E:${key}=`))?.slice(key.length + 3);
    const what = UNSEEN[fact('ID_FS_TYPE') ?? ''];
    if (what !== undefined) {
      const label = fact('ID_FS_LABEL');
      const imported = what !== 'ZFS pool' || label === undefined || this.#pools.includes(label);
      return `${what}${label === undefined ? '' : ` ${label}`}${imported ? '' : ' (not imported here)'}`;
    }
    // ZFS names the partition that it makes on a whole disk.
    return this.#reads.lines(path.join(directory, 'uevent')).some((line) => line.startsWith('PARTNAME=zfs-'))
      ? 'ZFS pool'
      : null;
  }

  /** A multipath map alone is not a user: it is there for every drive with two paths. */
  #holderText(holder: string, directory: string): readonly string[] {
    const uuid = this.#reads.text(path.join(directory, 'dm/uuid'));
    if (/^(part\d+-)?mpath-/.test(uuid)) return [];
    const name = this.#reads.text(path.join(directory, 'dm/name'));
    if (uuid.startsWith('LVM-')) return [`LVM volume ${name}`];
    if (uuid.startsWith('CRYPT-')) return [`encrypted ${name}`];
    if (name !== '') return [`mapped as ${name}`];
    return [holder.startsWith('md') ? `array ${holder}` : holder];
  }

  /** mountinfo: id, parent, major:minor, root, mount point, options, …, `-`, type, source, options. */
  #addMount(line: string): void {
    const fields = line.split(' ');
    const source = fields[fields.indexOf('-') + 2] ?? '';
    const point = unescaped(fields[4] ?? '?');
    for (const key of [fields[2] ?? '', unescaped(source)]) {
      if (key !== '' && key !== 'none' && !this.#mounts.has(key)) this.#mounts.set(key, point);
    }
  }
}

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

/** Blank, tab, line feed and backslash are written as three octal digits. */
const unescaped = (word: string): string =>
  word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
