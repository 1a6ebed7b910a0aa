import * as assert from 'uvu/assert';
import type { ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import { writtenName } from '../../../../src/run/facts/device-name.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { UNKNOWN_TOPOLOGY } from '../../../../src/run/facts/unit-topology.ts';
import { decideAgain } from '../../../../src/run/plan/plan-again.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, playbookOf } from '../builders.ts';
import { ENCLOSURE } from '../modules.ts';
import { stepPlay, STEPS } from '../steps.ts';

const test = suite('run/plan-after');

const planOf = (
  facts: readonly DeviceFacts[],
  strategy: Partial<ResolvedStrategy> = {},
  only: readonly string[] = [],
): Plan => makePlan(playbookOf(STEPS, strategy), facts, { only: only.map(writtenName) });

/** `card play action: reason` of every decision, then the refusals. */
const told = ({ decisions, refusals }: Plan): string[] => [
  ...decisions.map(
    ({ facts, play, action, reason, error }) =>
      `${facts.id.at(-1)} ${play} ${action}: ${error?.code ?? reason}`,
  ),
  ...refusals.map(
    ({ play, unit, error, exit }) => `! ${exit} ${play}${unit === null ? '' : ': it'}: ${error.code}`,
  ),
];

test('each step follows the one before it, from what that one leaves', () => {
  const plan = planOf([factsOf(1)]);
  assert.equal(told(plan), [
    '1 a update: 2.08 → 2.10',
    '1 b follows: 2.10 → 2.12, after play "a", from a fresh read',
    '1 c follows: 2.12 → 2.14, after play "b", from a fresh read',
  ]);
  assert.equal(
    plan.decisions.map(({ facts }) => facts.revision),
    ['2.08', '2.10', '2.12'],
  );
  assert.equal(
    plan.work.map(({ play }) => play.name),
    ['a'],
  );
});

test('in a mixed fleet each unit begins where it stands, and none goes back', () => {
  const fleet = ['2.08', '2.10', '2.11', '2.12', '2.14'].map((revision, i) => factsOf(i + 1, { revision }));
  assert.equal(told(planOf(fleet)), [
    '1 a update: 2.08 → 2.10',
    '1 b follows: 2.10 → 2.12, after play "a", from a fresh read',
    '1 c follows: 2.12 → 2.14, after play "b", from a fresh read',
    '2 a current: runs 2.10 already',
    '2 b update: 2.10 → 2.12',
    '2 c follows: 2.12 → 2.14, after play "b", from a fresh read',
    '3 a current: runs 2.11, from which play "b" goes on',
    '3 b update: 2.11 → 2.12',
    '3 c follows: 2.12 → 2.14, after play "b", from a fresh read',
    '4 a current: runs 2.12 already, to which play "b" leads',
    '4 b current: runs 2.12 already',
    '4 c update: 2.12 → 2.14',
    '5 a current: runs 2.14 already, to which play "c" leads',
    '5 b current: runs 2.14 already, to which play "c" leads',
    '5 c current: runs 2.14 already',
  ]);
});

test('a first play that takes any revision does not take a unit back', () => {
  const [a, ...others] = STEPS;
  const any = { ...a!, match: { ...a!.match, revision: ['*'] } };
  const plan = makePlan(playbookOf([any, ...others]), [factsOf(1, { revision: '2.14' })]);
  assert.equal(
    plan.decisions.map(({ action }) => action),
    ['current', 'current', 'current'],
  );
});

test('a unit that the first play refuses is skipped by the later ones, and stops the run once', () => {
  assert.equal(told(planOf([factsOf(1, { revision: '1.52' })])), [
    '1 a refused: revision-not-listed',
    '1 b skipped: earlier-play',
    '1 c skipped: earlier-play',
    '! REFUSED a: it: revision-not-listed',
  ]);
});

test('--only leaves a unit alone in all plays', () => {
  const { decisions, work } = planOf([factsOf(1), factsOf(2)], {}, ['sg2']);
  assert.equal(
    decisions.map(({ action }) => action),
    ['not-selected', 'not-selected', 'not-selected', 'update', 'follows', 'follows'],
  );
  assert.is(work.length, 1);
});

test('a later play takes only units of the one that it comes after, and says so', () => {
  const [a, b] = STEPS;
  const narrow = { ...a!, match: { ...a!.match, identity: ['SN1'] } };
  assert.equal(told(makePlan(playbookOf([narrow, b!]), [factsOf(1), factsOf(2)])), [
    '1 a update: 2.08 → 2.10',
    '1 b follows: 2.10 → 2.12, after play "a", from a fresh read',
    '2 null not-selected: play "b" comes after play "a", which does not select it',
  ]);
});

test('expect of a later play counts the units of the earlier one', () => {
  const [a, b] = STEPS;
  const plan = (facts: readonly DeviceFacts[]): string[] =>
    makePlan(playbookOf([a!, { ...b!, expect: { min: 2, max: 2 } }]), facts).refusals.map(
      ({ play, exit }) => `${exit} ${play}`,
    );
  assert.equal(plan([factsOf(1), factsOf(2, { revision: '2.12' })]), []);
  assert.equal(plan([factsOf(1)]), ['REFUSED b']);
  assert.equal(plan([]), ['NOMATCH a', 'NOMATCH b']);
});

test('a product that the new code changes is followed', () => {
  const [a, b] = STEPS;
  const renames = { ...a!, firmware: { ...a!.firmware, product: 'EXP 2' } };
  const next = { ...b!, match: { ...b!.match, product: 'EXP 2' } };
  const facts = [factsOf(1), factsOf(2, { product: 'EXP 2', revision: '2.12' })];
  assert.equal(told(makePlan(playbookOf([renames, next]), facts)), [
    '1 a update: 2.08 → 2.10',
    '1 b follows: 2.10 → 2.12, after play "a", from a fresh read',
    '2 a current: runs 2.12 already, to which play "b" leads',
    '2 b current: runs 2.12 already',
  ]);
});

test('two plays after the same one follow each other, and a start that none of them leaves is refused', () => {
  const [a, b] = STEPS;
  const sibling = stepPlay('c', 'a', ['2.12'], '2.14');
  assert.equal(
    told(makePlan(playbookOf([a!, b!, sibling]), [factsOf(1)])).at(-1),
    '1 c follows: 2.12 → 2.14, after play "a", from a fresh read',
  );
  const stranger = stepPlay('c', 'a', ['2.11'], '2.14');
  assert.equal(told(makePlan(playbookOf([a!, b!, stranger]), [factsOf(1)])).slice(-2), [
    '1 c refused: revision-not-listed',
    '! REFUSED c: it: revision-not-listed',
  ]);
});

test('without `after` a second play on a unit is a mistake still', () => {
  const [a, b] = STEPS;
  const plan = makePlan(playbookOf([a!, { ...b!, after: null }]), [factsOf(1)]);
  assert.equal(told(plan).slice(1), ['1 b refused: selected-twice', '! REFUSED b: it: selected-twice']);
});

const again = (now: readonly DeviceFacts[], updated = new Set([factsOf(1).id]), reviewed = false): string => {
  const plan = planOf([factsOf(1)]);
  const planned = plan.decisions[1]!;
  const { action, reason, error } = decideAgain({ ...plan, reviewed }, STEPS[1]!, planned, now, updated);
  return `${action}: ${error?.code ?? reason}`;
};

test('the second decision is made from what is there then', () => {
  assert.is(again([factsOf(1, { revision: '2.10' })]), 'update: 2.10 → 2.12');
  assert.is(again([factsOf(1, { revision: '2.12' })]), 'current: runs 2.12 already');
  assert.is(again([factsOf(1, { revision: '9.99' })]), 'refused: revision-not-listed');
  assert.is(again([factsOf(2)]), 'refused: not-there');
  assert.is(again([factsOf(1, { revision: '2.10', product: 'OTHER' })]), 'refused: no-longer-selected');
  const identity = { ...factsOf(1).identity!, serialNumber: 'SN9' };
  assert.is(again([factsOf(1, { revision: '2.10', identity })]), 'refused: identity-changed');
});

test('a reviewed plan holds the second start, too', () => {
  const between = [factsOf(1, { revision: '2.11' })];
  assert.is(again(between), 'update: 2.11 → 2.12');
  assert.is(again(between, new Set(), true), 'refused: changed-since-plan');
});

test('the second decision checks partner and redundancy as they are then', () => {
  const module = (n: number, revision: string): DeviceFacts => {
    const own = { logicalIdentifier: ENCLOSURE, relativeProcessId: n, processCount: 2 };
    const enclosures = [own] as unknown as NonNullable<DeviceFacts['enclosures']>;
    return factsOf(n, { enclosures, revision });
  };
  const plan = planOf([module(1, '2.08'), module(2, '2.08')]);
  const decided = (...now: readonly DeviceFacts[]): string => {
    const { action, reason, error } = decideAgain(
      plan,
      STEPS[1]!,
      plan.decisions[1]!,
      now,
      new Set([now[0]!.id]),
    );
    return `${action}: ${error?.code ?? reason}`;
  };
  assert.is(decided(module(1, '2.10'), module(2, '2.10')), 'update: 2.10 → 2.12');
  assert.is(decided(module(1, '2.10'), module(2, '1.52')), 'refused: partner-revision-unknown');
  assert.is(decided(module(1, '2.10')), 'refused: partner-away');
  const path = { hctl: '6:0:9:0', node: '/dev/sdb', running: true, through: true };
  const drives = [{ id: 'naa.5', paths: [path], users: ['/srv'] }];
  const behind = { ...module(1, '2.10'), topology: { ...UNKNOWN_TOPOLOGY, drives } };
  assert.is(decided(behind, module(2, '2.10')), 'refused: last-path');
});

test.run();
