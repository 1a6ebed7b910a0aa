import * as assert from 'uvu/assert';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LabFile } from '../../../src/generated/lab.ts';
import { DeviceNodes, deviceNumber } from '../../../src/served-lab/device-nodes.ts';
import { isDying } from '../../../src/served-lab/lab-lock.ts';
import { writeNotes } from '../../../src/served-lab/lab-notes.ts';
import { cleanUp, foundLabs, unitsInKernel } from '../../../src/served-lab/dead-labs.ts';
import type { LabRoots } from '../../../src/served-lab/lab-roots.ts';
import { requireServable } from '../../../src/served-lab/servable.ts';
import { ServedError } from '../../../src/served-lab/served-error.ts';
import {
  BACKSTORE_HOST,
  backstoreName,
  initiatorName,
  labId,
  targetName,
  unitOfBackstore,
  unitOfTarget,
} from '../../../src/served-lab/unit-name.ts';
import { suite } from '../../support/suite.ts';

const leftovers = suite('simulator/served/leftovers');

const ONE = labId('/labs/one.yml');
const TWO = labId('/labs/two.yml');

/** Folders that look like those of the kernel. */
async function onMachine(act: (roots: LabRoots) => Promise<void>): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'runbook-leftovers-'));
  const names = ['configfs', 'sysfs', 'dev', 'proc', 'run'] as const;
  const roots = Object.fromEntries(names.map((name) => [name, path.join(root, name)])) as Record<
    (typeof names)[number],
    string
  >;
  for (const place of Object.values(roots)) mkdirSync(place);
  try {
    await act(roots);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function makeUnit({ configfs }: LabRoots, lab: string, index: number, linked = true): string {
  const backstore = path.join(configfs, `target/core/user_${BACKSTORE_HOST}`, backstoreName({ lab, index }));
  mkdirSync(path.join(backstore, 'action'), { recursive: true });
  const target = path.join(configfs, 'target/loopback', targetName({ lab, index }));
  if (linked) mkdirSync(path.join(target, 'tpgt_1/lun/lun_0'), { recursive: true });
  return backstore;
}

leftovers('names lead back to their unit, and those of others to none', () => {
  const unit = { lab: ONE, index: 0x1f };
  assert.equal(unitOfBackstore(backstoreName(unit)), unit);
  assert.equal(unitOfTarget(targetName(unit)), unit);
  assert.match(targetName(unit), /^naa\.3[0-9a-f]{15}$/, 'NAA 3h, locally assigned');
  assert.match(initiatorName(unit), /^naa\.3[0-9a-f]{15}$/);
  assert.is.not(initiatorName(unit), targetName(unit));
  assert.is(unitOfTarget(initiatorName(unit)), null);
  assert.is(unitOfTarget('naa.50014380ab000000'), null);
  assert.is(unitOfBackstore('disk0'), null);
});

leftovers('finds units by their backstore or their target, and leaves those of others alone', async () => {
  await onMachine(async (roots) => {
    makeUnit(roots, ONE, 1);
    makeUnit(roots, ONE, 0);
    makeUnit(roots, TWO, 0, false);
    mkdirSync(path.join(roots.configfs, 'target/core/user_0/somebody'), { recursive: true });
    mkdirSync(path.join(roots.configfs, 'target/loopback/naa.5001405000000001'), { recursive: true });
    const units = await unitsInKernel(roots);
    assert.equal(
      units.filter(({ lab }) => lab === ONE).map(({ index }) => index),
      [0, 1],
    );
    assert.equal(await foundLabs(roots), [ONE, TWO].sort());
  });
});

leftovers(
  'takes the second logical unit of a target away before the first one, and not the target with it',
  async () => {
    await onMachine(async (roots) => {
      makeUnit(roots, ONE, 0);
      makeUnit(roots, ONE, 1, false);
      const luns = path.join(
        roots.configfs,
        'target/loopback',
        targetName({ lab: ONE, index: 0 }),
        'tpgt_1/lun',
      );
      mkdirSync(path.join(luns, 'lun_1'));
      writeFileSync(path.join(luns, 'lun_1', backstoreName({ lab: ONE, index: 1 })), '');
      // The backstore stays, as above.
      await cleanUp(ONE, roots).catch(() => undefined);
      assert.equal(
        [existsSync(path.join(luns, 'lun_1')), existsSync(path.join(luns, 'lun_0'))],
        [false, true],
      );
    });
  },
);

leftovers('blocks a dead handler and resets its ring before anything is removed', async () => {
  await onMachine(async (roots) => {
    const backstore = makeUnit(roots, ONE, 0, false);
    for (const name of ['block_dev', 'reset_ring']) writeFileSync(path.join(backstore, 'action', name), '');
    // A directory of configfs is removed together with its attributes; this one does not.
    await cleanUp(ONE, roots).catch(() => undefined);
    assert.is(readFileSync(path.join(backstore, 'action/block_dev'), 'latin1'), '1');
    assert.is(readFileSync(path.join(backstore, 'action/reset_ring'), 'latin1'), '2');
  });
});

leftovers('removes the nodes that a dead lab made, unless a device has them again', async () => {
  await onMachine(async (roots) => {
    const node = (name: string): string => path.join(roots.dev, name);
    for (const name of ['sg3', 'sg4', 'uio0', 'null']) writeFileSync(node(name), '');
    mkdirSync(path.join(roots.sysfs, 'class/scsi_generic/sg4'), { recursive: true });
    const nodes = [node('sg3'), node('sg4'), node('uio0'), node('null'), '/etc/sg9'];
    writeNotes(ONE, { file: '/labs/one.yml', pid: 1, nodes }, roots);
    await cleanUp(ONE, roots);
    assert.equal(
      ['sg3', 'sg4', 'uio0', 'null'].filter((name) => existsSync(node(name))),
      ['sg4', 'null'],
    );
    assert.equal(await foundLabs(roots), []);
  });
});

leftovers('a process that was killed and cannot end is told from one that runs', async () => {
  await onMachine((roots) => {
    for (const [pid, stat] of [
      [10, '10 (node) S 1 10'],
      [11, '11 (node) Z 1 11'],
      [12, '12 (a) Z (b) R 1 12'],
    ] as const) {
      mkdirSync(path.join(roots.proc, String(pid)));
      writeFileSync(path.join(roots.proc, String(pid), 'stat'), stat);
    }
    assert.equal(
      [10, 11, 12, 13].map((pid) => isDying(pid, roots)),
      [false, true, false, true],
    );
    return Promise.resolve();
  });
});

leftovers('makes a node where there is none, and replaces one of another device', async () => {
  await onMachine(async (roots) => {
    const sysfs = path.join(roots.sysfs, 'sg7');
    mkdirSync(sysfs);
    writeFileSync(path.join(sysfs, 'dev'), '21:300\n');
    writeFileSync(path.join(roots.dev, 'sg7'), 'an old file');
    const made: [string, number, number][] = [];
    const told: (readonly string[])[] = [];
    const calls = {
      makeCharacterDevice: (node: string, mode: number, device: number) => {
        made.push([path.basename(node), mode, device]);
        writeFileSync(node, '');
        return { result: 0, errno: 0 };
      },
    };
    const nodes = new DeviceNodes(roots, calls, (all) => told.push(all));
    const node = await nodes.provide('sg7', sysfs);
    assert.is(node, path.join(roots.dev, 'sg7'));
    assert.equal(made, [['sg7', 0o600, deviceNumber(21, 300)]]);
    assert.equal(told, [[node]]);
    await nodes.remove(node);
    assert.not.ok(existsSync(node));
  });
});

leftovers('device numbers are those of stat', () => {
  assert.is(deviceNumber(1, 3), 259);
  assert.is(deviceNumber(21, 300), 0x10152c);
});

leftovers('a lab with a fault that no kernel would show is refused before anything is made', () => {
  const lab = (fault: object): LabFile =>
    ({ lab: 'v1', devices: [{ persona: 'disk', revision: '1', faults: [fault] }] }) as LabFile;
  const refused = (fault: object): string => {
    try {
      requireServable(lab(fault));
    } catch (error) {
      if (error instanceof ServedError) return /`(.*)`/.exec(error.message)?.[1] ?? '';
    }
    return 'served';
  };
  assert.is(refused({ command: 'inquiry', 'host-status': 7 }), 'host-status');
  assert.is(refused({ command: 'inquiry', 'host-status': 3 }), 'served');
  assert.is(refused({ command: 'inquiry', 'driver-status': 8 }), 'driver-status');
  assert.is(refused({ command: 'inquiry', errno: 5 }), 'errno');
  assert.is(refused({ command: 'write-buffer', residual: 12 }), 'residual');
  assert.is(refused({ command: 'inquiry', residual: 12 }), 'served');
  assert.is(refused({ command: 'write-buffer', sense: '4/44/00' }), 'served');
});

leftovers.run();
