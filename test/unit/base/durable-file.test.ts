import * as assert from 'uvu/assert';
import { execFileSync, spawn } from 'node:child_process';
import {
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PendingFile, writeWhole } from '../../../src/base/durable-file.ts';
import { asSecondUser, folderOfSecondUser, SECOND_USER, testAsRoot } from '../../support/second-user.ts';
import { suite } from '../../support/suite.ts';

const home = mkdtempSync(path.join(tmpdir(), 'runbook-file-'));
/** Paths in a new directory. */
const inNew = (): ((name: string) => string) => {
  const directory = mkdtempSync(path.join(home, 'd'));
  return (name) => path.join(directory, name);
};
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );

const messageOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => (error as Error).message,
  );

const test = suite('files that come as a whole');
test.after(() => rmSync(home, { recursive: true }));

test('a file keeps its old text until the new one is complete', async () => {
  const at = inNew();
  writeFileSync(at('a'), 'old');
  const pending = await PendingFile.open(at('a'));
  await pending.append('one ');
  await pending.append('two');
  assert.is(readFileSync(at('a'), 'utf8'), 'old');
  await pending.commit();
  assert.is(readFileSync(at('a'), 'utf8'), 'one two');
  assert.equal(readdirSync(at('.')), ['a']);
});

test('what is given up leaves nothing behind, and may be given up twice', async () => {
  const at = inNew();
  const pending = await PendingFile.open(at('a'));
  await pending.append('half');
  await pending.discard();
  await pending.discard();
  assert.equal(readdirSync(at('.')), []);
});

test('a directory that is not there is found when the file is opened', async () => {
  assert.is(await codeOf(PendingFile.open(path.join(inNew()('none'), 'a'))), 'ENOENT');
});

test('a text that cannot take its place leaves nothing half written', async () => {
  const at = inNew();
  mkdirSync(at('a/b'), { recursive: true });
  assert.is(await messageOf(writeWhole(at('a'), 'text')), 'is a directory');
  const pending = await PendingFile.open(at('c'));
  mkdirSync(at('c'));
  assert.is(await codeOf(pending.commit()), 'EISDIR');
  await pending.discard();
  assert.equal(readdirSync(at('.')), ['a', 'c']);
});

test('a pipe or a device is not replaced by a file, and a link leads to its file as before', async () => {
  const at = inNew();
  execFileSync('mkfifo', [at('fifo')]);
  symlinkSync('/dev/null', at('null'));
  symlinkSync('new', at('link'));
  for (const name of ['fifo', 'null']) {
    assert.is(await messageOf(writeWhole(at(name), 'text')), 'is not a regular file');
  }
  await writeWhole(at('link'), 'one');
  await writeWhole(at('link'), 'two');
  assert.ok(lstatSync(at('link')).isSymbolicLink());
  assert.is(readFileSync(at('new'), 'utf8'), 'two');
  assert.ok(lstatSync(at('fifo')).isFIFO());
  assert.is(readlinkSync(at('null')), '/dev/null');
});

test('the directory that was found gets the file, wherever its name leads by then', async () => {
  const at = inNew();
  mkdirSync(at('one'));
  mkdirSync(at('other'));
  const pending = await PendingFile.open(at('one/a'));
  renameSync(at('one'), at('moved'));
  symlinkSync('other', at('one'));
  await pending.commit();
  assert.equal([readdirSync(at('moved')), readdirSync(at('other'))], [['a'], []]);
});

test('only the file that was read is replaced, and its owner and permissions stay', async () => {
  const at = inNew();
  writeFileSync(at('a'), 'old', { mode: 0o640 });
  const read = statSync(at('a'), { bigint: true });
  await writeWhole(at('a'), 'new', { instead: read });
  assert.is(statSync(at('a')).mode & 0o7777, 0o640);
  assert.match((await messageOf(writeWhole(at('a'), 'newer', { instead: read }))) as string, /another file/);
  assert.is(readFileSync(at('a'), 'utf8'), 'new');
  assert.equal(readdirSync(at('.')), ['a']);
});

testAsRoot(test)('a link that another user made is not followed, on the way and at its end', async () => {
  const at = inNew();
  writeFileSync(at('victim'), 'old');
  mkdirSync(at('folder'));
  for (const [name, target] of [
    ['link', 'victim'],
    ['way', 'folder'],
  ] as const) {
    symlinkSync(target, at(name));
    lchownSync(at(name), SECOND_USER, SECOND_USER);
  }
  for (const name of ['link', 'way/a'])
    assert.match(
      (await messageOf(writeWhole(at(name), 'new'))) as string,
      `is a link of user ${SECOND_USER}`,
    );
  assert.is(readFileSync(at('victim'), 'utf8'), 'old');
  assert.equal(readdirSync(at('folder')), []);
});

testAsRoot(test)('the owner of a folder gets no file of root by exchanging names in it', async () => {
  const theirs = folderOfSecondUser();
  const at = inNew();
  const victim = at('victim');
  writeFileSync(victim, 'secret', { mode: 0o600 });
  const file = path.join(theirs, 'book.yml');
  // The real file, a link to root's file, and a folder are in turn what the name leads to.
  const swap = `cd '${theirs}'; echo ready; while :; do ln -sfn '${victim}' book.yml; rm -rf book.yml; echo text >book.yml; done`;
  const [command, ...args] = asSecondUser(['sh', '-c', swap]);
  const attacker = spawn(command!, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await new Promise((resolve) => attacker.stdout.once('data', resolve));
    let written = 0;
    for (let tries = 0; tries < 300; tries++) {
      const before = lstatSync(file, { bigint: true, throwIfNoEntry: false });
      if (before?.isFile() !== true) continue;
      written += (await messageOf(writeWhole(file, 'pinned', { instead: before }))) === null ? 1 : 0;
      const { uid, mode } = statSync(victim);
      assert.equal([uid, mode & 0o7777, readFileSync(victim, 'utf8')], [0, 0o600, 'secret']);
    }
    assert.type(written, 'number');
  } finally {
    const ended = new Promise((resolve) => attacker.once('close', resolve));
    attacker.kill('SIGKILL');
    await ended;
  }
});

test.run();
