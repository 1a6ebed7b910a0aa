import * as assert from 'uvu/assert';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild } from '../../support/child.ts';
import { root } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const FIXTURES = 'test/unit/runner/fixtures';

const runFixtures = (filters: string[], env: Record<string, string | undefined> = {}) =>
  runChild(
    process.execPath,
    ['scripts/test.mjs', '--no-setup', '--root', FIXTURES, '--limit', '8000', ...filters],
    // The variables of the run around this test must not reach the one inside it.
    { cwd: root, env: { RUNBOOK_REQUIRE: undefined, NODE_CHANNEL_FD: undefined, ...env } },
  );

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

const test = suite('test runner');

test('counts passed, failed and skipped tests of all files and ends with one line', async () => {
  const temporary = mkdtempSync(path.join(tmpdir(), 'x'));
  const { exitCode, stdout, stderr } = await runFixtures([], { TMPDIR: temporary });
  assert.is(exitCode, 1);
  assert.is(stderr, '');
  assert.is(lastLine(stdout), '5 passed, 9 failed, 2 skipped');
  const found = (file: string) =>
    stdout.split(/^(?=FAIL|ok {3})/m).find((part) => part.includes(`/${file}.test.ts`));
  for (const [file, counts, words] of [
    ['passing', '2 passed, 0 failed, 1 skipped', 'ok'],
    ['failing', '1 passed, 1 failed', 'one is two'],
    ['hanging', '0 passed, 1 failed', 'not finished after 8 s'],
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
  const left = readdirSync(temporary).filter((name) => !name.startsWith('tsx-'));
  assert.equal(left, [], 'nothing is left of any file, not even of one that was killed');
});

test('exits with 0 when nothing failed, and runs only the files that match', async () => {
  const { exitCode, stdout } = await runFixtures(['/passing']);
  assert.is(exitCode, 0);
  assert.is(lastLine(stdout), '2 passed, 0 failed, 1 skipped');
  assert.not.match(stdout, 'failing.test.ts');
});

test('says loudly what was not tested', async () => {
  const { exitCode, stdout } = await runFixtures(['/required']);
  assert.is(exitCode, 0);
  assert.match(stdout, '*** NOT TESTED (kernel): no kernel in this fixture ***');
  assert.is(lastLine(stdout), '0 passed, 0 failed, 1 skipped');
});

test('fails where RUNBOOK_REQUIRE wants what is missing', async () => {
  const { exitCode, stdout } = await runFixtures(['/required'], { RUNBOOK_REQUIRE: 'conformance, kernel' });
  assert.is(exitCode, 1);
  assert.match(stdout, 'RUNBOOK_REQUIRE wants kernel');
  assert.is(lastLine(stdout), '0 passed, 1 failed');
});

test('fails when no file matches', async () => {
  const { exitCode, stdout } = await runFixtures(['no-such-file']);
  assert.is(exitCode, 1);
  assert.is(lastLine(stdout), '0 passed, 1 failed');
});

test.run();
