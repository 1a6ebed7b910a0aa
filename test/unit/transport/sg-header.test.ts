import * as assert from 'uvu/assert';
import { EncodeError } from '../../../src/base/errors.ts';
import { decodeSgHeader, encodeSgHeader, SG_HEADER_BYTES } from '../../../src/transport/sg-header.ts';
import type { SgRequest } from '../../../src/transport/sg-header.ts';
import { suite } from '../../support/suite.ts';

const header = suite('transport/sg-header');

const request: SgRequest = {
  direction: 'out',
  cdbBytes: 10,
  cdbAddress: 0x7f01_0203_0405n,
  dataBytes: 4096,
  dataAddress: 0x7f11_1213_1415n,
  senseBytes: 252,
  senseAddress: 0x7f21_2223_2425n,
  timeoutMs: 300_000,
  packId: 3,
};

/** In memory that held something else before. */
function encoded(of: SgRequest): Buffer {
  const bytes = Buffer.alloc(SG_HEADER_BYTES, 0xff);
  encodeSgHeader(bytes, of);
  return bytes;
}

header('has the 88 bytes of struct sg_io_hdr on 64-bit Linux, each field at its offset', () => {
  const expected = Buffer.alloc(88);
  expected.write('S', 0, 'latin1');
  expected.writeInt32LE(-2, 4);
  expected[8] = 10;
  expected[9] = 252;
  expected.writeUInt32LE(4096, 12);
  expected.set([0x15, 0x14, 0x13, 0x12, 0x11, 0x7f], 16);
  expected.set([0x05, 0x04, 0x03, 0x02, 0x01, 0x7f], 24);
  expected.set([0x25, 0x24, 0x23, 0x22, 0x21, 0x7f], 32);
  expected.set([0xe0, 0x93, 0x04, 0x00], 40);
  expected[48] = 3;
  assert.is(SG_HEADER_BYTES, 88);
  assert.is(encoded(request).toString('hex'), expected.toString('hex'));
});

header('gives each direction its number', () => {
  assert.is(encoded({ ...request, direction: 'in' }).readInt32LE(4), -3);
  assert.is(encoded({ ...request, direction: 'none' }).readInt32LE(4), -1);
});

header('has no data pointer when there is no data', () => {
  const bytes = encoded({ ...request, direction: 'none', dataBytes: 0 });
  assert.is(bytes.readBigUInt64LE(16), 0n);
});

for (const [title, wrong] of [
  ['a CDB of 5 bytes', { cdbBytes: 5 }],
  ['a CDB of 17 bytes', { cdbBytes: 17 }],
  ['the time-out 0, which would be the default of the queue', { timeoutMs: 0 }],
  ['the time-out FFFFFFFFh, which would be forever', { timeoutMs: 0xffff_ffff }],
  ['half a millisecond', { timeoutMs: 0.5 }],
  ['a sense buffer that its byte cannot tell', { senseBytes: 253 }],
] as const) {
  header(`refuses ${title}`, () => {
    assert.throws(
      () => encoded({ ...request, ...wrong }),
      (error: unknown) => error instanceof EncodeError,
    );
  });
}

header('decodes all output fields, the residual with its sign', () => {
  const bytes = encoded(request);
  bytes.set([0x02, 0x01, 0x00, 18], 64);
  bytes.set([0x0b, 0x01, 0x08, 0x00], 68);
  bytes.writeInt32LE(-12, 72);
  bytes.writeUInt32LE(1234, 76);
  assert.equal(decodeSgHeader(bytes), {
    status: 2,
    senseBytesWritten: 18,
    hostStatus: 0x10b,
    driverStatus: 8,
    residualBytes: -12,
    durationMs: 1234,
  });
});

header.run();
