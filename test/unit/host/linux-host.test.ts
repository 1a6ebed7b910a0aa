import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import type { Clock } from '../../../src/base/clock.ts';
import { RunbookError } from '../../../src/base/errors.ts';
import type { AttachedDevice } from '../../../src/host/host.ts';
import { createLinuxHost } from '../../../src/host/linux-host.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';
import { scanned, sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree, SysfsUnit } from '../../support/sysfs-tree.ts';

const linux = suite('host/linux-host');

const card: SysfsUnit = {
  hctl: '6:0:2:0',
  attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.08'),
  sg: 'sg2',
};
const disk: SysfsUnit = {
  hctl: '6:0:1:0',
  attributes: scanned(0, 'SEAGATE', 'ST4000NM0023', '0004'),
  sg: 'sg1',
  block: 'sdb',
};

const SCAN = 'sys/class/scsi_host/host6/scan';

async function withTree(
  check: (tree: SysfsTree, device: (hctl: string) => Promise<AttachedDevice>) => Promise<void>,
): Promise<void> {
  const tree = sysfsTree([{ host: 6, procName: 'mpt3sas' }], [card, disk]);
  const device = async (hctl: string): Promise<AttachedDevice> =>
    (await createLinuxHost(tree).discover()).find((found) => found.hctl === hctl)!;
  try {
    await check(tree, device);
  } finally {
    tree.remove();
  }
}

const textOf = (tree: SysfsTree, file: string): string => readFileSync(path.join(tree.root, file), 'utf8');

/** The kernel does something at each poll of ours; time passes without waiting. */
function clockThat(...acts: (() => void)[]): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      acts.shift()?.();
    },
  };
}

async function rejectionOf(promise: Promise<unknown>): Promise<RunbookError> {
  return promise.then(
    () => {
      throw new Error('must reject');
    },
    (error: unknown) => {
      assert.instance(error, RunbookError);
      return error as RunbookError;
    },
  );
}

linux('opens the node of the device with the access asked for', async () => {
  const opened: string[] = [];
  const host = createLinuxHost({
    openNode: async (node, access) => {
      opened.push(`${node} ${access}`);
      return { execute: async () => outcomeOf(), close: async () => undefined };
    },
  });
  await withTree(async (_tree, device) => {
    const found = await device('6:0:2:0');
    await host.open({ ...found, sgNode: '/dev/sg2' }, 'change');
    assert.equal(opened, ['/dev/sg2 change']);
    const error = await rejectionOf(host.open({ ...found, sgNode: null }, 'read'));
    assert.is(error.code, 'open-failed');
    assert.match(error.message, 'modprobe sg');
  });
});

linux('removes the unit, scans its place, and waits for the unit and for its node', async () => {
  await withTree(async (tree, device) => {
    const before = await device('6:0:2:0');
    // The first look at the clock comes after both writes: there the pretended kernel removes the unit, and finds it
    // again, with new code and under another node, at the first poll.
    const back = { ...card, sg: 'sg5', attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.10') };
    const clock = clockThat(() => tree.addUnit(back));
    let written = '';
    const nowMs = (): number => {
      if (written === '') {
        written = `${textOf(tree, 'sys/bus/scsi/devices/6:0:2:0/delete')} / ${textOf(tree, SCAN)}`;
        tree.removeUnit('6:0:2:0');
      }
      return clock.nowMs();
    };
    const host = createLinuxHost({ ...tree, clock: { nowMs, sleep: (ms) => clock.sleep(ms) } });
    await host.rescan(before);
    assert.is(written, '1 / 0 2 0');
    const after = await device('6:0:2:0');
    assert.is(after.sgNode, path.join(tree.devRoot, 'sg5'));
    assert.is(after.revision, '2.10');
  });
});

linux('scans alone when the unit is gone already', async () => {
  await withTree(async (tree, device) => {
    const before = await device('6:0:2:0');
    tree.removeUnit('6:0:2:0');
    await createLinuxHost({ ...tree, clock: clockThat(() => tree.addUnit(card)) }).rescan(before);
    assert.is(textOf(tree, SCAN), '0 2 0');
  });
});

linux('says how to scan by hand when the unit does not come back', async () => {
  await withTree(async (tree, device) => {
    const before = await device('6:0:2:0');
    tree.removeUnit('6:0:2:0');
    const error = await rejectionOf(createLinuxHost({ ...tree, clock: clockThat() }).rescan(before));
    assert.is(error.code, 'rescan-failed');
    assert.match(error.message, '6:0:2:0: did not come back within 30 s');
    assert.match(error.message, 'echo "0 2 0" > ');
  });
});

linux('names the node when the unit is back without it', async () => {
  await withTree(async (tree, device) => {
    const before = await device('6:0:2:0');
    rmSync(path.join(tree.devRoot, 'sg2'));
    const error = await rejectionOf(createLinuxHost({ ...tree, clock: clockThat() }).rescan(before));
    assert.match(error.message, `is back, but ${path.join(tree.devRoot, 'sg2')} is not; is udev running?`);
  });
});

for (const [title, write, words] of [
  [
    'a mounted disk',
    (tree: SysfsTree) => tree.write('proc/self/mountinfo', '36 1 8:16 / /srv rw - ext4 /dev/sdb rw\n'),
    'in use (mounted on /srv)',
  ],
  [
    'a disk with a mounted partition',
    (tree: SysfsTree) => {
      tree.write('sys/bus/scsi/devices/6:0:1:0/block/sdb/sdb1/dev', '8:17\n');
      tree.write('proc/self/mountinfo', '36 1 8:17 / /boot rw - ext4 /dev/sdb1 rw\n');
    },
    'in use (mounted on /boot)',
  ],
  [
    'a disk below device-mapper',
    (tree: SysfsTree) => tree.write('sys/bus/scsi/devices/6:0:1:0/block/sdb/holders/dm-0/x', ''),
    'sdb is part of dm-0',
  ],
  [
    'a disk of a multipath map that nobody uses',
    (tree: SysfsTree) => {
      tree.write('sys/bus/scsi/devices/6:0:1:0/block/sdb/holders/dm-0/x', '');
      tree.write('sys/class/block/dm-0/dm/uuid', 'mpath-35000c500a\n');
    },
    'in use (sdb is part of dm-0)',
  ],
  [
    'a disk of a ZFS pool',
    (tree: SysfsTree) => tree.write('run/udev/data/b8:16', 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n'),
    'in use (ZFS pool tank',
  ],
  [
    'a disk of an array that is not active',
    (tree: SysfsTree) => tree.write('proc/mdstat', 'md127 : inactive sdb[3](S)\n'),
    'in use (array md127)',
  ],
  [
    'a disk that is swap',
    (tree: SysfsTree) => tree.write('proc/swaps', 'Filename Type\n/dev/sdb partition 1 0 -2\n'),
    'in use (swap)',
  ],
] as const) {
  linux(`does not remove ${title}`, async () => {
    await withTree(async (tree, device) => {
      write(tree);
      const error = await rejectionOf(createLinuxHost(tree).rescan(await device('6:0:1:0')));
      assert.is(error.code, 'step-removes-disk');
      assert.match(error.message, words);
      assert.is(textOf(tree, 'sys/bus/scsi/devices/6:0:1:0/delete'), '');
    });
  });
}

linux('does not remove a unit that it could not scan again', async () => {
  await withTree(async (tree, device) => {
    rmSync(path.join(tree.root, SCAN));
    const error = await rejectionOf(createLinuxHost(tree).rescan(await device('6:0:2:0')));
    assert.is(error.code, 'rescan-failed');
    assert.is(textOf(tree, 'sys/bus/scsi/devices/6:0:2:0/delete'), '');
  });
});

linux('unloads and loads a driver, and stops when it cannot be unloaded', async () => {
  const calls: string[] = [];
  const answers = [0, 0, 1].map((exitCode) => ({
    exitCode,
    output: 'modprobe: FATAL: Module mpt3sas is in use.\n',
    timedOut: false,
  }));
  const host = createLinuxHost({
    runProgram: async (argv) => {
      calls.push(argv.join(' '));
      return answers.shift()!;
    },
  });
  await host.reloadDriver('mpt3sas');
  assert.equal(calls, ['modprobe -r mpt3sas', 'modprobe mpt3sas']);
  const error = await rejectionOf(host.reloadDriver('mpt3sas'));
  assert.is(error.code, 'driver-failed');
  assert.match(error.message, 'Module mpt3sas is in use.');
  assert.is(calls.length, 3);
});

linux('shouts when a driver was unloaded and does not load again', async () => {
  const answers = [0, 1].map((exitCode) => ({ exitCode, output: '', timedOut: false }));
  const host = createLinuxHost({ runProgram: async () => answers.shift()! });
  assert.match((await rejectionOf(host.reloadDriver('hpsa'))).message, 'CANNOT BE LOADED AGAIN: exit code 1');
});

for (const name of ['', '-r', 'a b', '/tmp/x.ko', 'mpt3sas;reboot', '--all']) {
  linux(`takes no driver with the name ${JSON.stringify(name)}`, async () => {
    const host = createLinuxHost({ runProgram: () => Promise.reject(new Error('must not run')) });
    assert.is((await rejectionOf(host.reloadDriver(name))).code, 'driver-failed');
  });
}

linux.run();
