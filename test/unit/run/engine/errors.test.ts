import * as assert from 'uvu/assert';
import { REFUSALS } from '../../../../src/base/refusals/list.ts';
import { suite } from '../../../support/suite.ts';
import { runLab } from '../lab-run.ts';

const REFUSES = { when: { operationCode: 0x3b }, sense: { key: 5, asc: 0x26, ascq: 0 } };

const test = suite('run/errors');

const cards = (...revisions: string[]): { revision: string }[] => revisions.map((revision) => ({ revision }));

for (const [title, given, expected] of [
  [
    'a unit that fails, and those that were left',
    { devices: cards('2.08', '2.08'), faults: { 0: [REFUSES] } },
    'failed skipped',
  ],
  [
    'a canary that fails',
    { devices: cards('2.08', '2.08'), strategy: { canary: 1 }, faults: { 0: [REFUSES] } },
    'failed skipped',
  ],
  [
    'a refused unit, and those that it keeps from being begun',
    { devices: cards('1.52', '2.08') },
    'refused skipped',
  ],
  [
    'a refused unit beside others',
    { devices: cards('1.52', '2.08'), strategy: { onRefusal: 'skip' } },
    'refused updated',
  ],
] as const) {
  test(`${title}: each says with a code why, and what to do`, async () => {
    const { outcomes, results } = await runLab(given);
    assert.is(outcomes, expected);
    for (const { outcome, error } of results) {
      if (outcome === 'updated') continue;
      assert.ok(error !== null && error.code in REFUSALS, outcome);
      assert.ok(error.next.length > 0, outcome);
    }
  });
}

test.run();
