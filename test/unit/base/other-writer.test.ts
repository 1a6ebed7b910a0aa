import * as assert from 'uvu/assert';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OthersCanWriteError, openOwnDirectory } from '../../../src/base/own-directory.ts';
import { otherWriter } from '../../../src/base/other-writer.ts';
import { folderOfSecondUser, SECOND_USER, testAsRoot } from '../../support/second-user.ts';
import { suite } from '../../support/suite.ts';

const test = suite('who else can change a path');
const home = mkdtempSync(path.join(tmpdir(), 'runbook-writer-'));
test.after(() => rmSync(home, { recursive: true }));

let count = 0;
/** A path in a new directory of ours. */
function at(...names: string[]): string {
  const directory = path.join(home, String(count++));
  mkdirSync(directory, { mode: 0o755 });
  return path.join(directory, ...names);
}

test('a path of our own, one that is not there yet, and one below /tmp are ours alone', () => {
  const file = at('a');
  writeFileSync(file, '', { mode: 0o644 });
  assert.is(otherWriter(file), null);
  assert.is(otherWriter(path.join(path.dirname(file), 'none/x')), null);
  assert.is(otherWriter('/'), null);
  assert.is(otherWriter('/tmp/none/x'), null);
});

test('mode bits for others count at the file, and at each directory on the way', () => {
  const file = at('b/c');
  mkdirSync(path.dirname(file));
  writeFileSync(file, '');
  const directory = path.dirname(file);
  chmodSync(file, 0o662);
  assert.equal(otherWriter(file), { entry: file, who: 'every user' });
  chmodSync(file, 0o644);
  chmodSync(directory, 0o775);
  assert.match(otherWriter(file)!.who, /^group \d+$/);
  assert.is(otherWriter(file)!.entry, directory);
});

test('a directory with the sticky bit lets nobody change what is ours in it, and is nothing to be trusted itself', () => {
  const directory = at('sticky');
  mkdirSync(directory);
  chmodSync(directory, 0o1777);
  writeFileSync(path.join(directory, 'a'), '');
  assert.is(otherWriter(path.join(directory, 'a')), null);
  assert.equal(otherWriter(directory), { entry: directory, who: 'every user' });
});

test('links are followed, and the way behind them counts', () => {
  const link = at('link');
  const behind = at('behind');
  mkdirSync(behind);
  chmodSync(behind, 0o777);
  symlinkSync(path.relative(path.dirname(link), path.join(behind, 'x')), link);
  writeFileSync(path.join(behind, 'x'), '');
  assert.equal(otherWriter(link), { entry: behind, who: 'every user' });
  symlinkSync('circle', path.join(path.dirname(link), 'circle'));
  assert.throws(() => otherWriter(path.join(path.dirname(link), 'circle')), /symbolic links/);
});

testAsRoot(test)('an entry of another user on the way is theirs, a link too', () => {
  const theirs = folderOfSecondUser();
  const file = path.join(theirs, 'a');
  writeFileSync(file, '');
  const who = `user ${SECOND_USER}`;
  assert.equal(otherWriter(file), { entry: theirs, who });
  const link = at('link');
  symlinkSync('/etc', link);
  lchownSync(link, SECOND_USER, SECOND_USER);
  assert.equal(otherWriter(path.join(link, 'passwd')), { entry: link, who });
});

testAsRoot(test)(
  'a directory that root is to trust is made, and refused where another user made it first',
  () => {
    const directory = at('run/own');
    assert.type(openOwnDirectory(directory), 'number');
    assert.type(openOwnDirectory(directory), 'number');
    chownSync(directory, SECOND_USER, SECOND_USER);
    const isRefused = (error: unknown): boolean => error instanceof OthersCanWriteError;
    assert.throws(() => openOwnDirectory(directory), isRefused);
    assert.throws(() => openOwnDirectory(path.join(folderOfSecondUser(), 'run')), isRefused);
  },
);

test.run();
