import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { PROBE_TIMEOUT_MS, dataDirection } from '../../../src/scsi/command.ts';
import {
  decodeBufferDescriptor,
  decodeReadBufferCdb,
  encodeBufferDescriptor,
  encodeReadBufferCdb,
  readBufferDescriptor,
} from '../../../src/scsi/read-buffer.ts';
import {
  decodeReportSupportedOperationCodesCdb,
  decodeSupportedOperationCode,
  encodeSupportedOperationCode,
  reportSupportedOperationCode,
} from '../../../src/scsi/report-supported-operation-codes.ts';
import type { SupportedOperationCode } from '../../../src/scsi/report-supported-operation-codes.ts';
import { decodeRequestSenseCdb, requestSense } from '../../../src/scsi/request-sense.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { suite } from '../../support/suite.ts';
import { byte, doubleWord, onlyDecodeErrors, record } from './only-decode-errors.ts';

const commands = suite('scsi/commands that look');
const isDecodeError =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DecodeError && error.code === code;
const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;

commands('TEST UNIT READY is six zero bytes without data', () => {
  assert.is(toHex(testUnitReady().cdb), '000000000000');
  assert.is(dataDirection(testUnitReady()), 'none');
  assert.is(testUnitReady().timeoutMs, PROBE_TIMEOUT_MS);
  assert.is(testUnitReady(5000).timeoutMs, 5000);
});

commands('REQUEST SENSE asks for 252 bytes and reads sense data', () => {
  const command = requestSense();
  assert.is(toHex(command.cdb), '03000000fc00');
  assert.is(command.dataInBytes, 252);
  assert.is(command.decode(fromHex('70 00 00 00000000 0a 00000000 00 22 00 00 0000')).ascq, 0x22);
  // Half of an answer does not say that nothing waits.
  for (const cut of [
    '',
    '70',
    '70 00 00',
    '70 00 00 00000000 0a 00000000 00',
    '72 00 00',
    '00 00 00 00000000 00',
  ])
    assert.throws(
      () => command.decode(fromHex(cut)),
      (error: unknown) => error instanceof DecodeError,
      cut,
    );
  assert.is(command.decode(fromHex('70 00 00 00000000 00')).asc, 0, 'it says itself that it has no more');
  assert.equal(decodeRequestSenseCdb(command.cdb), { descriptorFormat: false, allocationBytes: 252 });
  assert.is(decodeRequestSenseCdb(fromHex('03 01 00 00 12 00')).descriptorFormat, true);
});

commands('REPORT SUPPORTED OPERATION CODES asks for one mode of WRITE BUFFER with its time-outs', () => {
  const command = reportSupportedOperationCode({ operationCode: 0x3b, serviceAction: 0x0e });
  assert.is(toHex(command.cdb), 'a30c823b000e000020000000');
  assert.is(command.dataInBytes, 0x2000);
  assert.is(command.changesDevice, false);
  assert.equal(decodeReportSupportedOperationCodesCdb(command.cdb), {
    returnTimeouts: true,
    reportingOptions: 2,
    operationCode: 0x3b,
    serviceAction: 0x0e,
    allocationBytes: 0x2000,
  });
});

const USAGE = '3b ff ff ff ff ff ff ff ff 00';

commands('reads support, usage map and time-outs', () => {
  assert.equal(decodeSupportedOperationCode(fromHex(`00 83 000a ${USAGE} 000a 00 3c 0000001e 00001c20`)), {
    support: 'standard',
    cdbUsage: fromHex(USAGE),
    timeouts: { commandSpecific: 60, nominalSeconds: 30, recommendedSeconds: 7200 },
    affects: 'not-said',
  });
  assert.equal(decodeSupportedOperationCode(fromHex(`00 65 000a ${USAGE}`)), {
    support: 'vendor',
    cdbUsage: fromHex(USAGE),
    timeouts: null,
    affects: 'all-units',
  });
});

commands('takes nothing from behind a "not supported", where all is undefined', () => {
  const nothing = { cdbUsage: new Uint8Array(0), timeouts: null, affects: 'not-said' };
  assert.equal(decodeSupportedOperationCode(fromHex('00 81 ffff')), { support: 'not-supported', ...nothing });
  assert.equal(decodeSupportedOperationCode(fromHex('00 00')), { support: 'unknown', ...nothing });
  assert.equal(decodeSupportedOperationCode(fromHex('00 07 0000')), { support: 'reserved', ...nothing });
});

commands('an answer that ends before its usage map or time-outs do is short', () => {
  for (const cut of ['00', `00 03 000a 3bff`, `00 83 000a ${USAGE} 000a`]) {
    assert.throws(() => decodeSupportedOperationCode(fromHex(cut)), isDecodeError('short-page'), cut);
  }
  assert.throws(
    () => decodeSupportedOperationCode(fromHex('00 83 0001 3b 0002 00 00 00000000 00000000')),
    isDecodeError('bad-field'),
  );
});

commands('an operation code answer is decoded to what was encoded', () => {
  const value: fc.Arbitrary<SupportedOperationCode> = fc.oneof(
    record({
      support: fc.constantFrom('standard' as const, 'vendor' as const),
      cdbUsage: fc.uint8Array({ maxLength: 16 }),
      timeouts: fc.option(
        record({ commandSpecific: byte, nominalSeconds: doubleWord, recommendedSeconds: doubleWord }),
      ),
      affects: fc.constantFrom('not-said', 'this-unit', 'several-units', 'all-units'),
    }),
    record({
      support: fc.constantFrom('unknown' as const, 'not-supported' as const),
      cdbUsage: fc.constant(new Uint8Array(0)),
      timeouts: fc.constant(null),
      affects: fc.constant('not-said' as const),
    }),
  );
  fc.assert(
    fc.property(value, (fields) => {
      assert.equal(decodeSupportedOperationCode(encodeSupportedOperationCode(fields)), fields);
    }),
  );
});

commands('refuses to encode an operation code answer that does not fit', () => {
  const timeouts = { commandSpecific: 256, nominalSeconds: 0, recommendedSeconds: 0 };
  assert.throws(
    () =>
      encodeSupportedOperationCode({
        ...{ support: 'standard', cdbUsage: fromHex(USAGE), timeouts, affects: 'not-said' },
      }),
    isEncodeError,
  );
  assert.throws(
    () =>
      encodeSupportedOperationCode({
        ...{ support: 'reserved', cdbUsage: new Uint8Array(0), timeouts: null, affects: 'not-said' },
      }),
    isEncodeError,
  );
  assert.throws(() => reportSupportedOperationCode({ operationCode: 256, serviceAction: 0 }), isEncodeError);
});

commands('READ BUFFER asks for the 4 bytes of a descriptor', () => {
  assert.is(toHex(readBufferDescriptor(2).cdb), '3c030200000000000400');
  assert.is(readBufferDescriptor(0).dataInBytes, 4);
  assert.throws(() => readBufferDescriptor(256), isEncodeError);
});

commands('reads offset boundary and capacity, and sees a buffer that does not exist', () => {
  assert.equal(decodeBufferDescriptor(fromHex('0c 100000')), {
    offsetBoundaryExponent: 12,
    capacityBytes: 0x100000,
    exists: true,
  });
  assert.is(decodeBufferDescriptor(fromHex('ff 000000')).exists, true);
  assert.is(decodeBufferDescriptor(fromHex('00 000000')).exists, false);
  assert.throws(() => decodeBufferDescriptor(fromHex('0c 1000')), isDecodeError('short-page'));
  assert.is(
    toHex(encodeBufferDescriptor({ offsetBoundaryExponent: 2, capacityBytes: 0x123456, exists: true })),
    '02123456',
  );
});

commands('descriptor and CDB of READ BUFFER are decoded to what was encoded', () => {
  const capacity = fc.integer({ min: 0, max: 0xffffff });
  fc.assert(
    fc.property(byte, capacity, (offsetBoundaryExponent, capacityBytes) => {
      const value = {
        offsetBoundaryExponent,
        capacityBytes,
        exists: offsetBoundaryExponent + capacityBytes > 0,
      };
      assert.equal(decodeBufferDescriptor(encodeBufferDescriptor(value)), value);
    }),
  );
  const cdb = record({
    mode: fc.nat({ max: 31 }),
    modeSpecific: fc.nat({ max: 7 }),
    bufferId: byte,
    offsetBytes: capacity,
    allocationBytes: capacity,
  });
  fc.assert(
    fc.property(cdb, (fields) => {
      assert.equal(decodeReadBufferCdb(encodeReadBufferCdb(fields)), fields);
    }),
  );
});

commands('no bytes make a decoder throw anything but a decode error', () => {
  onlyDecodeErrors(decodeRequestSenseCdb, ['03']);
  onlyDecodeErrors(decodeReportSupportedOperationCodesCdb, ['a3', 'a30c']);
  onlyDecodeErrors(decodeSupportedOperationCode, ['0083000a', `0083000a${USAGE}000a`]);
  onlyDecodeErrors(decodeBufferDescriptor, ['0c']);
  onlyDecodeErrors(decodeReadBufferCdb, ['3c', '3c03']);
});

commands.run();
