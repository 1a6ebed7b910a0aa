import * as assert from 'uvu/assert';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  assert.is(await codeOf(replaceFile(at('a'), 'text')), 'EISDIR');
  assert.equal(readdirSync(at('.')), ['a']);
});

test.run();
