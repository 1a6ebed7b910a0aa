import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  bindPlan,
  looksLikePlanFile,
  parsePlanFile,
  PlanFileError,
  planFileOf,
  planFileText,
} from '../../../../src/run/plan/plan-file.ts';
import type { PlanFile } from '../../../../src/run/plan/plan-file.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, playbookOf, playOf } from '../builders.ts';
import { STEPS } from '../steps.ts';

const files = suite('run/plan-file');

const NOW = Date.parse('2026-11-21T12:00:00Z');
const HERE = { runbook: '0.1.0', host: 'jbod7', nowMs: NOW };
const MADE = { ...HERE, validForMs: 3_600_000, playbookFile: 'upgrade.yml' };

const units = [factsOf(1), factsOf(2), factsOf(3, { revision: '2.10' })];
const planOf = (facts = units): Plan => makePlan(playbookOf(), facts);

const codeOf = (text: string): string => {
  try {
    parsePlanFile('plan.json', text);
    return 'none';
  } catch (error) {
    if (error instanceof PlanFileError) return error.code;
    throw error;
  }
};

files('holds what was seen and what would be done, and is read back as it was', () => {
  const file = planFileOf(planOf(), MADE);
  assert.equal(
    file.units.map(({ id, action, revision, target }) => [id, action, revision, target]),
    [
      [units[0]!.id, 'update', '2.08', '2.10'],
      [units[1]!.id, 'update', '2.08', '2.10'],
      [units[2]!.id, 'current', '2.10', '2.10'],
    ],
  );
  assert.is(file.expires, '2026-11-21T13:00:00.000Z');
  assert.ok(looksLikePlanFile(planFileText(file)));
  assert.equal(parsePlanFile('plan.json', planFileText(file)), file);
  assert.is(planFileOf(planOf(), MADE).digest, file.digest);
});

files('a change of any value is found', () => {
  const text = planFileText(planFileOf(planOf(), MADE));
  const digest = /"digest": "([0-9a-f]+)"/.exec(text)![1]!;
  assert.is(codeOf(text.replace('"2.08"', '"2.06"')), 'changed-plan');
  assert.is(codeOf(text.replace(digest, `${digest.slice(1)}0`)), 'changed-plan');
  assert.is(codeOf(text.replace('jbod7', 'jbod8')), 'changed-plan');
});

files('what is not a plan says so', () => {
  const text = planFileText(planFileOf(planOf(), MADE));
  assert.is(codeOf('{'), 'not-json');
  assert.is(codeOf('[]'), 'not-a-plan');
  assert.is(codeOf('{"format": "runbook.report/1"}'), 'not-a-plan');
  assert.is(codeOf(text.replace('plan-file/1', 'plan-file/2')), 'newer-plan');
  assert.is(codeOf(text.replace('"units": [', '"units": [7, ')), 'damaged-plan');
  assert.not.ok(looksLikePlanFile('runbook: v1\nname: x\n'));
});

files('no text makes it throw anything else', () => {
  const text = planFileText(planFileOf(planOf(), MADE));
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ maxLength: 3 }), (at, piece) => {
      codeOf(text.slice(0, at) + piece + text.slice(at + piece.length));
    }),
  );
  fc.assert(fc.property(fc.json(), (json) => void codeOf(json)));
});

const reviewed = planFileOf(planOf(), MADE);
const bound = (facts = units, file: PlanFile = reviewed, now = HERE): Plan =>
  bindPlan(planOf(facts), file, now);
const outcomeOf = (plan: Plan): string =>
  `${plan.decisions.map(({ action }) => action).join(' ')} | ${plan.work.length} | ${plan.refusals.length}`;

files('the same host as before is done as planned', () => {
  assert.is(outcomeOf(bound()), 'update update current | 2 | 0');
});

files('a unit that is at its target meanwhile has nothing to do', () => {
  assert.is(
    outcomeOf(bound([factsOf(1, { revision: '2.10' }), units[1]!, units[2]!])),
    'current update current | 1 | 0',
  );
});

for (const [title, changed] of [
  ['another revision', factsOf(1, { revision: '2.06' })],
  ['another serial number', factsOf(1, { identity: { ...factsOf(1).identity!, serialNumber: 'OTHER' } })],
] as const) {
  files(`a unit that shows ${title} is refused, and nothing is begun`, () => {
    const plan = bound([changed, units[1]!, units[2]!]);
    assert.is(outcomeOf(plan), 'refused update current | 1 | 1');
    assert.is(plan.decisions[0]!.error!.code, 'changed-since-plan');
    assert.is(plan.refusals[0]!.exit, 'REFUSED');
  });
}

files('a unit that is not there is refused; one that is new is left alone', () => {
  assert.is(outcomeOf(bound([units[1]!, units[2]!])), 'update current | 1 | 1');
  const plan = bound([...units, factsOf(4)]);
  assert.is(outcomeOf(plan), 'update update current not-selected | 2 | 0');
  assert.is(plan.decisions[3]!.reason, 'is not in the plan file');
});

files('a unit that fell back behind its target is refused', () => {
  const plan = bound([units[0]!, units[1]!, factsOf(3)]);
  assert.is(outcomeOf(plan), 'update update refused | 2 | 1');
});

for (const [code, title, now, file] of [
  ['plan-expired', 'has expired', { ...HERE, nowMs: NOW + 3_600_001 }, reviewed],
  ['plan-from-future', 'is still to come', { ...HERE, nowMs: NOW - 600_000 }, reviewed],
  [
    'plan-work-differs',
    'lists other units than its work was made of',
    HERE,
    { ...reviewed, units: reviewed.units.slice(1) },
  ],
  ['plan-of-other-host', 'was made on another host', { ...HERE, host: 'jbod8' }, reviewed],
  ['plan-of-other-version', 'was made by another version', { ...HERE, runbook: '0.2.0' }, reviewed],
  [
    'playbook-changed',
    'is of another text of the playbook',
    HERE,
    { ...reviewed, playbook: { ...reviewed.playbook, sha256: 'f'.repeat(64) } },
  ],
] as const) {
  files(`a plan that ${title} is refused as a whole`, () => {
    const plan = bound(units, file, now);
    assert.equal(
      plan.refusals.map(({ error, exit }) => [error.code, exit]),
      [[code, 'REFUSED']],
    );
  });
}

files('an image that nobody pinned and that changed meanwhile is refused', () => {
  const other = playOf({ imageSha256: 'b'.repeat(64) });
  const plan = bindPlan(makePlan(playbookOf([other]), units), reviewed, HERE);
  assert.is(outcomeOf(plan), 'refused refused current | 0 | 2');
  assert.is(plan.decisions[0]!.error!.code, 'image-changed');
});

files('is bound to the play, not only to the unit', () => {
  const other = makePlan(playbookOf([playOf({ name: 'others' })]), units);
  assert.is(outcomeOf(bindPlan(other, reviewed, HERE)), 'not-selected not-selected current | 0 | 0');
});

const chain = (facts: readonly DeviceFacts[]): Plan => makePlan(playbookOf(STEPS), facts);
const chained = planFileOf(chain([factsOf(1)]), MADE);
const boundChain = (facts: readonly DeviceFacts[]): Plan => bindPlan(chain(facts), chained, HERE);

files('holds the plays that follow, with the revision that they are going to start from', () => {
  assert.equal(
    chained.units.map(({ play, action, revision, target }) => [play, action, revision, target]),
    [
      ['a', 'update', '2.08', '2.10'],
      ['b', 'follows', '2.10', '2.12'],
      ['c', 'follows', '2.12', '2.14'],
    ],
  );
  assert.equal(parsePlanFile('plan.json', planFileText(chained)), chained);
  assert.is(outcomeOf(boundChain([factsOf(1)])), 'update follows follows | 1 | 0');
  assert.ok(boundChain([factsOf(1)]).reviewed);
});

files('a step that was done meanwhile has nothing to do, and the next one begins where it leads', () => {
  const plan = boundChain([factsOf(1, { revision: '2.10' })]);
  assert.is(outcomeOf(plan), 'current update follows | 1 | 0');
});

files('a start that no step of the plan leads to is refused, and what follows is left out', () => {
  const between = boundChain([factsOf(1, { revision: '2.11' })]);
  assert.is(outcomeOf(between), 'current refused skipped | 0 | 1');
  assert.is(between.decisions[1]!.error!.code, 'changed-since-plan');
});

files('a later play that the plan does not have is left alone', () => {
  const [a] = STEPS;
  const short = planFileOf(makePlan(playbookOf([a!]), [factsOf(1)]), MADE);
  const plan = bindPlan(chain([factsOf(1)]), short, HERE);
  assert.is(outcomeOf(plan), 'update not-selected not-selected | 1 | 0');
});

files.run();
