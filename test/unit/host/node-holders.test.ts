import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { TransportError } from '../../../src/base/errors.ts';
import { createLinuxHost } from '../../../src/host/linux-host.ts';
import { nodeHolders } from '../../../src/host/node-holders.ts';
import { tapeNodes } from '../../../src/host/sysfs.ts';
import { openError } from '../../../src/transport/sg-io.ts';
import { suite } from '../../support/suite.ts';
import { scanned, sysfsTree } from '../../support/sysfs-tree.ts';
import { pathOf } from '../run/builders.ts';

const holders = suite('host/node-holders');
const directory = mkdtempSync(path.join(tmpdir(), 'runbook-holders-'));
const node = path.join(directory, 'sg9');
writeFileSync(node, '');
holders.after(() => rmSync(directory, { recursive: true, force: true }));

/** Another process that has the node open until the test is over. */
async function withHolder(test: (pid: number) => Promise<void>): Promise<void> {
  const fd = openSync(node, 'r');
  const child = spawn('sleep', ['60'], { stdio: [fd, 'ignore', 'ignore'] });
  closeSync(fd);
  await new Promise((resolve) => child.once('spawn', resolve));
  try {
    await test(child.pid!);
  } finally {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

holders('names the program and the process', async () => {
  await withHolder(async (pid) => assert.equal(nodeHolders(node, '/proc'), [`sleep (${pid})`]));
});

holders(
  'a tape drive that somebody has open is found by its own nodes, and by those of its library',
  async () => {
    const tree = sysfsTree(
      [{ host: 6, procName: 'mpt3sas' }],
      [{ hctl: '6:0:0:0', attributes: scanned(1, 'HP', 'Ultrium', 'Z64D'), sg: 'sg7' }],
    );
    mkdirSync(path.join(tree.sysfsRoot, 'bus/scsi/devices/6:0:0:0/scsi_tape/nst0'), { recursive: true });
    const roots = { sysfsRoot: tree.sysfsRoot, devRoot: '/dev' };
    assert.equal(tapeNodes(roots, '6:0:0:0'), ['/dev/nst0']);
    assert.equal(tapeNodes(roots, '6:0:0:9'), []);
    const host = createLinuxHost({ sysfsRoot: tree.sysfsRoot, procRoot: '/proc', devRoot: directory });
    const drive = pathOf(1, { hctl: '6:0:0:0', sgNode: node });
    await withHolder(async (pid) => {
      assert.equal(await host.openElsewhere([drive]), [`${node} is open in sleep (${pid})`]);
      assert.equal(await host.openElsewhere([{ ...drive, sgNode: null }]), []);
    });
    tree.remove();
  },
);

holders('finds nobody where nobody is', () => {
  assert.equal(nodeHolders(path.join(directory, 'sg8'), '/proc'), []);
  assert.equal(nodeHolders(node, path.join(directory, 'no-proc')), []);
});

const DEVICE = pathOf(1, { sgNode: node });
const busy = (name: string): Promise<never> => Promise.reject(openError(name, 16 /* EBUSY */));

for (const [access, text, tries] of [
  ['change', 'is waited for, for moments, by who wants it for itself', 16],
  ['read', 'is not waited for by who only looks: somebody works on it', 1],
] as const) {
  holders(`a busy node ${text}`, async () => {
    let opened = 0;
    const openNode = (name: string): Promise<never> => {
      opened++;
      return busy(name);
    };
    const host = createLinuxHost({ clock: new VirtualClock(), openNode, procRoot: directory });
    await host.open(DEVICE, access).then(
      () => assert.unreachable(),
      (error: unknown) => assert.is((error as TransportError).code, 'node-busy'),
    );
    assert.is(opened, tries);
  });
}

holders('are in the error of a node that somebody else has open', async () => {
  const host = createLinuxHost({ clock: new VirtualClock(), openNode: busy });
  await withHolder(async (pid) => {
    try {
      await host.open(DEVICE, 'change');
      assert.unreachable();
    } catch (error) {
      assert.instance(error, TransportError);
      assert.is((error as TransportError).code, 'node-busy');
      assert.match((error as TransportError).message, `sleep (${pid})`);
    }
  });
});

holders.run();
