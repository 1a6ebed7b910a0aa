import * as assert from 'uvu/assert';
import type { TraceRecord } from '../../src/transport/trace-record.ts';
import { suite } from '../support/suite.ts';
import { isUnitAttention, unearnedActivation } from './trace-facts.ts';

const IMAGE = 0x3000;
const chunk = (offset: number, answer: Partial<TraceRecord> = {}): Partial<TraceRecord> => ({
  cdb: `3b0e00${offset.toString(16).padStart(6, '0')}00100000`,
  len: 0x1000,
  ...answer,
});
const activation: Partial<TraceRecord> = { cdb: '3b0f0000000000000000', len: 0 };
const lost = { host: 3 };
const unitAttention = { status: 2, sense: '70000600000000000000000029000000' };

function problemOf(...commands: Partial<TraceRecord>[]): string | null {
  const records = commands.map((command, n) => ({ n, dir: 'out', timeout_ms: 1, ...command }) as TraceRecord);
  return unearnedActivation(records, IMAGE);
}

const test = suite('what a trace proves');

for (const [title, problem, ...commands] of [
  ['a whole image', null, chunk(0), chunk(0x1000), chunk(0x2000), activation],
  ['no activation at all', null, chunk(0), chunk(0x1000, lost)],
  [
    'a chunk again after a unit attention',
    null,
    ...[chunk(0), chunk(0x1000, unitAttention), chunk(0x1000), chunk(0x2000), activation],
  ],
  [
    'a fresh start after a lost chunk',
    null,
    ...[chunk(0), chunk(0x1000, lost), chunk(0), chunk(0x1000), chunk(0x2000), activation],
  ],
  ['a gap', 'NaN', chunk(0), chunk(0x2000), activation],
  ['a missing end', '8192', chunk(0), chunk(0x1000), activation],
  ['a lost chunk that was skipped', 'NaN', chunk(0), chunk(0x1000, lost), chunk(0x2000), activation],
  [
    'a lost chunk that was sent again in the middle',
    'NaN',
    ...[chunk(0), chunk(0x1000, lost), chunk(0x1000), chunk(0x2000), activation],
  ],
  ['a chunk executed twice', 'NaN', chunk(0), chunk(0x1000), chunk(0x1000), chunk(0x2000), activation],
] as const) {
  test(`${problem === null ? 'accepts' : 'refuses'} ${title}`, () => {
    const found = problemOf(...commands);
    if (problem === null) assert.is(found, null);
    else assert.match(found ?? '', `activation after ${problem} bytes`);
  });
}

test('knows a unit attention in both formats of sense data', () => {
  const record = (sense: string) => ({ sense }) as TraceRecord;
  assert.ok(isUnitAttention(record('7000060000000000')));
  assert.ok(isUnitAttention(record('7206290000000000')));
  assert.not(isUnitAttention(record('7000050000000006')));
  assert.not(isUnitAttention(record('7205240000000000')));
});

test.run();
