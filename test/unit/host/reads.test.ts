import * as assert from 'uvu/assert';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { survey } from '../../../src/host/topology.ts';
import { suite } from '../../support/suite.ts';
import { sasDisk } from '../../support/sysfs-machines.ts';
import { sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';

const test = suite('host/reads');

const HCTL = '6:0:0:0';

/** Facts about one disk that could not be read. Root may read everything, so a file is made into what cannot be read. */
function unreadOf(damage: (tree: SysfsTree) => void): readonly string[] {
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [sasDisk(HCTL, 1, 'sdb', { blockNumber: '8:16', holders: ['md0'] })],
  );
  damage(tree);
  try {
    const around = survey({ ...tree, runRoot: path.join(tree.root, 'run') }).get(HCTL)!;
    return (around.unreadable ?? []).map(({ fact, why }) => `${fact}: ${why.code}`);
  } finally {
    tree.remove();
  }
}

const directoryAt = (file: string): void => {
  rmSync(file, { recursive: true, force: true });
  mkdirSync(file, { recursive: true });
};
const ringAt = (file: string): void => {
  rmSync(file, { recursive: true, force: true });
  mkdirSync(path.dirname(file), { recursive: true });
  symlinkSync(path.basename(file), file);
};

test('what is not there is absent', () =>
  assert.equal(
    unreadOf(() => undefined),
    [],
  ));

for (const file of ['self/mountinfo', 'swaps', 'mdstat']) {
  test(`/proc/${file} that cannot be read: nobody knows who uses a disk`, () =>
    assert.equal(
      unreadOf(({ procRoot }) => directoryAt(path.join(procRoot, file))),
      ['users: host-unreadable'],
    ));
}

test('holders that cannot be listed: nobody knows who uses the disk', () =>
  assert.equal(
    unreadOf(({ sysfsRoot }) => {
      const disk = path.join(sysfsRoot, 'bus/scsi/devices', HCTL, 'block/sdb/holders');
      ringAt(disk);
    }),
    ['users: host-unreadable'],
  ));

test('slots of an enclosure that cannot be listed: nobody knows what is in them', () =>
  assert.equal(
    unreadOf(({ sysfsRoot }) => ringAt(path.join(sysfsRoot, 'class/enclosure', HCTL))),
    ['links: host-unreadable'],
  ));

test('units that cannot be listed are an error, and not a host without units', () =>
  assert.throws(
    () => unreadOf(({ sysfsRoot }) => ringAt(path.join(sysfsRoot, 'bus/scsi/devices'))),
    (error: unknown) => (error as { code?: string }).code === 'host-unreadable',
  ));

test.run();
