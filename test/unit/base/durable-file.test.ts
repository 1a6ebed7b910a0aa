import * as assert from 'uvu/assert';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PendingFile, replaceFile } from '../../../src/base/durable-file.ts';
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
  assert.is(await messageOf(replaceFile(at('a'), 'text')), 'is a directory');
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
    assert.is(await messageOf(replaceFile(at(name), 'text')), 'is not a regular file');
  }
  await replaceFile(at('link'), 'one');
  await replaceFile(at('link'), 'two');
  assert.ok(lstatSync(at('link')).isSymbolicLink());
  assert.is(readFileSync(at('new'), 'utf8'), 'two');
  assert.ok(lstatSync(at('fifo')).isFIFO());
  assert.is(readlinkSync(at('null')), '/dev/null');
});

test.run();
