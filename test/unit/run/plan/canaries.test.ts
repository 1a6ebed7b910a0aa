import * as assert from 'uvu/assert';
import { exitNamesOfPlan } from '../../../../src/cli/commands/plan.ts';
import type { ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import { noInk } from '../../../../src/report/ink.ts';
import { planText } from '../../../../src/report/plan-text.ts';
import { gateOf } from '../../../../src/run/engine/why-not-begun.ts';
import { writtenName } from '../../../../src/run/facts/device-name.ts';
import { exitOfRun } from '../../../../src/run/facts/outcome.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import type { RememberedUnits } from '../../../../src/run/records/remembered-units.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { acceptedRecord, nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { factsOf, playbookOf, playOf } from '../builders.ts';
import { journalDevice } from '../records/builders.ts';

const test = suite('run/plan/canaries');

const PLAY = playOf();
const idOf = (n: number): string => factsOf(n).id;

interface Host {
  /** How an earlier run ended on the units, from the first one on; `-`: nothing was done to it. */
  readonly ends: string;
  readonly strategy?: Partial<ResolvedStrategy>;
  readonly image?: string;
  readonly accepted?: boolean;
  readonly only?: number;
  readonly remembered?: Partial<RememberedUnits>;
  /** The first so many units are away. */
  readonly away?: number;
}

function recordOf(n: number, outcome: Outcome, imageSha256: string): UnitRecord {
  const id = idOf(n);
  const after = outcome === 'updated' ? '2.10' : '2.08';
  const pending = outcome === 'pending' ? (['power-cycle'] as const) : null;
  return nextRecord(null, {
    device: journalDevice(n, { id, logicalUnit: id, imageSha256, play: 'cards' }),
    result: { ...resultOf(n, { outcome }), id, after, pending },
    run: 'r1',
    at: '2026-11-20T10:17:00.000Z',
    bootId: null,
    recovering: false,
  })!;
}

function planned(host: Host): Plan {
  const { strategy, image = PLAY.imageSha256, accepted = false, only, remembered, away = 0 } = host;
  const ends = host.ends.split(' ');
  const records = ends.flatMap((end, n): [string, UnitRecord][] => {
    if (end === '-') return [];
    const record = recordOf(n, end as Outcome, image);
    return [[idOf(n), accepted ? acceptedRecord(record, 'scrapped', '2026-11-21T10:17:00.000Z') : record]];
  });
  const facts = ends.map((end, n) => factsOf(n, { revision: end === 'updated' ? '2.10' : '2.08' }));
  const memory = memoryFrom({ records: new Map(records), bootId: null });
  return makePlan(
    playbookOf([PLAY], { canary: 1, onRefusal: 'skip', redundancy: 'outage-accepted', ...strategy }),
    facts.slice(away),
    {
      only: only === undefined ? [] : [writtenName(idOf(only))],
      remembered: { ...NO_MEMORY, memory, ...remembered },
    },
  );
}

const actions = (host: Host): string =>
  planned(host)
    .decisions.map(({ action }) => action)
    .join(' ');

for (const [about, host, expected] of [
  ['waits', { ends: 'pending - -' }, 'pending skipped skipped'],
  ['failed', { ends: '- failed -' }, 'skipped refused skipped'],
  ['was never proven', { ends: 'unverified -' }, 'refused skipped'],
  ['is degraded', { ends: 'degraded -' }, 'refused skipped'],
  ['is lost, and away', { ends: 'lost - -', away: 1 }, 'skipped skipped refused'],
  ['waits, and is away', { ends: 'pending - -', away: 1 }, 'skipped skipped'],
  ['waits, and is not named', { ends: 'pending - -', only: 1 }, 'not-selected skipped not-selected'],
  ['one of two', { ends: 'updated pending -', strategy: { canary: 2 } }, 'current pending skipped'],
] as const) {
  test(`a canary of an earlier run that ${about} holds the others`, () => {
    const plan = planned(host);
    assert.is(plan.decisions.map(({ action }) => action).join(' '), expected);
    assert.equal(plan.work, []);
    const { outcomes, also } = exitNamesOfPlan(plan, true);
    const { name } = exitOfRun(outcomes, also);
    assert.is(name, host.ends.startsWith('lost') ? 'LOST' : 'HALTED');
    const held = plan.decisions.find(({ action }) => action === 'skipped')!;
    assert.is(held.error!.code, 'canary-failed');
    assert.match(held.reason, /^the canary naa\.\w+ ended \w+ in run r1$/);
    assert.match(held.error!.next, 'verify --accept');
    assert.match(planText(plan, { ink: noInk, verbose: false }), / skipped/);
  });
}

for (const [about, host, expected] of [
  ['no canary is wanted', { ends: 'pending -', strategy: { canary: 0 } }, 'pending update'],
  [
    'pending is proof enough',
    { ends: 'pending -', strategy: { canaryAccepts: 'pending' } },
    'pending update',
  ],
  ['another one was proven', { ends: 'updated pending -' }, 'current pending update'],
  [
    'it got another image',
    { ends: 'pending -', image: 'b'.repeat(64), remembered: { retry: true } },
    'update update',
  ],
  ['a person has closed it', { ends: 'failed -', accepted: true }, 'refused update'],
  ['it gets the image again', { ends: 'failed -', remembered: { retry: true } }, 'update update'],
] as const) {
  test(`the others go on where ${about}`, () => assert.is(actions(host), expected));
}

test('a unit that an earlier run has updated is a canary that is proven, and one that came so is none', () => {
  for (const [host, left] of [
    [{ ends: 'updated - -' }, 0],
    [{ ends: 'updated - -', strategy: { canary: 2 } }, 1],
    [{ ends: 'updated - -', only: 1 }, 0],
    [{ ends: 'updated - -', image: 'b'.repeat(64) }, 1],
    [{ ends: 'pending - -', strategy: { canaryAccepts: 'pending' } }, 0],
  ] as const)
    assert.is(planned(host).canaries.get(PLAY.name), left, JSON.stringify(host));
});

test('the one that was never proven goes first where it gets the image again', () => {
  const plan = planned({ ends: '- - failed', remembered: { retry: true } });
  const works = plan.work.map((unit) => ({ unit, result: null }));
  const gate = gateOf(PLAY, works, plan);
  assert.equal(gate, { kind: 'first', ids: new Set([idOf(2)]) });
});

test.run();
