import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import {
  ANY_OFFSET,
  downloadMicrocodeStatus,
  receiveMicrocodeStatus,
} from '../../../src/ses/download-microcode-status.ts';
import type { DownloadMicrocodeStatus } from '../../../src/ses/download-microcode-status.ts';
import { suite } from '../../support/suite.ts';
import { byte, doubleWord, onlyDecodeErrors, record } from '../scsi/only-decode-errors.ts';

const status = suite('ses/download-microcode-status');
const throwsWith =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DecodeError && error.code === code;

const PM01 = '0e000014 00000000 00000000 00100000 00000000 00000000';
const PM20 = '0e010024 00000005 00000100 00080000 00000000 00001000 00011300 00080000 00000001 00000000';

status('asks as sg_ses_microcode does', () => {
  const command = receiveMicrocodeStatus();
  assert.is(toHex(command.cdb), '1c010e200000');
  assert.is(command.dataInBytes, 8192);
  assert.is(command.timeoutMs, 60_000);
  assert.is(command.changesDevice, false);
  assert.is(command.name, 'RECEIVE DIAGNOSTIC RESULTS (download microcode status)');
});

status('reads an enclosure without secondary subenclosures (pm01)', () => {
  const found = receiveMicrocodeStatus().decode(fromHex(PM01));
  assert.equal(found, {
    generationCode: 0,
    subenclosures: [
      {
        subenclosureId: 0,
        status: 0,
        additionalStatus: 0,
        maximumImageBytes: 0x100000,
        expectedBufferId: 0,
        expectedOffsetBytes: 0,
      },
    ],
  });
  assert.is(toHex(downloadMicrocodeStatus.encode(found)), toHex(fromHex(PM01)));
});

status('reads two subenclosures, each with its own state (pm20)', () => {
  const found = downloadMicrocodeStatus.decode(fromHex(PM20));
  assert.is(found.generationCode, 5);
  assert.equal(
    found.subenclosures.map((s) => [s.subenclosureId, s.status, s.expectedBufferId, s.expectedOffsetBytes]),
    [
      [0, 0x01, 0, 0x1000],
      [1, 0x13, 1, 0],
    ],
  );
  assert.is(toHex(downloadMicrocodeStatus.encode(found)), toHex(fromHex(PM20)));
});

status('reads status 80h with its additional status, and an enclosure that takes any offset', () => {
  const found = downloadMicrocodeStatus.decode(
    fromHex('0e000014 00000009 0000800c 00400000 00000000 ffffffff'),
  );
  assert.is(found.subenclosures[0]?.status, 0x80);
  assert.is(found.subenclosures[0]?.additionalStatus, 12);
  assert.is(found.subenclosures[0]?.expectedOffsetBytes, ANY_OFFSET);
});

status('says wrong-page of a simple enclosure, and that it is one', () => {
  const answer = fromHex('0800000000000000');
  assert.throws(() => downloadMicrocodeStatus.decode(answer), throwsWith('wrong-page'));
  assert.throws(() => downloadMicrocodeStatus.decode(answer), /page 08h.*short enclosure status only/);
});

status('tells a cut answer from a page that is too short for its own subenclosures', () => {
  assert.throws(
    () => downloadMicrocodeStatus.decode(fromHex(PM20).subarray(0, 39)),
    throwsWith('short-page'),
  );
  assert.throws(() => downloadMicrocodeStatus.decode(fromHex('0e00')), throwsWith('short-page'));
  const claimsTwo = fromHex(PM01);
  claimsTwo[1] = 1;
  assert.throws(() => downloadMicrocodeStatus.decode(claimsTwo), throwsWith('bad-field'));
  assert.throws(() => downloadMicrocodeStatus.decode(fromHex('0e000000')), throwsWith('bad-field'));
});

status('refuses to encode no subenclosure at all, or a number that does not fit', () => {
  const one = downloadMicrocodeStatus.decode(fromHex(PM01));
  const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;
  assert.throws(() => downloadMicrocodeStatus.encode({ ...one, subenclosures: [] }), isEncodeError);
  assert.throws(() => downloadMicrocodeStatus.encode({ ...one, generationCode: 2 ** 32 }), isEncodeError);
  assert.throws(
    () =>
      downloadMicrocodeStatus.encode({ ...one, subenclosures: [{ ...one.subenclosures[0]!, status: 256 }] }),
    isEncodeError,
  );
});

status('what was encoded is decoded to the same', () => {
  const subenclosure = record<DownloadMicrocodeStatus['subenclosures'][number]>({
    subenclosureId: byte,
    status: byte,
    additionalStatus: byte,
    maximumImageBytes: doubleWord,
    expectedBufferId: byte,
    expectedOffsetBytes: doubleWord,
  });
  fc.assert(
    fc.property(
      doubleWord,
      fc.array(subenclosure, { minLength: 1, maxLength: 8 }),
      (generationCode, subenclosures) => {
        const value = { generationCode, subenclosures };
        assert.equal(downloadMicrocodeStatus.decode(downloadMicrocodeStatus.encode(value)), value);
      },
    ),
  );
});

status('no bytes make the decoder throw anything but a decode error', () => {
  onlyDecodeErrors(downloadMicrocodeStatus.decode.bind(downloadMicrocodeStatus), ['0e000014', PM01, PM20]);
});

status.run();
