import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { failureOf, judge } from '../../../src/device/judge.ts';
import type { Action, Moment } from '../../../src/device/sense-table.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { encodeDescriptorSense, encodeFixedSense } from '../../../src/scsi/sense.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { writeBuffer } from '../../../src/scsi/write-buffer.ts';
import type { CommandOutcome } from '../../../src/transport/transport.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';

const CHUNK = writeBuffer({
  mode: 0x0e,
  bufferId: 0,
  offsetBytes: 0x2000,
  data: new Uint8Array(0x710),
  timeoutMs: 300_000,
});
const MOMENTS = ['probe', 'first', 'during', 'last'] as const;

const chunkAction = (fields: Partial<CommandOutcome>, moment: Moment = 'during'): Action =>
  judge(CHUNK, outcomeOf(fields), moment).action;
/** The same at every moment, or the list of four. */
const actions = (fields: Partial<CommandOutcome>): string => {
  const all = MOMENTS.map((moment) => chunkAction(fields, moment));
  return all.every((action) => action === all[0]) ? all[0]! : all.join(' ');
};
const sense = (key: number, asc = 0, ascq = 0, deferred = false): Uint8Array =>
  encodeFixedSense({ key, asc, ascq, deferred });
const checkCondition = (key: number, asc: number, ascq: number): Partial<CommandOutcome> => ({
  status: 2,
  driverStatus: 8,
  sense: sense(key, asc, ascq),
});

const test = suite('device/judge');

test('GOOD with nothing beside it is accepted without a warning', () => {
  assert.equal(judge(CHUNK, outcomeOf(), 'first'), {
    action: 'accept',
    code: 'no-sense',
    layer: 'device',
    text: '',
    next: '',
    sense: null,
  });
});

for (const [hostStatus, expected] of [
  [0x00, 'accept'],
  [0x01, 'stop stop stop verify'],
  [0x02, 'send-later'],
  [0x03, 'unclear'],
  [0x04, 'stop stop stop verify'],
  [0x05, 'unclear'],
  [0x06, 'unclear'],
  [0x07, 'unclear'],
  [0x08, 'restart restart restart verify'],
  [0x09, 'stop'],
  [0x0a, 'accept'],
  [0x0b, 'unclear'],
  [0x0c, 'send-again'],
  [0x0d, 'send-again'],
  [0x0e, 'unclear'],
  [0x0f, 'send-later'],
  [0x10, 'stop'],
  [0x11, 'stop'],
  [0x12, 'stop'],
  [0x13, 'stop'],
  [0x14, 'unclear'],
  [0x15, 'unclear'],
  [0xff, 'unclear'],
] as const) {
  test(`host status ${hostStatus.toString(16)}h beside GOOD: ${expected}`, () => {
    assert.is(actions({ hostStatus }), expected);
  });
}

for (const [driverStatus, expected] of [
  [0x0, 'accept'],
  [0x1, 'unclear'],
  [0x4, 'unclear'],
  [0x6, 'unclear'],
  [0x8, 'unclear'], // announces sense data, and there are none
  [0x10, 'accept'], // only an old suggestion
  [0x16, 'unclear'],
] as const) {
  test(`driver status ${driverStatus.toString(16)}h beside GOOD: ${expected}`, () => {
    assert.is(actions({ driverStatus }), expected);
  });
}

for (const [errno, expected] of [
  [1, 'stop'],
  [13, 'stop'],
  [14, 'stop'],
  [25, 'stop'],
  [90, 'stop'],
  [12, 'stop stop unclear unclear'],
  [22, 'stop stop unclear unclear'],
  [4, 'unclear'],
  [5, 'unclear'],
  [6, 'unclear'],
  [16, 'unclear'],
  [19, 'unclear'],
  [33, 'unclear'],
] as const) {
  test(`errno ${errno}: ${expected}`, () => {
    // The other fields are not valid then: they may say whatever they want.
    assert.is(actions({ errno }), expected);
    assert.is(actions({ errno, status: 2, sense: sense(1) }), expected);
  });
}

for (const [status, expected] of [
  [0x00, 'accept'],
  [0x02, 'unclear'], // CHECK CONDITION without sense data
  [0x04, 'unclear'],
  [0x08, 'send-later'],
  [0x10, 'unclear'],
  [0x14, 'unclear'],
  [0x18, 'stop'],
  [0x22, 'unclear'],
  [0x28, 'send-later'],
  [0x30, 'stop'],
  [0x40, 'unclear'],
] as const) {
  test(`status ${status.toString(16)}h without sense data: ${expected}`, () => {
    assert.is(actions({ status }), expected);
  });
}

test('deferred sense stops at every moment, in both formats, whatever its key', () => {
  for (const key of [0, 1, 2, 4, 5, 6, 0xb]) {
    for (const encode of [encodeFixedSense, encodeDescriptorSense]) {
      const bytes = encode({ key, asc: 0, ascq: 0, deferred: true });
      assert.is(actions({ status: 2, driverStatus: 8, sense: bytes }), 'stop');
    }
  }
});

test('sense data beside GOOD are judged', () => {
  assert.is(actions({ sense: sense(1, 0x5d) }), 'accept');
  assert.is(
    judge(CHUNK, outcomeOf({ sense: sense(1, 0x5d) }), 'during').text,
    'RECOVERED ERROR, failure prediction threshold exceeded (1/5D/00)',
  );
  assert.is(actions({ sense: sense(5, 0x26) }), 'stop');
  assert.is(actions({ sense: sense(5, 0x26), driverStatus: 8 }), 'stop');
});

test('invalid sense data are unclear: neither accepted nor sent again', () => {
  for (const bytes of [[0x00, 0, 6, 0], [0x7f, 0, 6], [0x70, 0], [0x72]]) {
    assert.is(actions({ status: 2, driverStatus: 8, sense: new Uint8Array(bytes) }), 'unclear');
    assert.is(actions({ sense: new Uint8Array(bytes) }), 'unclear');
  }
});

test('a recovered error does not make up for bytes that the device did not take', () => {
  assert.is(actions({ ...checkCondition(1, 0x18, 0), residualBytes: 0x10 }), 'stop');
  assert.is(actions({ ...checkCondition(0, 0, 0x22), residualBytes: 1 }), 'stop');
});

test('a recovered error does not make up for a status that says no', () => {
  const recovered = { sense: sense(1, 0x18), driverStatus: 8 };
  assert.is(actions({ ...recovered, status: 0x08 }), 'send-later');
  assert.is(actions({ ...recovered, status: 0x18 }), 'stop');
  assert.is(actions({ ...recovered, status: 0x22 }), 'unclear');
  assert.is(actions({ ...recovered, status: 0x40 }), 'unclear');
  assert.is(actions({ sense: sense(1, 0x18), driverStatus: 6 }), 'unclear');
});

test('"not sent" of the adapter beside an answer of the device is unclear', () => {
  for (const hostStatus of [0x02, 0x0c, 0x0d, 0x0f]) {
    assert.is(actions({ hostStatus, ...checkCondition(1, 0x18, 0) }), 'unclear');
    assert.is(actions({ hostStatus, status: 2 }), 'unclear');
  }
});

test('an internal failure of the device is told whatever the adapter says beside it', () => {
  assert.is(actions({ hostStatus: 0x07, ...checkCondition(4, 0x44, 0) }), 'unclear freeze freeze freeze');
});

test('GOOD with a positive residual of data-out is a hole in the image', () => {
  assert.is(actions({ residualBytes: 0x710 }), 'stop');
  assert.is(actions({ residualBytes: 1 }), 'stop');
  assert.is(actions({ residualBytes: -4 }), 'accept');
  assert.is(judge(CHUNK, outcomeOf({ residualBytes: 1 }), 'during').layer, 'transport');
});

test('a residual of data-in or of no data is normal', () => {
  assert.is(judge(standardInquiry(), outcomeOf({ residualBytes: 30 }), 'probe').action, 'accept');
  assert.is(judge(testUnitReady(), outcomeOf({ residualBytes: 8 }), 'probe').action, 'accept');
});

test('data-in beside CHECK CONDITION count with a recovered error only', () => {
  assert.is(judge(standardInquiry(), outcomeOf(checkCondition(1, 0x0b, 0x01)), 'probe').action, 'accept');
  assert.is(judge(standardInquiry(), outcomeOf(checkCondition(0, 0, 0)), 'probe').action, 'stop');
  assert.is(judge(standardInquiry(), outcomeOf({ sense: sense(0) }), 'probe').action, 'accept');
  assert.is(judge(testUnitReady(), outcomeOf(checkCondition(0, 0, 0)), 'probe').action, 'accept');
});

test('only GOOD or CHECK CONDITION with current sense of key 0 or 1 is ever accepted', () => {
  const anyOutcome = fc.record({
    status: fc.constantFrom(0, 0, 2, 4, 8, 0x10, 0x14, 0x18, 0x22, 0x28, 0x30, 0x40),
    hostStatus: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0x20 })),
    driverStatus: fc.oneof(fc.constantFrom(0, 8), fc.integer({ min: 0, max: 15 })),
    errno: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 133 })),
    residualBytes: fc.oneof(fc.constant(0), fc.integer({ min: -10, max: 0x710 })),
    sense: fc.oneof(
      fc.constant(new Uint8Array(0)),
      fc.uint8Array({ maxLength: 32 }),
      fc
        .record({ key: fc.nat(15), asc: fc.nat(255), ascq: fc.nat(255), deferred: fc.boolean() })
        .map((fields) => encodeFixedSense(fields)),
    ),
  });
  fc.assert(
    fc.property(anyOutcome, fc.constantFrom(...MOMENTS), (fields, moment) => {
      const { action, sense: told, text, next } = judge(CHUNK, outcomeOf(fields), moment);
      if (action !== 'accept' && action !== 'accept-then-wait') return text !== '' && next !== '';
      const quiet = fields.errno === 0 && [0, 0x0a].includes(fields.hostStatus) && fields.residualBytes <= 0;
      if (fields.sense.length === 0) return quiet && fields.status === 0 && fields.driverStatus === 0;
      return quiet && [0, 2].includes(fields.status) && told !== null && told.key <= 1 && !told.deferred;
    }),
    { numRuns: 5000, seed: 46 },
  );
});

test('a failure names the layer, the command, the offset, the sense and one next step', () => {
  const bytes = encodeFixedSense({
    key: 5,
    asc: 0x24,
    ascq: 0,
    fieldPointer: { inCdb: true, byte: 3, bit: 7 },
  });
  const judgement = judge(CHUNK, outcomeOf({ status: 2, driverStatus: 8, sense: bytes }), 'during');
  assert.equal(failureOf(CHUNK, judgement, 0x2000), {
    code: 'illegal-request',
    layer: 'device',
    message:
      'WRITE BUFFER (dmc_offs_defer) at offset 8192: ILLEGAL REQUEST, invalid field in CDB (5/24/00); the device points at byte 3, bit 7 of the CDB',
    next: 'Compare mode, buffer-id, bpw and image with what the vendor documents for this model.',
    cdb: '3b0e0000200000071000',
    offset: 0x2000,
    sense: { key: 5, asc: 0x24, ascq: 0, text: 'ILLEGAL REQUEST, invalid field in CDB (5/24/00)' },
  });
});

for (const [title, fields, layer] of [
  ['errno', { errno: 5 }, 'kernel'],
  ['a vanished device', { hostStatus: 1 }, 'transport'],
  ['the adapter', { hostStatus: 7 }, 'host-adapter'],
  ['the driver', { driverStatus: 6 }, 'host-adapter'],
  ['BUSY', { status: 8 }, 'device'],
  ['sense data', checkCondition(3, 0x0c, 0), 'device'],
] as const) {
  test(`${title}: the layer is ${layer}`, () => {
    assert.is(judge(CHUNK, outcomeOf(fields), 'during').layer, layer);
  });
}

test.run();
