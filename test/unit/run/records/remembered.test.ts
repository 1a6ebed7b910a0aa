import * as assert from 'uvu/assert';
import { rememberedOf } from '../../../../src/run/records/remembered.ts';
import type { DeviceRecord, RunRecord } from '../../../../src/run/records/run-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { suite } from '../../../support/suite.ts';

const remembered = suite('run/remembered');

const device = (fields: Partial<DeviceRecord>): DeviceRecord =>
  ({
    id: 'naa.1',
    totalBytes: 10_000,
    state: 'first-chunk',
    facts: {},
    result: null,
    ...fields,
  }) as DeviceRecord;

const run = (state: RunRecord['state'], devices: readonly DeviceRecord[]): RunRecord =>
  ({ run: '20261121T101500Z-3c4d', state, devices }) as unknown as RunRecord;

const record = {
  unit: 'naa.1',
  run: '20261120T101500Z-1a2b',
  at: '2026-11-20T10:17:00.000Z',
  outcome: 'frozen',
  before: '2.08',
  target: '2.10',
  after: '2.08',
  pending: null,
  frozen: { run: '20261120T101500Z-1a2b', at: '2026-11-20T10:17:00.000Z', reason: '83h' },
} as unknown as UnitRecord;

remembered('says nothing of a unit that nobody worked on', () => {
  assert.equal(rememberedOf('naa.2', new Map([['naa.1', record]]), [run('running', [device({})])]), {
    atWork: null,
    last: null,
    frozenSince: null,
  });
});

remembered('tells the record of a unit, and since when it is frozen', () => {
  const { last, frozenSince } = rememberedOf('naa.1', new Map([['naa.1', record]]), []);
  assert.is(last?.outcome, 'frozen');
  assert.equal(frozenSince, { run: record.run, at: record.at });
});

remembered('tells how far a living run is, and not what a dead or finished one, or a verdict, says', () => {
  const atWork = (state: RunRecord['state'], fields: Partial<DeviceRecord> = {}): string | undefined =>
    rememberedOf('naa.1', new Map(), [run(state, [device(fields)])]).atWork?.text;
  assert.match(atWork('running') ?? '', 'partly sent');
  assert.is(atWork('died'), undefined);
  assert.is(atWork('finished'), undefined);
  assert.is(atWork('running', { result: { outcome: 'updated' } as DeviceRecord['result'] }), undefined);
});

remembered.run();
