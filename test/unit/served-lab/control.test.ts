import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LabReply, LabRequest } from '../../../src/served-lab/control.ts';
import { askLab, listenForRequests } from '../../../src/served-lab/control.ts';
import {
  makeRunDirectory,
  notedLabs,
  readNotes,
  removeNotes,
  socketFile,
  writeNotes,
} from '../../../src/served-lab/lab-notes.ts';
import { suite } from '../../support/suite.ts';

const control = suite('simulator/served/control');

const ID = '0123abcd';
const UNITS: LabReply = { ok: true, units: [] };

async function inDirectory(act: (roots: { run: string; proc: string }) => Promise<void>): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'runbook-control-'));
  const roots = { run: path.join(root, 'run'), proc: '/proc' };
  try {
    makeRunDirectory(roots);
    await act(roots);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

control('carries a request to the lab and the reply back', async () => {
  await inDirectory(async (roots) => {
    const seen: LabRequest[] = [];
    const server = await listenForRequests(ID, roots, (request) => {
      seen.push(request);
      return Promise.resolve(UNITS);
    });
    assert.equal(await askLab(ID, { ask: 'power-cycle', nodes: ['/dev/sg1'] }, roots), UNITS);
    assert.equal(await askLab(ID, { ask: 'down' }, roots), UNITS);
    server.close();
    assert.equal(seen, [{ ask: 'power-cycle', nodes: ['/dev/sg1'] }, { ask: 'down' }]);
  });
});

control('tells the other side what failed', async () => {
  await inDirectory(async (roots) => {
    const server = await listenForRequests(ID, roots, () => Promise.reject(new Error('no such thing')));
    const reply = await askLab(ID, { ask: 'status' }, roots);
    server.close();
    assert.equal(reply, {
      ok: false,
      message: 'no such thing',
      next: 'Take the lab down: runbook lab down',
    });
  });
});

control('answers a request that it does not know, and outlives one that never ends', async () => {
  await inDirectory(async (roots) => {
    const server = await listenForRequests(ID, roots, () => Promise.resolve(UNITS));
    const endless = createConnection(socketFile(ID, roots));
    endless.on('error', () => undefined);
    endless.write('x'.repeat(200_000));
    await new Promise((resolve) => endless.on('close', resolve));
    const text = await new Promise<string>((resolve) => {
      const socket = createConnection(socketFile(ID, roots), () => socket.write('{"ask":"fly"}\n'));
      socket.setEncoding('utf8').on('data', resolve);
    });
    server.close();
    assert.is((JSON.parse(text) as LabReply).ok, false);
  });
});

control('nobody serves the lab: no socket, or one of a process that is gone', async () => {
  await inDirectory(async (roots) => {
    assert.is(await askLab(ID, { ask: 'status' }, roots), null);
    // A socket that its process left behind.
    const script = `require('net').createServer().listen(${JSON.stringify(socketFile(ID, roots))}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    assert.ok(statSync(socketFile(ID, roots)).isSocket());
    assert.is(await askLab(ID, { ask: 'status' }, roots), null);
    const server = await listenForRequests(ID, roots, () => Promise.resolve(UNITS));
    assert.equal(await askLab(ID, { ask: 'status' }, roots), UNITS, 'the next one takes its place');
    server.close();
  });
});

control('remembers a lab in notes, and reads none from a damaged file', async () => {
  await inDirectory(async (roots) => {
    const notes = { file: '/labs/one.yml', pid: 12, nodes: ['/dev/sg3'] };
    writeNotes(ID, notes, roots);
    assert.equal(readNotes(ID, roots), notes);
    assert.equal(notedLabs(roots), [ID]);
    writeFileSync(path.join(roots.run, `${ID}.json`), '{"pid":');
    assert.is(readNotes(ID, roots), null);
    removeNotes(ID, roots);
    assert.equal(notedLabs(roots), []);
  });
});

control.run();
