import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import {
  SES_MAXIMUM_DATA_BYTES,
  SES_MICROCODE_MODES,
  controlFieldName,
  decodeDownloadMicrocodeControl,
  downloadMicrocode,
  encodeDownloadMicrocodeControl,
  sesMicrocodeModeName,
} from '../../../src/ses/download-microcode-control.ts';
import type { DownloadMicrocodeControl } from '../../../src/ses/download-microcode-control.ts';
import { decodeSendDiagnosticCdb } from '../../../src/ses/send-diagnostic.ts';
import { suite } from '../../support/suite.ts';
import { byte, doubleWord, onlyDecodeErrors, record } from '../scsi/only-decode-errors.ts';

const control = suite('ses/download-microcode-control');

const pageOf = (fields: Partial<DownloadMicrocodeControl>): DownloadMicrocodeControl => ({
  subenclosureId: 0,
  generationCode: 1,
  mode: SES_MICROCODE_MODES.dmc_offs_save,
  bufferId: 0,
  bufferOffsetBytes: 0,
  imageLengthBytes: 10_000,
  data: new Uint8Array(0),
  ...fields,
});
const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;

control('pads the last chunk to a multiple of 4, and does not count the padding (pm08)', () => {
  const data = new Uint8Array(0x70f).fill(0xad);
  const command = downloadMicrocode(pageOf({ bufferOffsetBytes: 0x2000, imageLengthBytes: 9999, data }));
  assert.is(toHex(command.cdb), '1d1000072800');
  assert.is(command.dataOut?.length, 0x728);
  assert.is(
    toHex(command.dataOut!.subarray(0, 24)),
    '0e000724' + '00000001' + '07000000' + '00002000' + '0000270f' + '0000070f',
  );
  assert.is(toHex(command.dataOut!.subarray(0x724)), 'adadad00');
  assert.is(command.timeoutMs, 7_200_000);
  assert.is(command.changesDevice, true);
  assert.is(command.name, 'SEND DIAGNOSTIC (download microcode control, dmc_offs_save)');
});

control('names subenclosure and buffer (pm06, pm24)', () => {
  const header = (fields: Partial<DownloadMicrocodeControl>): string =>
    toHex(encodeDownloadMicrocodeControl(pageOf(fields)).subarray(0, 24));
  assert.is(
    header({ subenclosureId: 2, bufferId: 1, generationCode: 3, data: new Uint8Array(4096) }),
    '0e021014' + '00000003' + '07000001' + '00000000' + '00002710' + '00001000',
  );
  assert.is(
    header({
      subenclosureId: 1,
      generationCode: 2,
      mode: 0x0e,
      bufferOffsetBytes: 0x1000,
      imageLengthBytes: 4100,
      data: new Uint8Array(4),
    }),
    '0e010018' + '00000002' + '0e000000' + '00001000' + '00001004' + '00000004',
  );
});

control('activates and aborts with a page of 24 bytes (pm04, pm05, pm17)', () => {
  const activation = pageOf({ mode: SES_MICROCODE_MODES.activate_mc, generationCode: 7 });
  assert.is(
    toHex(encodeDownloadMicrocodeControl(activation)),
    '0e000014' + '00000007' + '0f000000' + '00000000' + '00002710' + '00000000',
  );
  const abort = downloadMicrocode(
    pageOf({ mode: SES_MICROCODE_MODES.dmc_abort, generationCode: 9, imageLengthBytes: 0 }),
  );
  assert.is(toHex(abort.cdb), '1d1000001800');
  assert.is(toHex(abort.dataOut!), '0e000014' + '00000009' + 'ff000000' + '00000000'.repeat(3));
});

control('takes 65,508 bytes and not one more, with the arithmetic in the message', () => {
  const full = downloadMicrocode(pageOf({ data: new Uint8Array(SES_MAXIMUM_DATA_BYTES) }));
  assert.is(full.dataOut?.length, 65_532);
  assert.equal(decodeSendDiagnosticCdb(full.cdb), {
    selfTestCode: 0,
    pageFormat: true,
    selfTest: false,
    parameterListBytes: 65_532,
  });
  assert.throws(
    () => downloadMicrocode(pageOf({ data: new Uint8Array(65_509) })),
    /65509.*65508.*24-byte header/,
  );
  assert.throws(() => downloadMicrocode(pageOf({ data: new Uint8Array(65_509) })), isEncodeError);
});

control('refuses an offset that is not a multiple of 4, and what does not fit its field', () => {
  assert.throws(() => downloadMicrocode(pageOf({ bufferOffsetBytes: 4098 })), /4098.*multiple of 4/);
  for (const wrong of [
    { bufferOffsetBytes: 4098 },
    { bufferOffsetBytes: 0x100000000 },
    { subenclosureId: 256 },
    { generationCode: -1 },
    { mode: 256 },
    { bufferId: 256 },
    { imageLengthBytes: 0x100000000 },
  ]) {
    assert.throws(() => encodeDownloadMicrocodeControl(pageOf(wrong)), isEncodeError, JSON.stringify(wrong));
  }
});

control('a page says what its bytes send', () => {
  for (const [mode, kind] of [
    [SES_MICROCODE_MODES.dmc_offs, 'part'],
    [SES_MICROCODE_MODES.dmc_offs_save, 'part'],
    [SES_MICROCODE_MODES.dmc_offs_defer, 'part'],
    [SES_MICROCODE_MODES.activate_mc, 'activation'],
    [SES_MICROCODE_MODES.dmc_abort, 'abort'],
  ] as const) {
    const data = new Uint8Array(kind === 'part' ? 61 : 0);
    const { dataOut, sends } = downloadMicrocode(
      pageOf({ mode, data, subenclosureId: 3, bufferOffsetBytes: 64 }),
    );
    const sent = decodeDownloadMicrocodeControl(dataOut!);
    assert.equal(sends, {
      kind,
      mode: sent.mode,
      offsetBytes: sent.bufferOffsetBytes,
      dataBytes: sent.data.length,
      subenclosureId: sent.subenclosureId,
    });
  }
});

control('the enclosure reads what was sent', () => {
  const value = record<DownloadMicrocodeControl>({
    subenclosureId: byte,
    generationCode: doubleWord,
    mode: byte,
    bufferId: byte,
    bufferOffsetBytes: fc.integer({ min: 0, max: 0x3fffffff }).map((words) => words * 4),
    imageLengthBytes: doubleWord,
    data: fc.uint8Array({ maxLength: 200 }),
  });
  fc.assert(
    fc.property(value, (fields) => {
      const page = encodeDownloadMicrocodeControl(fields);
      assert.is(page.length % 4, 0);
      assert.ok(page.length - 24 - fields.data.length < 4);
      assert.equal(decodeDownloadMicrocodeControl(page), fields);
    }),
  );
});

control('the enclosure is told which byte of a bad page is wrong', () => {
  const fieldByte = (page: string): unknown => {
    try {
      decodeDownloadMicrocodeControl(fromHex(page));
    } catch (error) {
      return error instanceof DecodeError ? error.context.fieldByte : error;
    }
    return undefined;
  };
  const page = (offset: string, dataLength: string): string =>
    `0e000018 00000001 07000000 ${offset} 00002710 ${dataLength} 01020304`;
  assert.is(fieldByte(page('00000000', '00000004')), undefined);
  assert.is(fieldByte(page('00000000', '00000005')), 20);
  assert.is(fieldByte(page('00000002', '00000004')), 12);
});

control('no bytes make the decoder throw anything but a decode error', () => {
  onlyDecodeErrors(decodeDownloadMicrocodeControl, [
    '0e000014',
    '0e00001400000007070000000000000000002710',
    '0e000018000000070700000000001000000027100000000401020304',
  ]);
});

control('names modes as sg_ses_microcode does, and the field behind each byte', () => {
  assert.is(sesMicrocodeModeName(0x06), 'dmc_offs');
  assert.is(sesMicrocodeModeName(0x0e), 'dmc_offs_defer');
  assert.is(sesMicrocodeModeName(0xff), 'dmc_abort');
  assert.is(sesMicrocodeModeName(0x0d), 'mode 0Dh');
  assert.is(controlFieldName(1), 'SUBENCLOSURE IDENTIFIER');
  for (const at of [4, 7]) assert.is(controlFieldName(at), 'EXPECTED GENERATION CODE');
  assert.is(controlFieldName(8), 'DOWNLOAD MICROCODE MODE');
  assert.is(controlFieldName(11), 'BUFFER ID');
  for (const at of [12, 15]) assert.is(controlFieldName(at), 'BUFFER OFFSET');
  for (const at of [16, 19]) assert.is(controlFieldName(at), 'MICROCODE IMAGE LENGTH');
  for (const at of [20, 23]) assert.is(controlFieldName(at), 'MICROCODE DATA LENGTH');
  for (const at of [24, 255]) assert.is(controlFieldName(at), 'MICROCODE DATA');
});

control.run();
