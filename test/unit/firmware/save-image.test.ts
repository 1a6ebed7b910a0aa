import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { saveImage, SaveError } from '../../../src/firmware/save-image.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/save-image');

let folder = '';
test.before.each(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbook-save-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

async function codeOf(saving: Promise<void>): Promise<string> {
  try {
    await saving;
  } catch (error) {
    assert.instance(error, SaveError);
    return (error as SaveError).code;
  }
  throw new Error('it was saved');
}

test('a new file is for its owner alone, and nobody may execute it', async () => {
  const before = process.umask(0);
  await saveImage(path.join(folder, 'a.bin'), Uint8Array.of(1, 2, 3));
  process.umask(before);
  assert.is(statSync(path.join(folder, 'a.bin')).mode & 0o777, 0o600);
  assert.equal([...readFileSync(path.join(folder, 'a.bin'))], [1, 2, 3]);
});

test('what is there is never overwritten: a file, a directory, a link to nowhere', async () => {
  writeFileSync(path.join(folder, 'a.bin'), 'old');
  mkdirSync(path.join(folder, 'b.bin'));
  symlinkSync('nowhere', path.join(folder, 'c.bin'));
  for (const name of ['a.bin', 'b.bin', 'c.bin'])
    assert.is(await codeOf(saveImage(path.join(folder, name), Uint8Array.of(1))), 'file-exists');
  assert.is(readFileSync(path.join(folder, 'a.bin'), 'utf8'), 'old');
  assert.equal(readdirSync(folder), ['a.bin', 'b.bin', 'c.bin']);
});

test('a directory that is not there is told', async () => {
  assert.is(await codeOf(saveImage(path.join(folder, 'no/a.bin'), Uint8Array.of(1))), 'file-not-written');
});

test('nothing is left of a file that could not be written to its end', async () => {
  const broken = new Proxy(new Uint8Array(1), {}); // no buffer: refused after the file was made
  assert.is(await codeOf(saveImage(path.join(folder, 'a.bin'), broken)), 'file-not-written');
  assert.equal(readdirSync(folder), []);
});

test.run();
