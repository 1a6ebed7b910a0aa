import * as assert from 'uvu/assert';
import { canaryGate } from '../../../../src/run/engine/canary.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';

const REFUSES = { when: { operationCode: 0x3b }, sense: { key: 5, asc: 0x26, ascq: 0 } };

const test = suite('run/canary');

/** `-`: no outcome yet. */
function gate(outcomes: string, canary: number, canaryAccepts: 'updated' | 'pending' = 'updated'): string {
  const units = outcomes.split(' ').map((word, n) => ({
    id: `u${n}`,
    outcome: word === '-' ? null : (word as Outcome),
  }));
  const told = canaryGate(units, canary, canaryAccepts);
  return told.kind === 'open'
    ? 'open'
    : told.kind === 'closed'
      ? `closed: ${told.why.code} ${told.why.message}`
      : [...told.ids].join();
}

for (const [outcomes, canary, expected] of [
  ['- - -', 0, 'open'],
  ['- - -', 1, 'u0'],
  ['- - -', 2, 'u0,u1'],
  ['updated - -', 1, 'open'],
  ['updated - -', 2, 'u1'],
  ['updated updated -', 2, 'open'],
  ['current - -', 1, 'u1'],
  ['refused skipped -', 1, 'u2'],
  ['current updated -', 1, 'open'],
  ['current current', 1, 'open'],
  ['failed - -', 1, 'closed: canary-failed the canary u0 ended failed'],
  ['- failed -', 2, 'closed: canary-failed the canary u1 ended failed'],
  ['unverified - -', 1, 'closed: canary-failed the canary u0 ended unverified'],
  ['updated failed -', 1, 'open'],
] as const) {
  test(`${canary} of [${outcomes}]: ${expected}`, () => assert.is(gate(outcomes, canary), expected));
}

test('a pending canary is proof only where the playbook takes it', () => {
  assert.match(gate('pending - -', 1), /^closed: canary-failed the canary u0 ended pending$/);
  assert.is(gate('pending - -', 1, 'pending'), 'open');
  assert.is(gate('updated - -', 1, 'pending'), 'open');
});

const four = Array.from({ length: 4 }, () => ({ latency: '5ms' }));

test('the canary is done before another card gets a command of the download', async () => {
  const { outcomes, devices } = await runLab({ devices: four, strategy: { canary: 1, concurrent: 4 } });
  assert.is(outcomes, 'updated updated updated updated');
  const [canary, ...others] = devices;
  const verdictMs = canary!.log.at(-1)!.atMs;
  for (const { log } of others) {
    const begins = log.find(({ cdb }) => cdb[0] === 0x3b)!.atMs;
    assert.ok(begins >= verdictMs);
  }
});

test('a canary that fails leaves all others as they were, whatever max-failures says: exit 7', async () => {
  const { outcomes, exit, devices, results } = await runLab({
    devices: four,
    strategy: { canary: 1, concurrent: 4, maxFailures: 3 },
    faults: { 0: [REFUSES] },
  });
  assert.is(outcomes, 'failed skipped skipped skipped');
  assert.is(exit.name, 'HALTED');
  assert.equal(devices.slice(1).flatMap(sentTo), []);
  assert.is(results[1]!.error!.code, 'canary-failed');
});

test('units that are current are not canaries', async () => {
  const { outcomes, devices } = await runLab({
    devices: [{ revision: '2.10' }, ...four],
    strategy: { canary: 1, concurrent: 4 },
    faults: { 1: [REFUSES] },
  });
  assert.is(outcomes, 'current failed skipped skipped skipped');
  assert.equal(devices.slice(2).flatMap(sentTo), []);
});

test('a canary that waits for a power cycle holds the others back: exit 7, or they follow', async () => {
  const plays = [playOf({ download: [sectionOf()], activate: [] })];
  const held = await runLab({ devices: four, plays, strategy: { canary: 1 } });
  assert.is(held.outcomes, 'pending skipped skipped skipped');
  assert.is(held.exit.name, 'HALTED');
  const taken = await runLab({ devices: four, plays, strategy: { canary: 1, canaryAccepts: 'pending' } });
  assert.is(taken.outcomes, 'pending pending pending pending');
  assert.is(taken.exit.name, 'PENDING');
});

test('a stop during the canary leaves the others, and is not a failure of it', async () => {
  const { outcomes, exit } = await runLab({
    devices: four,
    strategy: { canary: 1, concurrent: 4 },
    onEvent: (event, stop) => {
      if (event.type === 'progress') stop.request('SIGINT');
    },
  });
  assert.is(outcomes, 'updated skipped skipped skipped');
  assert.is(exit.code, 130);
});

test.run();
