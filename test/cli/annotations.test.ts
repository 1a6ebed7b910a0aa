import * as assert from 'uvu/assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { isSarif } from '../unit/report/sarif-schema.ts';
import { fixture } from './document.ts';

const NO_WORKFLOW = { GITHUB_WORKSPACE: undefined };
const test = suite('diagnostics beside their lines');

test('validate --format github writes workflow commands and nothing else', async () => {
  const { exitCode, stdout, stderr } = await runbook(['validate', 'wrong.yml', '--format', 'github'], {
    cwd: fixture(''),
    env: NO_WORKFLOW,
  });
  assert.is(exitCode, 3);
  assert.is(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  assert.is(lines.length, 3);
  assert.is(
    lines[0],
    '::error file=wrong.yml,line=9,col=18,title=quote::entry 1 of revision must be text, but YAML reads 2.08 ' +
      'as a number%0Awrite it in quotes: "2.08"',
  );
});

test('paths start at the checkout of the workflow, wherever the step was started', async () => {
  const { stdout } = await runbook(['validate', '../cli/fixtures/wrong.yml', '--format=github'], {
    cwd: fixture('..'),
    env: { GITHUB_WORKSPACE: fixture('../../..') },
  });
  assert.match(stdout, /^::error file=test\/cli\/fixtures\/wrong\.yml,line=9,/);
});

test('validate --format sarif is one log of SARIF, for files with and without problems', async () => {
  const lab = ['--lab', fixture('three.lab.yml')];
  for (const [files, exit, results] of [
    [['wrong.yml', 'cards.yml'], 3, 3],
    [['cards.yml'], 0, 0],
  ] as const) {
    const args = ['validate', ...files, ...lab, '--format', 'sarif'];
    const { exitCode, stdout } = await runbook(args, { cwd: fixture(''), env: NO_WORKFLOW });
    assert.is(exitCode, exit);
    const log = JSON.parse(stdout) as { runs: { results: unknown[]; artifacts: unknown[] }[] };
    isSarif(log);
    assert.is(log.runs[0]!.results.length, results);
    assert.is(log.runs[0]!.artifacts.length, files.length);
  }
});

test('lint --format sarif and github tell warnings', async () => {
  const args = ['lint', 'cards.yml', '--without-image', '--format'];
  const sarif = await runbook([...args, 'sarif'], { cwd: fixture(''), env: NO_WORKFLOW });
  assert.is(sarif.exitCode, 0);
  const log = JSON.parse(sarif.stdout) as { runs: { results: { level: string }[] }[] };
  isSarif(log);
  assert.ok(log.runs[0]!.results.length > 0);
  assert.ok(log.runs[0]!.results.every(({ level }) => level === 'warning'));
  const github = await runbook([...args, 'github'], { cwd: fixture(''), env: NO_WORKFLOW });
  assert.is(github.stdout.trimEnd().split('\n').length, log.runs[0]!.results.length);
  assert.ok(github.stdout.split('\n').every((line) => line === '' || line.startsWith('::warning file=')));
});

test('a lab file that is wrong is told in the same formats', async () => {
  const args = ['validate', 'cards.yml', '--lab', 'cards.yml', '--format'];
  const options = { cwd: fixture(''), env: NO_WORKFLOW };
  const sarif = await runbook([...args, 'sarif'], options);
  assert.is(sarif.exitCode, 3);
  isSarif(JSON.parse(sarif.stdout));
  assert.match((await runbook([...args, 'github'], options)).stdout, /^::error file=cards\.yml,line=\d+,/);
});

for (const command of [
  'plan',
  'apply --yes',
  'devices',
  'status',
  'history',
  'schema',
  'lab status',
  'pin',
]) {
  test(`${command} refuses these formats and says where they work`, async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'runbook-annotations-'));
    const file = ['plan', 'apply --yes', 'pin'].includes(command) ? ['no-such.yml'] : [];
    const args = [...command.split(' '), ...file, '--format', 'sarif', '--state-dir', directory];
    const { exitCode, stdout, stderr } = await runbook(args);
    rmSync(directory, { recursive: true });
    assert.is(exitCode, 2);
    assert.is(stdout, '');
    assert.match(stderr, '--format sarif is only for validate and lint');
    assert.match(stderr, 'next: Use --format json here.');
  });
}

test.run();
