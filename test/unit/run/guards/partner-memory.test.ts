import * as assert from 'uvu/assert';
import type { ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import { writtenName } from '../../../../src/run/facts/device-name.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { factsOf, pathOf, playbookOf, playOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';
import { journalDevice } from '../records/builders.ts';
import { ENCLOSURE } from '../modules.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import type { RememberedUnits } from '../../../../src/run/records/remembered-units.ts';

const test = suite('run/partner-memory');

const moduleOf = (n: number, fields: Partial<DeviceFacts> = {}): DeviceFacts => {
  const module = { logicalIdentifier: ENCLOSURE, relativeProcessId: n, processCount: 2 };
  return factsOf(n, { enclosures: [module] as unknown as NonNullable<DeviceFacts['enclosures']>, ...fields });
};

/** What an earlier run left in the store of module 1. */
const recordOf = (outcome: Outcome, enclosure: string | null = ENCLOSURE): UnitRecord => {
  const { id } = factsOf(1);
  return nextRecord(null, {
    device: { ...journalDevice(1, { id, enclosure }), imageSha256: 'e'.repeat(64) },
    result: resultOf(1, { id, outcome, pending: outcome === 'pending' ? ['power-cycle'] : null }),
    run: 'r1',
    at: '2026-01-01T00:00:00.000Z',
    bootId: 'boot-1',
    recovering: false,
  })!;
};

interface Case {
  readonly facts: readonly DeviceFacts[];
  readonly record: UnitRecord;
  readonly play?: PlayFields;
  readonly strategy?: Partial<ResolvedStrategy>;
  readonly recover?: readonly string[];
}

/** `n action: reason or code` of each unit. */
function told({ facts, record, play = {}, strategy = {}, recover = [] }: Case): string[] {
  const known: RememberedUnits = {
    ...NO_MEMORY,
    memory: memoryFrom({ records: new Map([[record.unit, record]]), bootId: 'boot-1' }),
    recover: recover.map(writtenName),
  };
  const rules = { redundancy: 'outage-accepted', onRefusal: 'skip', ...strategy } as const;
  const { decisions } = makePlan(playbookOf([playOf(play)], rules), facts, { only: [], remembered: known });
  return decisions.map(
    ({ facts: { id }, action, reason, error }) => `${id.at(-1)} ${action}: ${error?.code ?? reason}`,
  );
}

const FROZEN = recordOf('frozen');
const BOTH = [moduleOf(1), moduleOf(2)];

test('the partner of a module that an earlier run left frozen is refused', () => {
  const [first, second] = told({ facts: BOTH, record: FROZEN });
  assert.is(first, '1 refused: frozen');
  assert.is(second, '2 refused: partner-frozen');
});

test('also where the frozen one does not answer any more', () => {
  assert.is(told({ facts: [moduleOf(2)], record: FROZEN })[0], '2 refused: partner-frozen');
});

test('--recover of the frozen one does not release its partner; of the partner, or of the enclosure, it does', () => {
  const release = (...recover: string[]): string =>
    told({ facts: BOTH, record: FROZEN, recover })
      .map((text) => text.slice(0, 9))
      .join(', ');
  assert.is(release(), '1 refused, 2 refused');
  assert.is(release('sg1'), '1 update:, 2 refused');
  assert.is(release('sg2'), '1 refused, 2 update:');
  assert.is(release(ENCLOSURE), '1 update:, 2 update:');
});

test('a logical unit of the target of a frozen one is refused: a reset of it is one of both', () => {
  const elsewhere = { logicalIdentifier: '5001438000000099', relativeProcessId: 1, processCount: 1 };
  const enclosures = [elsewhere] as unknown as NonNullable<DeviceFacts['enclosures']>;
  const second = (hctl: string): string =>
    told({
      facts: [moduleOf(1), moduleOf(2, { enclosures, paths: [pathOf(2, { hctl })] })],
      record: FROZEN,
    })[1]!;
  const [path] = moduleOf(1).paths;
  assert.is(second(path!.hctl.replace(/0$/, '1')), '2 refused: partner-frozen');
  assert.match(second('6:0:2:0'), /^2 update:/);
});

test('a module of another enclosure is none of its partners', () => {
  const other = moduleOf(3);
  const { relativeProcessId } = other.enclosures![0]!;
  const enclosures = [{ ...other.enclosures![0]!, logicalIdentifier: '50014380ab0000ff', relativeProcessId }];
  assert.is(told({ facts: [factsOf(3, { enclosures })], record: FROZEN })[0], '3 update: 2.08 → 2.10');
});

test('where the enclosure is not known, a unit of the same product may be a partner', () => {
  const unknown = recordOf('frozen', null);
  assert.is(told({ facts: [factsOf(3)], record: unknown })[0], '3 refused: partner-frozen');
  const disk = { deviceType: 0, vendor: 'SEAGATE', product: 'ST4000' };
  const play = { match: { type: 'disk', deviceType: 0, vendor: 'SEAGATE', product: 'ST4000' } } as const;
  assert.is(told({ facts: [factsOf(3, disk)], record: unknown, play })[0], '3 update: 2.08 → 2.10');
});

test('reload-driver would reset what an earlier run left frozen on that driver', () => {
  const play = { activate: [{ step: 'reload-driver', driver: 'mpt3sas' }] } as const;
  const elsewhere = factsOf(3, { product: 'OTHER' });
  const facts = (driver: string): DeviceFacts[] => [
    factsOf(1, { product: 'OTHER', paths: [pathOf(1, { hbaDriver: driver })] }),
    factsOf(2, { vendor: 'HP' }),
    elsewhere,
  ];
  const known = { ...recordOf('frozen', 'ff'), product: 'OTHER' };
  assert.is(told({ facts: facts('mpt3sas'), record: known, play })[1], '2 refused: frozen-reset');
  assert.is(told({ facts: facts('pm80xx'), record: known, play })[1], '2 update: 2.08 → 2.10');
  assert.is(
    told({ facts: facts('mpt3sas'), record: known, play, recover: ['sg1'] })[1],
    '2 update: 2.08 → 2.10',
  );
});

test('the partner of a module that waits for its power cycle waits, too, unless partner-after: pending', () => {
  const record = recordOf('pending');
  const [first, second] = told({ facts: BOTH, record });
  assert.is(first, '1 pending: waits-for-event');
  assert.is(second, '2 refused: partner-pending');
  const strategy = { partnerAfter: 'pending' } as const;
  assert.is(told({ facts: BOTH, record, strategy })[1], '2 update: 2.08 → 2.10');
  const after = [moduleOf(1, { revision: '2.10' }), moduleOf(2)];
  assert.equal(told({ facts: after, record }), ['1 current: runs 2.10 already', '2 update: 2.08 → 2.10']);
});

test('the partner of a module that ended degraded is refused, unless an outage is accepted', () => {
  const record = recordOf('degraded');
  const facts = [moduleOf(1, { revision: '2.10' }), moduleOf(2)];
  const [first, second] = told({ facts, record, strategy: { redundancy: 'required' } });
  assert.is(first, '1 current: runs 2.10 already');
  assert.is(second, '2 refused: partner-degraded');
  assert.is(told({ facts, record })[1], '2 update: 2.08 → 2.10');
});

test.run();
