import * as assert from 'uvu/assert';
import {
  foldMemory,
  memoryOf,
  rememberUpdated,
  withoutInterrupted,
} from '../../../../src/run/records/memory.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import type { DeviceRecord, RunRecord } from '../../../../src/run/records/run-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('run/records/memory');

const device = (fields: Partial<DeviceRecord>): DeviceRecord =>
  ({
    id: 'naa.1',
    totalBytes: 10_000,
    state: 'first-chunk',
    facts: {},
    answer: null,
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

test('nothing is remembered of a unit that was never worked on', () => {
  const memory = foldMemory(new Map([['naa.1', record]]), [run('running', [device({})])], 'boot-1');
  assert.equal(memoryOf(memory, 'naa.2'), {
    unit: 'naa.2',
    record: null,
    interrupted: null,
    atWork: null,
    bootId: 'boot-1',
  });
});

test('the record of a unit, and since when it is frozen', () => {
  const memory = memoryOf(foldMemory(new Map([['naa.1', record]]), [], null), 'naa.1');
  assert.is(memory.record?.outcome, 'frozen');
  assert.is(memory.record?.frozen?.run, record.run);
});

test('how far a running run is; a run that ended, was interrupted or has a verdict is not at work', () => {
  const atWork = (state: RunRecord['state'], fields: Partial<DeviceRecord> = {}): string | undefined =>
    memoryOf(foldMemory(new Map(), [run(state, [device(fields)])], null), 'naa.1').atWork?.text;
  assert.match(atWork('running') ?? '', 'partly sent');
  assert.is(atWork('died'), undefined);
  assert.is(atWork('finished'), undefined);
  assert.is(atWork('running', { result: { outcome: 'updated' } as DeviceRecord['result'] }), undefined);
});

test('what a later look has kept of the same run is how it ended', () => {
  const died = { ...run('died', [device({ before: '2.08' })]), lastAt: '2026-11-21T10:15:30.000Z' };
  const kept = { ...record, run: died.run, outcome: 'pending', pending: ['power-cycle'], frozen: null };
  const openAfter = (at: string): unknown =>
    openUnits(foldMemory(new Map([['naa.1', { ...kept, at } as unknown as UnitRecord]]), [died], null)).map(
      ({ outcome, interrupted }) => [outcome, interrupted !== null],
    );
  assert.equal(openAfter('2026-11-21T10:16:00.000Z'), [['pending', false]]);
  assert.equal(openAfter('2026-11-21T10:15:00.000Z'), [['failed', true]]);
});

test('what was interrupted is what is open, and not what the record said before', () => {
  const interrupted = run('died', [device({ imageSha256: 'a'.repeat(64), before: '2.08' })]);
  const pending = { ...record, outcome: 'pending', pending: ['power-cycle'], frozen: null } as UnitRecord;
  const memory = foldMemory(new Map([['naa.1', pending]]), [interrupted], null);
  assert.is(memoryOf(memory, 'naa.1').interrupted?.run, interrupted.run);
  assert.equal(
    openUnits(memory).map(({ run: name, outcome }) => [name, outcome]),
    [[interrupted.run, 'failed']],
  );
  const settled = withoutInterrupted(memory, new Set(['naa.1']));
  assert.equal(
    openUnits(settled).map(({ run: name, outcome }) => [name, outcome]),
    [[record.run, 'pending']],
  );
  assert.equal(openUnits(rememberUpdated(memory, new Set(['naa.1']))), []);
});

test.run();
