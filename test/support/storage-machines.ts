import type { SysfsTree, SysfsUnit } from './sysfs-tree.ts';
import { scanned, sysfsTree } from './sysfs-tree.ts';
import {
  cascade,
  diskName,
  driveNaa,
  enclosureNaa,
  expanderAddress,
  sasDisk,
  sesUnit,
  shelf,
} from './sysfs-machines.ts';

/** Major and minor number of the n-th sd disk, as the kernel gives them out: sixteen to a major. */
const sdNumber = (n: number, partition = 0): string =>
  `${[8, 65, 66, 67, 68][n >> 4] ?? 69}:${(n & 15) * 16 + partition}`;

/** As a host with md, LVM, swap and XFS shows them. */
const MOUNTINFO = `22 29 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
29 1 252:2 / / rw,relatime shared:1 - ext4 /dev/vda2 rw
88 29 9:127 / /srv/archive rw,noatime shared:45 - xfs /dev/md127 rw,attr2,inode64,logbufs=8
91 29 253:0 / /var/lib/vm rw,relatime shared:47 - ext4 /dev/mapper/vg0-vm rw
94 29 8:81 / /mnt/scratch\\040disk rw,relatime shared:49 - xfs /dev/sdf1 rw
`;
const MDSTAT = `Personalities : [raid1] [raid6] [raid5] [raid4]
md127 : active raid1 sdb[1] sda[0]
      3906887488 blocks super 1.2 [2/2] [UU]
      bitmap: 0/30 pages [0KB], 65536KB chunk

md126 : inactive sde[2](S)
      3906887512 blocks super 1.2

unused devices: <none>
`;
const SWAPS = `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/sdc1                               partition\t8388604\t\t524\t\t-2
`;

/** Three expanders, one below the other, and six drives, each held by something else. */
export function cascadeWithHolders(): SysfsTree {
  const more: Readonly<Record<number, Partial<SysfsUnit>>> = {
    0: { holders: ['md127'] },
    1: { holders: ['md127'] },
    2: { partitions: { sdc1: sdNumber(2, 1) } },
    3: { holders: ['dm-0'] },
    4: { holders: ['md126'] },
    5: { partitions: { sdf1: sdNumber(5, 1) } },
  };
  const tree = cascade((n) => ({ blockNumber: sdNumber(n), ...more[n] }));
  tree.addMapped('md127', '9:127', {});
  tree.addMapped('md126', '9:126', {});
  tree.addMapped('dm-0', '253:0', { 'dm/name': 'vg0-vm', 'dm/uuid': 'LVM-x' });
  tree.write('proc/self/mountinfo', MOUNTINFO);
  tree.write('proc/mdstat', MDSTAT);
  tree.write('proc/swaps', SWAPS);
  return tree;
}

/** Two adapters, two modules, 24 drives over two paths under multipath: a pool on 20 of them, four are spare. */
export function shelfUnderMultipath(single: (drive: number) => boolean = () => false): SysfsTree {
  const tree = shelf({
    single,
    fields: (n, host) => ({ blockNumber: sdNumber((host - 6) * 24 + n), holders: [`dm-${n}`] }),
  });
  for (let n = 0; n < 24; n++) {
    const number = `253:${n}`;
    const wwid = `3${driveNaa(n)}`;
    tree.addMapped(`dm-${n}`, number, { 'dm/name': wwid, 'dm/uuid': `mpath-${wwid}` });
    if (n < 20) tree.write(`run/udev/data/b${number}`, 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n');
  }
  tree.write('proc/spl/kstat/zfs/tank/state', 'ONLINE\n');
  return tree;
}

/** A RAID adapter with its volume and its own enclosure, SATA ports of the board, and a SATA and a SAS drive behind SAS. */
export function raidAndSata(): SysfsTree {
  const expanders = ['expander-6:0'];
  const sata = scanned(0, 'ATA', 'INTEL SSDSC2KB96', '0132');
  return sysfsTree(
    [
      { host: 0, procName: 'megaraid_sas' },
      { host: 1, procName: 'ahci' },
      { host: 6, procName: 'mpt3sas', sas: true, expanders: { 'expander-6:0': expanderAddress(1) } },
    ],
    [
      {
        hctl: '0:2:0:0',
        attributes: { ...scanned(0, 'AVAGO', 'MR9361-8i', '4.68'), wwid: 'naa.600605b00d1c000000000001\n' },
        sg: 'sg0',
        block: 'sda',
        blockNumber: sdNumber(0),
      },
      {
        hctl: '0:0:8:0',
        attributes: { ...scanned(13, 'LAB', 'SES SHELF', '0100'), wwid: `naa.${enclosureNaa(9)}\n` },
        sg: 'sg1',
      },
      {
        hctl: '1:0:0:0',
        attributes: { ...sata, wwid: 't10.ATA     INTEL SSDSC2KB96  PHYS1\n', vpd_pg89: '\0\x89' },
        sg: 'sg2',
        block: 'sdb',
        blockNumber: sdNumber(1),
      },
      sasDisk('6:0:0:0', 1, 'sdc', {
        attributes: { ...sata, wwid: `naa.${driveNaa(1)}\n`, vpd_pg89: '\0\x89' },
        sg: 'sg3',
        blockNumber: sdNumber(2),
        expanders,
      }),
      sasDisk('6:0:1:0', 2, 'sdd', { sg: 'sg4', blockNumber: sdNumber(3), expanders }),
      sesUnit('6:0:2:0', 1, 'sg5', expanders),
    ],
  );
}

/** Shelves of 50 units each (one enclosure, 49 drives, every tenth of them mounted), `count` units in all. */
export function bigHost(count: number): SysfsTree {
  const shelves = Math.ceil(count / 50);
  const names = Array.from({ length: shelves }, (_, n) => `expander-6:${n}`);
  const units = names.flatMap((name, e): SysfsUnit[] => [
    sesUnit(`6:0:${10_000 + e}:0`, e, `sg${e}`, [name]),
    ...Array.from({ length: 49 }, (_, d) => {
      const n = e * 49 + d;
      const fields = { expanders: [name], sg: `sg${100 + n}`, blockNumber: `259:${n}`, maxSectorsKb: '1280' };
      return sasDisk(`6:0:${n}:0`, n, diskName(n), fields);
    }),
  ]);
  const expanders = Object.fromEntries(names.map((name, n) => [name, expanderAddress(n)]));
  const adapter = {
    host: 6,
    procName: 'mpt3sas',
    sas: true,
    sgTablesize: '128',
    busDriver: 'mpt3sas',
    expanders,
  };
  const tree = sysfsTree([adapter], units.slice(0, count));
  const mounted = Array.from({ length: Math.ceil((shelves * 49) / 10) }, (_, n) => 10 * n);
  tree.write(
    'proc/self/mountinfo',
    mounted.map((n) => `${100 + n} 29 259:${n} / /data/${n} rw - xfs /dev/${diskName(n)} rw\n`).join(''),
  );
  return tree;
}
