import * as assert from 'uvu/assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gitCommitOf } from '../../../src/host/git-commit.ts';
import { suite } from '../../support/suite.ts';

const root = mkdtempSync(path.join(tmpdir(), 'runbook-git-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const ONE = '1'.repeat(40);
const TWO = '2'.repeat(64);

function write(file: string, text: string): string {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
  return path.join(root, file);
}

const test = suite('host/git-commit');

test('a branch with a file of its own, from a folder below', () => {
  write('a/.git/HEAD', 'ref: refs/heads/main\n');
  write('a/.git/refs/heads/main', `${ONE}\n`);
  assert.is(gitCommitOf(write('a/sub/cards.yml', '')), ONE);
});

test('a branch that is packed, and no branch', () => {
  write('b/.git/HEAD', 'ref: refs/heads/fix/x\n');
  write('b/.git/packed-refs', `# pack-refs\n${ONE} refs/heads/fix/xy\n${TWO} refs/heads/fix/x\n`);
  assert.is(gitCommitOf(write('b/cards.yml', '')), TWO);
  write('c/.git/HEAD', `${ONE}\n`);
  assert.is(gitCommitOf(write('c/cards.yml', '')), ONE);
});

test('a work tree of its own', () => {
  write('d/.git', `gitdir: ${path.join(root, 'main/.git/worktrees/d')}\n`);
  write('main/.git/worktrees/d/HEAD', 'ref: refs/heads/d\n');
  write('main/.git/worktrees/d/commondir', '../..\n');
  write('main/.git/refs/heads/d', `${ONE}\n`);
  assert.is(gitCommitOf(write('d/cards.yml', '')), ONE);
});

test('no repository, a branch without a commit, a file that is not there', () => {
  assert.is(gitCommitOf(write('none/cards.yml', '')), null);
  write('e/.git/HEAD', 'ref: refs/heads/main\n');
  assert.is(gitCommitOf(write('e/cards.yml', '')), null);
  assert.is(gitCommitOf(path.join(root, 'missing.yml')), null);
});

test.run();
