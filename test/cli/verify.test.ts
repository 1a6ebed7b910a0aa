import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const test = suite('verify through the program');
const scratch = mkdtempSync(path.join(tmpdir(), 'runbook-verify-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** A lab that is kept, and a state directory of its own. */
function kept(name: string): readonly string[] {
  const lab = ['--lab', fixture('boots.lab.yml'), '--lab-state', path.join(scratch, `${name}.state`)];
  return [...lab, '--state-dir', path.join(scratch, name)];
}

test('a unit that comes up again after its event is waited for, and never advised from memory', async () => {
  const state = kept('boots');
  const first = await runJson(['apply', fixture('boots.yml'), '--yes', ...state]);
  assert.is(first.document.exit.name, 'PENDING');
  assert.is((await runbook(['lab', 'power-cycle', 'sg1', ...state.slice(0, 4)])).exitCode, 0);
  const { exitCode, stdout, stderr } = await runbook(['verify', ...state]);
  assert.is(exitCode, 0, stdout);
  assert.match(stderr, /waits until it is ready, up to 8 s/);
  assert.match(stdout, /GX03 +GX05 +updated/);
});

test('a person closes what runbook cannot see: by any name of the unit, with the reason in the record', async () => {
  const state = kept('accepted');
  const first = await runJson(['apply', fixture('boots.yml'), '--yes', ...state]);
  assert.is(first.document.exit.name, 'PENDING');
  assert.is((await runbook(['verify', '--accept', 'sg1', ...state])).exitCode, 2);
  const nobody = await runbook(['verify', '--accept', 'sg7', '--because', 'seen', ...state]);
  assert.is(nobody.exitCode, 2);
  const { exitCode, stdout } = await runbook([
    'verify',
    '--accept',
    'SG1',
    '--because',
    'seen on its display',
    ...state,
  ]);
  assert.is(exitCode, 0, stdout);
  assert.match(
    stdout,
    /: pending since run \S+, and settled now by a person: seen on its display\nnothing is open any more/,
  );
  const again = await runbook(['verify', '--accept', 'sg1', '--because', 'once more', ...state]);
  assert.is(again.exitCode, 2);
  assert.match(again.stderr, /nothing is open on sg1: a person has settled it already/);
  const settled = /a person has settled it \(verify --accept, .*\), as it was pending: seen on its display/;
  for (const words of [
    ['status', 'sg1'],
    ['history', 'last'],
  ])
    assert.match((await runbook([...words, ...state])).stdout, settled);
  for (const words of [
    ['status', 'sg1'],
    ['history', 'last'],
  ])
    assert.match((await runJson([...words, ...state])).stdout, /"because": ?"seen on its display"/);
  const files = readdirSync(path.join(scratch, 'accepted'), { recursive: true, encoding: 'utf8' });
  const records = files
    .filter((file) => path.basename(path.dirname(file)) === 'units' && file.endsWith('.json'))
    .map((file) => readFileSync(path.join(scratch, 'accepted', file), 'utf8'));
  assert.ok(
    records.some((text) => text.includes('seen on its display')),
    records.join('\n'),
  );
  assert.match((await runbook(['verify', ...state])).stdout, /nothing to verify/);
});

test.run();
