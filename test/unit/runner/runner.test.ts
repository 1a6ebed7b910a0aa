import * as assert from 'uvu/assert';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild } from '../../support/child.ts';
import { root } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const FIXTURES = 'test/unit/runner/fixtures';

/** Runs the files of one folder of fixtures, as `npm test` runs those of test/. */
const runFixtures = (folder: string, words: string[], env: Record<string, string | undefined> = {}) =>
  runChild(
    process.execPath,
    ['scripts/test.mjs', '--no-setup', '--root', path.join(FIXTURES, folder), ...words],
    // The variables of the run around this test must not reach the one inside it.
    { cwd: root, env: { RUNBOOK_REQUIRE: undefined, NODE_CHANNEL_FD: undefined, ...env } },
  );

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);
const occurrences = (text: string, words: string): number => text.split(words).length - 1;

const test = suite('test runner');

test('counts passed, failed and skipped tests of all files and ends with one line', async () => {
  const { exitCode, stdout, stderr } = await runFixtures('ends', []);
  assert.is(exitCode, 1);
  assert.is(stderr, '');
  assert.is(lastLine(stdout), '5 passed, 8 failed, 4 skipped');
  const found = (file: string) =>
    stdout.split(/^(?=FAIL|ok {3})/m).find((part) => part.includes(`/${file}.test.ts`));
  for (const [file, counts, words] of [
    ['passing', '2 passed, 0 failed, 1 skipped', 'ok'],
    ['failing', '1 passed, 1 failed', 'one is two'],
    ['never-settles', '0 passed, 1 failed', 'a promise that nothing will settle'],
    ['dying', '0 passed, 1 failed', 'died without a result: exit code 0'],
    ['throws', '0 passed, 1 failed', 'thrown before any test'],
    ['hook', '0 passed, 1 failed', 'thrown by the hook'],
    ['no-test', '0 passed, 1 failed', 'no test was registered'],
    ['no-run', '1 passed, 1 failed', '1 suite(s) without .run()'],
    ['late-rejection', '1 passed, 1 failed', 'rejected after the tests'],
  ] as const) {
    const part = found(file) ?? '';
    assert.ok(part.includes(`(${counts},`), `${file}: expected "${counts}" in\n${part}`);
    assert.ok(part.includes(words), `${file}: expected "${words}" in\n${part}`);
  }
});

test('shows before that line where the time went, by suite and for the ten slowest files', async () => {
  const { stdout } = await runFixtures('ends', []);
  const times = stdout.slice(stdout.indexOf('minutes per suite'));
  assert.match(times, /^ +\d+\.\d {2}unit, files: 11$/m);
  assert.match(times, /^ +\d+\.\d {2}on the clock, set-up included$/m);
  assert.is(times.match(/^ +\d+\.\d {2}test\/unit\/runner\/fixtures\/ends\/.*\.test\.ts$/gm)?.length, 10);
});

test('kills a file that does not end, and leaves nothing of it', async () => {
  const temporary = mkdtempSync(path.join(tmpdir(), 'x'));
  const { exitCode, stdout } = await runFixtures('hangs', ['--limit-seconds', '8'], { TMPDIR: temporary });
  assert.is(exitCode, 1);
  assert.match(stdout, 'not finished after 8 s');
  assert.is(lastLine(stdout), '0 passed, 1 failed');
  const left = readdirSync(temporary).filter((name) => !name.startsWith('tsx-'));
  assert.equal(left, []);
});

test('exits with 0 when nothing failed, and runs only the files that match', async () => {
  const { exitCode, stdout } = await runFixtures('ends', ['/passing']);
  assert.is(exitCode, 0);
  assert.is(lastLine(stdout), '2 passed, 0 failed, 1 skipped');
  assert.not.match(stdout, 'failing.test.ts');
});

test('says loudly, and once, what was not tested', async () => {
  const { exitCode, stdout } = await runFixtures('ends', ['/required', '/lacking']);
  assert.is(exitCode, 0);
  assert.is(occurrences(stdout, 'NOT TESTED'), 2);
  assert.match(stdout, '*** NOT TESTED (kernel): no kernel in this fixture ***');
  assert.match(stdout, '*** NOT TESTED (programs): not installed: no-such-program, nor-this-one ***');
  assert.is(lastLine(stdout), '0 passed, 0 failed, 3 skipped');
});

for (const [required, words] of [
  ['conformance, kernel', 'RUNBOOK_REQUIRE wants kernel: no kernel in this fixture'],
  ['programs', 'RUNBOOK_REQUIRE wants programs: no-such-program'],
  ['kernal', 'RUNBOOK_REQUIRE names kernal; there are bare, '],
] as const) {
  test(`fails where RUNBOOK_REQUIRE is "${required}" and that is missing`, async () => {
    const { exitCode, stdout } = await runFixtures('ends', ['/required', '/lacking'], {
      RUNBOOK_REQUIRE: required,
    });
    assert.is(exitCode, 1);
    assert.match(stdout, words);
    assert.match(lastLine(stdout)!, /^0 passed, 1 failed(, \d skipped)?$/);
  });
}

test('fails when no file matches', async () => {
  const { exitCode, stdout } = await runFixtures('ends', ['no-such-file']);
  assert.is(exitCode, 1);
  assert.is(lastLine(stdout), '0 passed, 1 failed');
});

const starting = suite('a program that is missing');

starting('is an error at once, and leaves no timer behind that keeps the process alive', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const nowhere = 'no-such-program';
  const problem = await runChild(nowhere, []).then(
    () => 'none',
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
  assert.is(problem, 'ENOENT');
  assert.is(timers(), before);
});

test.run();
starting.run();
