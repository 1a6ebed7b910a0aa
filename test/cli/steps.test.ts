import * as assert from 'uvu/assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';
import { killedWhen } from './killed-when.ts';

const root = mkdtempSync(path.join(tmpdir(), 'runbook-steps-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const STEPS = fixture('steps.yml');
const LAB = ['--lab', fixture('steps.lab.yml')];
const at = (name: string): string => path.join(root, name);
/** A lab that keeps what happens to it, and a state directory of its own. */
const kept = (name: string): string[] => [...LAB, '--lab-state', at(`${name}.lab`), '--state-dir', at(name)];

const WANTED = [
  'first updated 2.08 2.10',
  'second updated 2.10 2.12',
  'first current 2.10 2.10',
  'second updated 2.10 2.12',
  'first current 2.12 2.12',
  'second current 2.12 2.12',
];

const told = (devices: Awaited<ReturnType<typeof runJson>>['document']['devices']): string[] =>
  devices!.map(({ play, outcome, before, after }) => `${play} ${outcome} ${before} ${after}`);

const test = suite('steps of an upgrade by the program');

test('plan shows each step of each unit', async () => {
  const { exitCode, stdout } = await runbook(['plan', STEPS, ...LAB]);
  assert.is(exitCode, 0);
  assert.match(stdout, /^ {2}update {3}sg1 .* 2\.08 → 2\.10$/m);
  assert.match(stdout, /^ {2}follows {2}sg1 .* 2\.10 → 2\.12, after play "first", from a fresh read$/m);
  assert.match(stdout, /^ {2}after {5}play first, planned again from a fresh read$/m);
  assert.match(stdout, /^ {2}current {2}sg3 .* runs 2\.12 already, to which play "second" leads$/m);
  assert.match(stdout, /\n2 to update, 1 update to follow, 1 current\n$/);
});

test('apply goes all steps in one run, and the report has each of them', async () => {
  const { document } = await runJson(['apply', STEPS, ...kept('all'), '--yes']);
  assert.equal(told(document.devices), WANTED);
  assert.is(document.exit.code, 0);
  const again = await runJson(['apply', STEPS, ...kept('all'), '--yes']);
  assert.ok(again.document.devices!.every(({ outcome }) => outcome === 'current'));
  const text = await runbook(['apply', STEPS, ...kept('all'), '--yes']);
  assert.match(text.stdout, /^DEVICE +ID +PRODUCT +PLAY +BEFORE +AFTER +OUTCOME/m);
});

test('a plan file holds all steps', async () => {
  const plan = at('plan.json');
  await runJson(['plan', STEPS, ...kept('planned'), '--out', plan]);
  const { document } = await runJson(['apply', plan, ...kept('planned'), '--yes']);
  assert.equal(told(document.devices), WANTED);
});

test('killed in the second step: it is told of that step, and the next run goes on from there', async () => {
  const args = kept('killed');
  const inSecond = /"type":"device-planned","device":\{[^}]*"play":"second"[^]*"type":"progress"/;
  await killedWhen(['apply', STEPS, '--yes', ...args], (events) => inSecond.test(events));
  const { document } = await runJson(['history', ...args]);
  const [run] = (document as unknown as { runs: { devices: Record<string, unknown>[] }[] }).runs;
  const of = (play: string): Record<string, unknown> | undefined =>
    run!.devices.find((device) => device['play'] === play);
  assert.is((of('first')!['result'] as { outcome: string }).outcome, 'updated');
  assert.is(of('first')!['open'], false);
  assert.is(of('second')!['result'], null);
  assert.is(of('second')!['open'], true);
  const next = await runJson(['apply', STEPS, ...args, '--yes']);
  assert.is(next.exitCode, 0);
  assert.equal(told(next.document.devices).slice(0, 2), [
    'first current 2.10 2.10',
    'second updated 2.10 2.12',
  ]);
});

test.run();
