import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { HostError } from '../../../src/host/host-error.ts';
import { runProgram } from '../../../src/host/program.ts';
import { lockUnit } from '../../../src/host/unit-lock.ts';
import { appears } from '../../support/appears.ts';
import { testWith } from '../../support/programs.ts';
import { folderOfSecondUser, SECOND_USER, testAsRoot } from '../../support/second-user.ts';
import { suite } from '../../support/suite.ts';
import { pathOf } from '../run/builders.ts';

const locks = suite('host/unit-lock');
const directory = mkdtempSync(path.join(tmpdir(), 'runbook-lock-'));
locks.after(() => rmSync(directory, { recursive: true, force: true }));

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof HostError) return error.code;
    throw error;
  }
  return 'none';
}

locks('names the run of the holder, where there is one', async () => {
  const lock = await lockUnit('naa.5', directory, '20261121T000000Z-0001');
  await lockUnit('naa.5', directory).then(
    () => assert.unreachable(),
    (error: unknown) =>
      assert.match(
        (error as HostError).message,
        `process ${process.pid}, run 20261121T000000Z-0001, since 2`,
      ),
  );
  await lock.release();
});

locks('gives a unit to one holder at a time, and names him', async () => {
  const lock = await lockUnit('naa.5001438000000001', directory);
  try {
    await lockUnit('naa.5001438000000001', directory);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, HostError);
    assert.is((error as HostError).code, 'locked');
    assert.match((error as HostError).message, `process ${process.pid}`);
    const { lockedBy } = (error as HostError).refusal;
    assert.equal([lockedBy?.run, lockedBy?.pid], [null, process.pid]);
    assert.ok(Date.parse(lockedBy?.since ?? '') > 0);
  }
  await lock.release();
  await (await lockUnit('naa.5001438000000001', directory)).release();
});

locks('does not mix up two units', async () => {
  const one = await lockUnit('naa.1', directory);
  const two = await lockUnit('sn.../../naa.1', directory);
  await one.release();
  await two.release();
});

testWith(locks, 'flock')('is free again as soon as the process that held it was killed', async () => {
  const file = path.join(directory, 'naa.2');
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  assert.is(await codeOf(lockUnit('naa.2', directory)), 'locked');
  const ended = new Promise((resolve) => holder.once('close', resolve));
  process.kill(-holder.pid!, 'SIGKILL');
  await ended;
  assert.is(await codeOf(lockUnit('naa.2', directory).then((lock) => lock.release())), 'none');
});

locks('stays with a program that was started for the unit, also when the run is gone', async () => {
  const lock = await lockUnit('naa.4', directory);
  const started = path.join(directory, 'started');
  const goOn = path.join(directory, 'go-on');
  const waits = `touch '${started}'; until [ -e '${goOn}' ]; do sleep 0.02; done`;
  const ended = runProgram(['sh', '-c', waits], 10_000, {
    device: pathOf(3),
    image: { name: 'fw.bin', bytes: Buffer.from('bytes') },
    lockDescriptors: lock.descriptors,
    environment: {},
  });
  await appears(started);
  await lock.release();
  assert.is(await codeOf(lockUnit('naa.4', directory)), 'locked');
  writeFileSync(goOn, '');
  await ended;
  assert.is(await codeOf(lockUnit('naa.4', directory).then((again) => again.release())), 'none');
});

locks('does not follow a link that somebody else put in its place', async () => {
  symlinkSync('/tmp/elsewhere', path.join(directory, 'naa.3'));
  assert.is(await codeOf(lockUnit('naa.3', directory)), 'lock-failed');
});

locks('takes no pipe for a lock, and reads no endless text of a holder', async () => {
  execFileSync('mkfifo', [path.join(directory, 'naa.6')]);
  assert.is(await codeOf(lockUnit('naa.6', directory)), 'lock-failed');
  const lock = await lockUnit('naa.7', directory);
  truncateSync(path.join(directory, 'naa.7'), 2 ** 40);
  assert.is(await codeOf(lockUnit('naa.7', directory)), 'locked');
  await lock.release();
});

locks('makes its directory for its owner alone', async () => {
  const made = path.join(directory, 'made');
  await (await lockUnit('naa.8', made)).release();
  assert.is(statSync(made).mode & 0o777, 0o700);
});

testAsRoot(locks)('does not trust a directory that another user made first', async () => {
  const theirs = path.join(directory, 'theirs');
  mkdirSync(theirs, { mode: 0o755 });
  chownSync(theirs, SECOND_USER, SECOND_USER);
  assert.is(await codeOf(lockUnit('naa.9', theirs)), 'others-can-write');
  assert.is(await codeOf(lockUnit('naa.9', path.join(folderOfSecondUser(), 'runbook'))), 'others-can-write');
  const link = path.join(directory, 'link');
  const victim = path.join(directory, 'victim');
  mkdirSync(victim);
  symlinkSync(victim, link);
  lchownSync(link, SECOND_USER, SECOND_USER);
  assert.is(await codeOf(lockUnit('naa.9', path.join(link, 'new', 'locks'))), 'others-can-write');
  assert.equal(readdirSync(victim), []);
});

locks.run();
