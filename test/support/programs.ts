import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { Callback, Context, Test } from 'uvu';
import { missing } from './suite.ts';

/** Where programs are looked for. Root's are not in everybody's PATH. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];

/** Whether a program is on this machine. It is not started. */
export function hasProgram(name: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The way to register tests that start programs which `npm ci` does not bring: `testWith(test, 'zip')('title', body)`.
 * Where one of them is missing the test counts as skipped, and the program is named at the end of the run.
 */
export function testWith<T = Context>(
  test: Test<T>,
  ...programs: readonly string[]
): (title: string, body: Callback<T>) => void {
  const absent = programs.filter((name) => !hasProgram(name));
  for (const name of absent) missing('programs', name);
  return (title, body) => (absent.length === 0 ? test(title, body) : test.skip(title, body));
}
