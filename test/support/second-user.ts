// What another user of the machine can do to root.
import './own-folder.ts';
import { chmodSync, chownSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Callback, Context, Test } from 'uvu';
import { hasProgram } from './programs.ts';
import { missing } from './suite.ts';

/** Somebody without any rights; nobody has to have this number. */
export const SECOND_USER = 54_321;

const reason =
  process.geteuid?.() !== 0
    ? 'attacks by a second user need root'
    : hasProgram('setpriv')
      ? null
      : 'attacks by a second user need setpriv (util-linux)';

/** The way to register a test in which root meets what a second user has made. Skipped, with its reason, where we are not root. */
export function testAsRoot<T = Context>(test: Test<T>): (title: string, body: Callback<T>) => void {
  if (reason !== null) missing('root', reason);
  return (title, body) => (reason === null ? test(title, body) : test.skip(title, body));
}

/** The words that start a program as the second user. */
export const asSecondUser = (argv: readonly string[]): readonly string[] => [
  'setpriv',
  `--reuid=${SECOND_USER}`,
  `--regid=${SECOND_USER}`,
  '--clear-groups',
  ...argv,
];

/** A new folder of the second user, which they can reach. */
export function folderOfSecondUser(): string {
  chmodSync(tmpdir(), 0o711);
  const folder = mkdtempSync(path.join(tmpdir(), 'theirs-'));
  chownSync(folder, SECOND_USER, SECOND_USER);
  return folder;
}
