import * as assert from 'uvu/assert';
import { EXIT_CODES, exitOfRun, isFailure, OUTCOMES } from '../../../../src/run/facts/outcome.ts';
import type { ExitName, Outcome } from '../../../../src/run/facts/outcome.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('run/outcome');

for (const [outcomes, also, expected] of [
  ['', '', 'OK'],
  ['updated current', '', 'OK'],
  ['updated pending', '', 'PENDING'],
  ['updated unverified pending', '', 'UNVERIFIED'],
  ['failed unverified pending', '', 'FAILED'],
  ['degraded', '', 'FAILED'],
  ['lost failed', '', 'LOST'],
  ['frozen lost failed', '', 'FROZEN'],
  ['refused', '', 'REFUSED'],
  ['refused updated', '', 'REFUSED'],
  ['refused pending', '', 'PENDING'],
  ['failed skipped', '', 'HALTED'],
  ['unverified skipped', '', 'HALTED'],
  ['degraded skipped', '', 'HALTED'],
  ['lost skipped', '', 'LOST'],
  ['frozen skipped', '', 'FROZEN'],
  ['updated skipped', '', 'OK'],
  ['pending skipped', '', 'PENDING'],
  ['updated skipped', 'INTERRUPTED', 'INTERRUPTED'],
  ['skipped', 'TERMINATED', 'TERMINATED'],
  ['failed skipped', 'INTERRUPTED', 'HALTED'],
  ['pending skipped', 'TERMINATED', 'PENDING'],
  ['refused skipped', 'INTERRUPTED', 'INTERRUPTED'],
  ['', 'NOMATCH', 'NOMATCH'],
  ['', 'NOMATCH REFUSED', 'REFUSED'],
  ['', 'NOMATCH CHANGES', 'NOMATCH'],
  ['current', 'CHANGES', 'CHANGES'],
  ['refused', 'BUSY', 'BUSY'],
  ['frozen lost failed skipped', 'INTERNAL', 'INTERNAL'],
] as const) {
  test(`[${outcomes}] and [${also}]: ${expected}`, () => {
    const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
    const exit = exitOfRun(words(outcomes) as Outcome[], words(also) as ExitName[]);
    assert.equal(exit, { name: expected, code: EXIT_CODES[expected] });
  });
}

test('the first of 70, 9, 8, 7, 1, 12, 6, 130/143, 11, 4, 10, 5, 0', () => {
  const order = [70, 9, 8, 7, 1, 12, 6, 130, 143, 11, 4, 10, 5, 0];
  const names = order.map((code) =>
    (Object.keys(EXIT_CODES) as ExitName[]).find((name) => EXIT_CODES[name] === code)!,
  );
  for (const [index, name] of names.entries()) {
    assert.is(exitOfRun([], names.slice(index).reverse()).name, name);
  }
});

test('what failed or was not proven counts against max-failures; what waits does not', () => {
  assert.equal(OUTCOMES.filter(isFailure), ['unverified', 'failed', 'degraded', 'lost', 'frozen']);
});

test.run();
