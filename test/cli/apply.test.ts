import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { obeys } from '../unit/report/schemas.ts';
import { fixture, runJson } from './document.ts';

const PLAYBOOK = fixture('cards.yml');
const THREE = ['--lab', fixture('three.lab.yml')];
const directory = mkdtempSync(path.join(tmpdir(), 'runbook-cli-'));

const test = suite('plan and apply on a lab');

test('plan shows what apply would do, and 5 only when asked for', async () => {
  const { exitCode, stdout, stderr } = await runbook(['plan', PLAYBOOK, ...THREE]);
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  assert.match(stdout, /^ {2}update {3}sg1 .* HP SAS EXP Card {2}2\.08 → 2\.10$/m);
  assert.match(stdout, /^ {2}current {2}sg3 .* runs 2\.10 already$/m);
  assert.match(stdout, /\n2 to update, 1 current\n$/);
  const { document } = await runJson(['plan', PLAYBOOK, ...THREE, '--exit-code']);
  assert.is(document.format, 'runbook.plan/1');
  assert.equal(document.exit, { code: 5, name: 'CHANGES' });
  assert.equal(
    document.devices!.map(({ action }) => action),
    ['update', 'update', 'current'],
  );
});

test('apply updates what is old, leaves what is current, and says so in one document', async () => {
  const { document, stderr } = await runJson(['apply', PLAYBOOK, ...THREE, '--yes']);
  assert.is(document.format, 'runbook.report/1');
  assert.equal(document.exit, { code: 0, name: 'OK' });
  assert.equal(
    document.devices!.map(({ before, after, outcome, bytes, chunks }) => [
      before,
      after,
      outcome,
      bytes,
      chunks,
    ]),
    [
      ['2.08', '2.10', 'updated', 65536, 16],
      ['2.06', '2.10', 'updated', 65536, 16],
      ['2.10', '2.10', 'current', 0, 0],
    ],
  );
  // No terminal: few plain lines on stderr, no escape sequence.
  assert.match(stderr, 'sg2: activate_mc is not needed');
  assert.not.match(stderr, '\x1b');
});

test('jsonl is events of the schema, and the report as the last line', async () => {
  const { exitCode, stdout, stderr } = await runbook([
    'apply',
    PLAYBOOK,
    ...THREE,
    '--yes',
    '--format',
    'jsonl',
  ]);
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines.slice(0, -1)) obeys('events', JSON.parse(line));
  obeys('report', JSON.parse(lines.at(-1)!));
  assert.match(lines[0]!, '"type":"run-started"');
  assert.match(lines.at(-2)!, '"type":"run-finished"');
  for (const id of ['naa.50014380ab000000', 'naa.50014380aa000040']) {
    const types = lines
      .filter((line) => line.includes(`"device":"${id}"`))
      .map((line) => (JSON.parse(line) as { type: string; phase?: string }).phase);
    for (const phase of ['check', 'download', 'activate', 'verify'])
      assert.ok(types.includes(phase), `${id} ${phase}`);
  }
});

test('a lab state keeps the update for the next command, and a stale scan shows in devices --probe', async () => {
  const state = ['--lab-state', path.join(directory, 'state.json')];
  assert.is((await runbook(['apply', PLAYBOOK, ...THREE, ...state, '--yes'])).exitCode, 0);
  const { document } = await runJson(['plan', PLAYBOOK, ...THREE, ...state, '--exit-code']);
  assert.equal(document.exit, { code: 0, name: 'OK' });
  assert.equal(
    document.devices!.map(({ action }) => action),
    ['current', 'current', 'current'],
  );
});

test('a device that takes everything and shows the old revision is unverified, exit 12', async () => {
  const { exitCode, stdout } = await runbook(['apply', PLAYBOOK, '--lab', fixture('mute.lab.yml'), '--yes']);
  assert.is(exitCode, 12);
  assert.match(
    stdout,
    /sg1 unverified: everything was accepted, but the device still shows 2\.08; since the last chunk it reported .*\(6\/29\/04\)\n {2}code: restart-without-effect\n {2}layer: device\n {2}next: Find out why with the vendor before the image is sent again/,
  );
  assert.match(stdout, /exit 12 \(UNVERIFIED\): accepted, but nothing shows that the new code runs\n$/);
});

test('--only works on the named unit alone, and refuses a name that is nobody', async () => {
  const { document } = await runJson(['apply', PLAYBOOK, ...THREE, '--yes', '--only', '6:0:1:0']);
  assert.equal(
    document.devices!.map(({ paths, outcome }) => [paths[0], outcome]),
    [['/dev/sg2', 'updated']],
  );
  const nobody = await runJson(['apply', PLAYBOOK, ...THREE, '--yes', '--only', 'sg9']);
  assert.equal(nobody.document.exit, { code: 10, name: 'NOMATCH' });
  assert.match(nobody.document.error!.message, '--only sg9: there is no such device');
});

test('the trace has every command of the run, in its schema, and a plan sends none that changes a device', async () => {
  const file = path.join(directory, 'trace.jsonl');
  const records = (): { cdb: string }[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { cdb: string });
  await runbook(['apply', PLAYBOOK, ...THREE, '--yes', '--trace', file]);
  for (const record of records()) obeys('trace', record);
  // 16 chunks and mode 0Fh; the old card refuses the first chunk, then 16 chunks of its own mode.
  assert.is(records().filter(({ cdb }) => cdb.startsWith('3b')).length, 16 + 1 + 1 + 16);
  await runbook(['plan', PLAYBOOK, ...THREE, '--trace', file]);
  assert.equal(
    records().filter(({ cdb }) => cdb.startsWith('3b') || cdb.startsWith('1d')),
    [],
  );
});

test('mistakes in the playbook are one document too, exit 3', async () => {
  for (const command of [['plan'], ['apply', '--yes']]) {
    const { document } = await runJson([...command, fixture('wrong.yml'), ...THREE]);
    assert.is(document.format, 'runbook.diagnostics/1');
    assert.is(document.diagnostics.length, 3);
    assert.is(document.exit.name, 'INVALID');
  }
});

test('the shipped example upgrades two cards and finds one current', async () => {
  const example = inProject('playbooks/upgrade-expanders.yml');
  const lab = inProject('playbooks/upgrade-expanders.lab.yml');
  const { document } = await runJson(['apply', example, '--lab', lab, '--yes']);
  const outcomes = document.devices!.map(({ before, after, outcome }) => [before, after, outcome]);
  assert.equal(outcomes, [
    ['2.08', '2.10', 'updated'],
    ['2.08', '2.10', 'updated'],
    ['2.10', '2.10', 'current'],
  ]);
});

test('a state directory that cannot be written to refuses the run as a whole, once', async () => {
  // Nobody makes anything in /proc, not even root.
  const { exitCode, document } = await runJson([
    'apply',
    PLAYBOOK,
    ...THREE,
    '--yes',
    '--state-dir',
    '/proc/none',
  ]);
  assert.is(exitCode, 4);
  assert.is(document.error?.code, 'state-not-writable');
  assert.equal(
    document.devices!.map(({ error }) => error?.code ?? null),
    ['run-refused', 'run-refused', null],
  );
});

test.run();
