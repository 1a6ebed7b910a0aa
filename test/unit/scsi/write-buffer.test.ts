import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { dataDirection } from '../../../src/scsi/command.ts';
import {
  WRITE_BUFFER_MODES,
  decodeWriteBufferCdb,
  modeFacts,
  writeBuffer,
  writeBufferModeName,
} from '../../../src/scsi/write-buffer.ts';
import { suite } from '../../support/suite.ts';
import { byte, onlyDecodeErrors, record } from './only-decode-errors.ts';

const writeBufferSuite = suite('scsi/write-buffer');
const cdbOf = (parameters: Partial<Parameters<typeof writeBuffer>[0]>, dataBytes = 0): string =>
  toHex(
    writeBuffer({
      mode: 0x0e,
      bufferId: 0,
      offsetBytes: 0,
      data: new Uint8Array(dataBytes),
      timeoutMs: 300_000,
      ...parameters,
    }).cdb,
  );

writeBufferSuite('writes the CDBs of the recorded runs', () => {
  assert.is(cdbOf({ offsetBytes: 0x2000 }, 0x710), '3b0e0000200000071000'); // pw01
  assert.is(cdbOf({ mode: 0x0f }), '3b0f0000000000000000'); // pw02
  assert.is(cdbOf({ mode: 0x07 }, 10_000), '3b070000000000271000'); // pw04
  assert.is(cdbOf({ mode: 0x05 }, 2048), '3b050000000000080000'); // pw05
  assert.is(cdbOf({ mode: 0x04 }, 512), '3b040000000000020000'); // pw06
  assert.is(cdbOf({ mode: 0x0d, modeSpecific: 1, offsetBytes: 0x800 }, 952), '3b2d000008000003b800'); // pw07
  assert.is(cdbOf({ mode: 0x06, bufferId: 3, offsetBytes: 0x2000 }, 904), '3b060300200000038800'); // pw09
  assert.is(cdbOf({ mode: 0x0d, modeSpecific: 7 }, 4096), '3bed0000000000100000'); // pw23
});

writeBufferSuite('fills the 24 bits of offset and length, and no more', () => {
  assert.is(cdbOf({ offsetBytes: 0xffffff }, 1), '3b0e00ffffff00000100');
  assert.is(cdbOf({}, 0xffffff), '3b0e00000000ffffff00');
});

writeBufferSuite('is a command that changes the device, and hands the data on without a copy', () => {
  const data = fromHex('0d141b22');
  const command = writeBuffer({ mode: 0x0e, bufferId: 0, offsetBytes: 0, data, timeoutMs: 1234 });
  assert.is(command.dataOut, data);
  assert.is(command.name, 'WRITE BUFFER (dmc_offs_defer)');
  assert.is(command.changesDevice, true);
  assert.is(command.timeoutMs, 1234);
  assert.is(dataDirection(command), 'out');
  assert.is(dataDirection({ ...command, dataOut: new Uint8Array(0) }), 'none');
});

writeBufferSuite('refuses what does not fit its field, and never cuts', () => {
  for (const wrong of [
    { mode: 32 },
    { modeSpecific: 8 },
    { bufferId: 256 },
    { offsetBytes: 0x1000000 },
    { offsetBytes: -4 },
    { offsetBytes: 1.5 },
    { data: new Uint8Array(0x1000000) },
  ]) {
    assert.throws(
      () => cdbOf(wrong),
      (error: unknown) => error instanceof EncodeError,
    );
  }
});

writeBufferSuite('knows of each mode whether it is chunked, saved and deferred', () => {
  const table = Object.values(WRITE_BUFFER_MODES).map((mode) => {
    const { name, usesOffset, saved, deferred } = modeFacts(mode);
    return [mode, name, usesOffset, saved, deferred];
  });
  assert.equal(table, [
    [0x04, 'dmc', false, false, false],
    [0x05, 'dmc_save', false, true, false],
    [0x06, 'dmc_offs', true, false, false],
    [0x07, 'dmc_offs_save', true, true, false],
    [0x0d, 'dmc_offs_ev_defer', true, true, true],
    [0x0e, 'dmc_offs_defer', true, true, true],
    [0x0f, 'activate_mc', false, false, false],
  ]);
  for (const [name, mode] of Object.entries(WRITE_BUFFER_MODES)) assert.is(modeFacts(mode).name, name);
  assert.throws(
    () => modeFacts(0x0a),
    (error: unknown) => error instanceof EncodeError,
  );
  assert.is(writeBufferModeName(0x1a), 'mode 1Ah');
});

writeBufferSuite('the CDB is read as it was written', () => {
  const fields = record({
    mode: fc.nat({ max: 31 }),
    modeSpecific: fc.nat({ max: 7 }),
    bufferId: byte,
    offsetBytes: fc.integer({ min: 0, max: 0xffffff }),
    parameterListBytes: fc.nat({ max: 5000 }),
  });
  fc.assert(
    fc.property(fields, (value) => {
      const { parameterListBytes, ...rest } = value;
      const command = writeBuffer({ ...rest, data: new Uint8Array(parameterListBytes), timeoutMs: 1 });
      assert.equal(decodeWriteBufferCdb(command.cdb), value);
    }),
  );
});

writeBufferSuite('a microcode command says what its bytes send, and any other says nothing', () => {
  const kinds = {
    0x04: 'whole',
    0x05: 'whole',
    0x06: 'part',
    0x07: 'part',
    0x0d: 'part',
    0x0e: 'part',
    0x0f: 'activation',
  };
  for (let mode = 0; mode <= 0x1f; mode++) {
    const { cdb, sends } = writeBuffer({
      mode,
      bufferId: 1,
      offsetBytes: 4096,
      data: new Uint8Array(512),
      timeoutMs: 1,
    });
    const { offsetBytes, parameterListBytes } = decodeWriteBufferCdb(cdb);
    const kind = new Map(Object.entries(kinds)).get(`${mode}`);
    assert.equal(
      sends,
      kind === undefined
        ? undefined
        : { kind, mode, offsetBytes, dataBytes: parameterListBytes, subenclosureId: null },
    );
  }
});

writeBufferSuite('no bytes make the CDB decoder throw anything but a decode error', () => {
  onlyDecodeErrors(decodeWriteBufferCdb, ['3b', '3b0e']);
  assert.throws(
    () => decodeWriteBufferCdb(fromHex('3c030000000000000400')),
    (error: unknown) => error instanceof DecodeError && error.code === 'bad-field',
  );
});

writeBufferSuite.run();
