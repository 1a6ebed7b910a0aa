import * as assert from 'uvu/assert';
import { DiskUsers } from '../../../src/host/disk-users.ts';
import { suite } from '../../support/suite.ts';
import { sasDisk } from '../../support/sysfs-machines.ts';
import { sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree, SysfsUnit } from '../../support/sysfs-tree.ts';

const test = suite('host/disk-users');

const HCTL = '6:0:0:0';

/** Users of sdb (8:16) with its partitions sdb1 (8:17) and sdb2 (8:18). */
function usersOf(
  fields: Partial<SysfsUnit>,
  prepare: (tree: SysfsTree) => void = () => undefined,
): readonly string[] {
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [sasDisk(HCTL, 1, 'sdb', { blockNumber: '8:16', partitions: { sdb1: '8:17', sdb2: '8:18' }, ...fields })],
  );
  prepare(tree);
  try {
    const users = new DiskUsers({ ...tree, runRoot: `${tree.root}/run` });
    return users.of(`${tree.sysfsRoot}/bus/scsi/devices/${HCTL}/block`);
  } finally {
    tree.remove();
  }
}

const MOUNTINFO = `22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
95 28 8:17 / /srv/my\\040data rw,relatime shared:50 - xfs /dev/sdb1 rw
96 28 253:3 / /var/lib/vm rw - ext4 /dev/mapper/vg0-vm rw
97 28 0:45 /vol /btr rw - btrfs /dev/sdb2 rw,subvol=/vol
98 28 9:0 / /archive rw - xfs /dev/md0 rw
`;
const SWAPS = `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/sdb2                               partition\t8388604\t\t0\t\t-2
/dev/dm-5                               partition\t8388604\t\t0\t\t-3
`;
const MDSTAT = `Personalities : [raid1] [raid6]
md0 : active raid1 sdb1[1] sda1[0](F)
      1953382464 blocks super 1.2 [2/2] [UU]
      bitmap: 0/15 pages [0KB], 65536KB chunk

md127 : inactive sdb[3](S)
      1953382488 blocks super 1.2

unused devices: <none>
`;

test('a disk that nobody uses has no users', () => {
  assert.equal(usersOf({}), []);
});

test('a mounted partition, blanks in its mount point included', () => {
  assert.equal(
    usersOf({}, (tree) => tree.write('proc/self/mountinfo', MOUNTINFO.replace(/^97.*\n/m, ''))),
    ['mounted on /srv/my data'],
  );
});

test('btrfs has a number of its own: the source of the mount and the list of its devices tell', () => {
  const mounted = usersOf({}, (tree) => tree.write('proc/self/mountinfo', MOUNTINFO.split('\n')[4]!));
  assert.equal(mounted, ['mounted on /btr']);
  const second = usersOf({}, (tree) => {
    tree.write('sys/fs/btrfs/0a1b/label', 'pool\n');
    tree.write('sys/fs/btrfs/0a1b/devices/sdb1', '');
  });
  assert.equal(second, ['btrfs pool']);
});

test('swap on a partition, and on a volume', () => {
  assert.equal(
    usersOf({}, (tree) => tree.write('proc/swaps', SWAPS)),
    ['swap'],
  );
  const volume = usersOf({ holders: ['dm-5'] }, (tree) => {
    tree.write('proc/swaps', SWAPS.replace(/.*sdb2.*\n/, ''));
    tree.addMapped('dm-5', '253:5', { 'dm/name': 'vg0-swap', 'dm/uuid': 'LVM-abc' });
  });
  assert.equal(volume, ['swap']);
});

test('what is on top of arrays and volumes is told, else the volume itself', () => {
  const vm = usersOf({ holders: ['dm-3', 'dm-4'] }, (tree) => {
    tree.write('proc/self/mountinfo', MOUNTINFO);
    tree.addMapped('dm-3', '253:3', { 'dm/name': 'vg0-vm', 'dm/uuid': 'LVM-abc' });
    tree.addMapped('dm-4', '253:4', { 'dm/name': 'vg0-free', 'dm/uuid': 'LVM-abd' });
  });
  assert.equal(vm, [
    'mounted on /var/lib/vm',
    'LVM volume vg0-free',
    'mounted on /srv/my data',
    'mounted on /btr',
  ]);
});

test('arrays by mdstat: the mount on top of the active one, and the inactive one', () => {
  const users = usersOf({ partitions: { sdb1: '8:117' } }, (tree) => {
    tree.write('proc/mdstat', MDSTAT);
    tree.write('proc/self/mountinfo', MOUNTINFO.split('\n')[5]!);
    tree.addMapped('md0', '9:0', {});
  });
  assert.equal(users, ['array md127', 'mounted on /archive']);
});

test('a multipath map alone is not a use; what lies on it is', () => {
  const map = { 'dm/name': 'mpatha', 'dm/uuid': 'mpath-35000c500' };
  const part = { 'dm/name': 'mpatha1', 'dm/uuid': 'part1-mpath-35000c500' };
  assert.equal(
    usersOf({ holders: ['dm-0'] }, (tree) => tree.addMapped('dm-0', '253:0', map)),
    [],
  );
  const used = usersOf({ holders: ['dm-0'] }, (tree) => {
    tree.addMapped('dm-0', '253:0', map, ['dm-1']);
    tree.addMapped('dm-1', '253:1', part, ['dm-2']);
    tree.addMapped('dm-2', '253:2', { 'dm/name': 'secret', 'dm/uuid': 'CRYPT-LUKS2-1' });
  });
  assert.equal(used, ['encrypted secret']);
});

test('other mapped devices and caches are users', () => {
  const users = usersOf({ holders: ['bcache0', 'dm-7'] }, (tree) => {
    tree.addMapped('bcache0', '252:0', {});
    tree.addMapped('dm-7', '253:7', { 'dm/name': 'thin' });
  });
  assert.equal(users, ['bcache0', 'mapped as thin']);
});

test('a ZFS pool is told by what udev found, imported or not', () => {
  const label = 'S:disk/by-id/wwn-0x5000c500\nE:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n';
  const imported = usersOf({}, (tree) => {
    tree.write('run/udev/data/b8:17', label);
    tree.write('proc/spl/kstat/zfs/tank/state', 'ONLINE\n');
  });
  assert.equal(imported, ['ZFS pool tank']);
  const elsewhere = usersOf({}, (tree) => tree.write('run/udev/data/b8:16', label));
  assert.equal(elsewhere, ['ZFS pool tank (not imported here)']);
});

test('a ZFS pool without udev is told by the name of its partition', () => {
  const users = usersOf({}, (tree) =>
    tree.write(
      `sys/bus/scsi/devices/${HCTL}/block/sdb/sdb1/uevent`,
      'MAJOR=8\nPARTN=1\nPARTNAME=zfs-6f3b1c\n',
    ),
  );
  assert.equal(users, ['ZFS pool']);
});

test('a file system that is not mounted is not a use', () => {
  assert.equal(
    usersOf({}, (tree) => tree.write('run/udev/data/b8:17', 'E:ID_FS_TYPE=ext4\nE:ID_FS_LABEL=old\n')),
    [],
  );
});

test('garbled files of /proc are not an error', () => {
  const users = usersOf({}, (tree) => {
    for (const file of ['self/mountinfo', 'swaps', 'mdstat'])
      tree.write(`proc/${file}`, '\n - \n:::\x00\xff\n8:17\n');
  });
  assert.equal(users, []);
});

test.run();
