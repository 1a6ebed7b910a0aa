import * as assert from 'uvu/assert';
import { exitNamesOfPlan } from '../../../../src/cli/commands/plan.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { exitOfRun } from '../../../../src/run/facts/outcome.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import { acceptedRecord, nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { factsOf, playbookOf, playOf } from '../builders.ts';
import { journalDevice } from '../records/builders.ts';

const test = suite('run/plan/absent');

/** Unit 9 ended like this, and is not there. */
const recordOf = (outcome: Outcome, product = 'HP SAS EXP Card'): UnitRecord =>
  nextRecord(null, {
    device: journalDevice(9, { product }),
    result: resultOf(9, { outcome }),
    run: 'r1',
    at: '2026-11-20T10:17:00.000Z',
    bootId: null,
    recovering: false,
  })!;

function plannedWith(record: UnitRecord): Plan {
  const memory = memoryFrom({ records: new Map([[record.unit, record]]), bootId: null });
  return makePlan(playbookOf([playOf()]), [factsOf(1)], {
    only: [],
    remembered: { ...NO_MEMORY, memory },
  });
}

for (const [outcome, exit] of [
  ['lost', 'LOST'],
  ['frozen', 'FROZEN'],
] as const) {
  test(`a ${outcome} unit that a play would select is told of, and keeps nobody from the others`, () => {
    const plan = plannedWith(recordOf(outcome));
    const [, away] = plan.decisions;
    assert.equal([away!.action, away!.verdict, away!.error?.code], ['refused', outcome, 'still-away']);
    // A frozen one may be another module of the same enclosure.
    assert.is(plan.work.length, outcome === 'lost' ? 1 : 0);
    assert.not.ok(plan.refusals.some(({ unit }) => unit === away!.facts.id));
    const { outcomes, also } = exitNamesOfPlan(plan, false);
    assert.is(exitOfRun(outcomes, also).name, exit);
  });

  test(`a ${outcome} unit that a person has closed, or that no play selects, is not`, () => {
    const closed = acceptedRecord(recordOf(outcome), 'scrapped', '2026-11-21T10:17:00.000Z');
    assert.is(plannedWith(closed).decisions.length, 1);
    assert.is(plannedWith(recordOf(outcome, 'ANOTHER')).decisions.length, 1);
  });
}

test('a unit in a bad end that shows another product now is told of, whatever the end', () => {
  for (const outcome of ['pending', 'unverified', 'degraded', 'failed', 'frozen', 'lost'] as const) {
    const record = recordOf(outcome);
    const memory = memoryFrom({ records: new Map([[record.unit, record]]), bootId: null });
    const facts = [factsOf(1), factsOf(9, { id: record.unit, product: 'NEW' })];
    const { decisions } = makePlan(playbookOf([playOf()]), facts, {
      only: [],
      remembered: { ...NO_MEMORY, memory },
    });
    assert.equal(decisions.map(({ facts: { id }, verdict, error }) => [id, verdict, error?.code]).slice(1), [
      [facts[1]!.id, outcome, 'renamed'],
    ]);
  }
});

test('where the play announces the new product, the unit is selected, and told of once', () => {
  const record = recordOf('pending');
  const memory = memoryFrom({ records: new Map([[record.unit, record]]), bootId: null });
  const play = playOf();
  const announced = { ...play, firmware: { ...play.firmware, product: 'NEW' } };
  const facts = [factsOf(9, { id: record.unit, product: 'NEW' })];
  const { decisions } = makePlan(playbookOf([announced]), facts, {
    only: [],
    remembered: { ...NO_MEMORY, memory },
  });
  assert.is(decisions.length, 1);
  assert.is.not(decisions[0]!.error?.code, 'renamed');
});

test('other open ends are for verify', () => {
  for (const outcome of ['pending', 'unverified', 'degraded', 'failed'] as const)
    assert.is(plannedWith(recordOf(outcome)).decisions.length, 1, outcome);
});

test.run();
