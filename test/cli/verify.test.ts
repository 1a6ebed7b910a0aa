import * as assert from 'uvu/assert';
import { mkdtempSync, rmSync } from 'node:fs';
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

test.run();
