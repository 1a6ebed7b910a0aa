import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { EncodeError } from '../../../src/base/errors.ts';
import {
  decodeReadMicrocodeStatus,
  encodeReadMicrocodeStatus,
  readMicrocodeStatus,
} from '../../../src/scsi/read-microcode-status.ts';
import type { ReadMicrocodeStatus } from '../../../src/scsi/read-microcode-status.ts';
import { suite } from '../../support/suite.ts';
import { byte, doubleWord, onlyDecodeErrors, record } from './only-decode-errors.ts';

const microcodeStatus = suite('scsi/read-microcode-status');

microcodeStatus('asks for 16 bytes of READ BUFFER mode 0Fh and reads them', () => {
  const command = readMicrocodeStatus();
  assert.is(toHex(command.cdb), '3c0f0000000000001000');
  assert.is(command.dataInBytes, 16);
  assert.equal(command.decode(fromHex('01 02 34 00 00100000 00000000 00002000')), {
    activatedMicrocode: 1,
    redundantMicrocode: 2,
    status: 0x34,
    maximumImageBytes: 0x100000,
    expectedOffsetBytes: 0x2000,
  });
});

microcodeStatus('what was encoded is decoded to the same', () => {
  const value = record<ReadMicrocodeStatus>({
    activatedMicrocode: byte,
    redundantMicrocode: byte,
    status: byte,
    maximumImageBytes: doubleWord,
    expectedOffsetBytes: doubleWord,
  });
  fc.assert(
    fc.property(value, (fields) => {
      assert.equal(decodeReadMicrocodeStatus(encodeReadMicrocodeStatus(fields)), fields);
      assert.throws(
        () => encodeReadMicrocodeStatus({ ...fields, status: 256 }),
        (error: unknown) => error instanceof EncodeError,
      );
    }),
  );
});

microcodeStatus('no bytes make the decoder throw anything but a decode error', () => {
  onlyDecodeErrors(decodeReadMicrocodeStatus, ['010113', '01021300001000000000000000002000']);
});

microcodeStatus.run();
