import * as assert from 'uvu/assert';
import type { DownloadMicrocodeControl } from '../../../src/ses/download-microcode-control.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, NEXUS, OTHER_NEXUS, ask, raw, said } from './device-under-test.ts';
import {
  controlPage,
  readStatus,
  send,
  sendAll,
  sendBytes,
  sendPart,
  shelf,
  statusText,
} from './ses-device.ts';

const control = suite('simulator: the checks of page 0Eh');

const MIB = 0x100000;
const WHOLE = IMAGE.bytes.length;
const half = IMAGE.bytes.subarray(0, 4096);

/** A page whose field at `at` is one that SES allows nobody to send. */
function changed(device: SimulatedDevice, at: number, ...bytes: number[]): Uint8Array {
  const page = controlPage(device, { data: half }).dataOut!.slice();
  page.set(bytes, at);
  return page;
}

const WRONG_FIELDS: readonly (readonly [title: string, at: number, bytes: readonly number[]])[] = [
  ['an unknown subenclosure', 1, [7]],
  ['another generation code', 4, [0, 0, 0, 2]],
  ['a mode that it does not know', 8, [0x0e]],
  ['a reserved mode, which is how a download is dropped', 8, [0xff]],
  ['an unsupported buffer id', 11, [1]],
  ['an offset that is not a multiple of 4', 12, [0, 0, 0, 2]],
  ['an offset behind the start', 12, [0, 0, 0x10, 0]],
  ['an image of no bytes', 16, [0, 0, 0, 0]],
  ['an image over the maximum', 16, [0x01, 0, 0, 4]],
  ['more data than the page holds', 20, [0, 0, 0x20, 0]],
  ['less data than the page holds', 20, [0, 0, 0, 4]],
];

for (const [title, at, bytes] of WRONG_FIELDS) {
  control(`${title} is 80h with its place, ${at}`, () => {
    const device = shelf('ses-shelf');
    assert.is(sendBytes(device, changed(device, at, ...bytes)), 'good');
    assert.is(statusText(device), `80h at ${at}`);
    assert.is(statusText(device), '00h');
  });

  control(`${title} is also 5/26/00 on an enclosure that says so`, () => {
    const device = shelf('ses-shelf', { ses: { refusal: 'check-condition' } });
    assert.is(sendBytes(device, changed(device, at, ...bytes)), `5/26/00 byte ${at}`);
    assert.is(statusText(device), `80h at ${at}`);
  });
}

control('an enclosure that does not name the field leaves 0', () => {
  const device = shelf('ses-shelf', { ses: { refusal: 'check-condition', namesWrongField: false } });
  assert.is(send(device, { mode: 0xff }), '5/26/00');
  assert.is(statusText(device), '80h');
});

control('the first of two wrong fields is named', () => {
  const device = shelf('ses-shelf');
  send(device, { generationCode: 99, mode: 0x0d, imageLengthBytes: 0 });
  assert.is(statusText(device), '80h at 4');
});

type Fields = Partial<DownloadMicrocodeControl>;
const SECOND_PAGES: readonly (readonly [title: string, fields: Fields, status: string])[] = [
  ['the same page again', { bufferOffsetBytes: 0 }, '80h at 12'],
  ['a page with a gap before it', { bufferOffsetBytes: 8192 }, '80h at 12'],
  ['another image length', { imageLengthBytes: WHOLE + 4 }, '80h at 16'],
  ['another mode', { mode: 0x06 }, '80h at 8'],
  ['another buffer', { bufferId: 1 }, '80h at 11'],
  ['a generation code that moved', { generationCode: 5 }, '80h at 4'],
  ['the abort', { mode: 0xff, bufferOffsetBytes: 0, data: new Uint8Array(0) }, '80h at 8'],
  ['an activation', { mode: 0x0f, bufferOffsetBytes: 0, data: new Uint8Array(0) }, '80h at 8'],
];

for (const [title, fields, status] of SECOND_PAGES) {
  control(`${title} in the middle drops the download`, () => {
    const subenclosures = [{ ...shelf('ses-shelf').enclosure!.rules.subenclosures[0]!, bufferIds: [0, 1] }];
    const device = shelf('ses-shelf-immediate', { ses: { modes: [0x06, 0x07, 0x0f], subenclosures } });
    sendPart(device, 0, 4096);
    assert.is(readStatus(device).expectedOffsetBytes, 4096);
    sendPart(device, 4096, 8192, fields);
    const { expectedOffsetBytes } = readStatus(device);
    assert.is(expectedOffsetBytes, 0);
    sendPart(device, 4096, 8192);
    assert.is(statusText(device), '80h at 12');
    sendPart(device, 0, 4096);
    sendPart(device, 4096, 8192, fields);
    assert.is(statusText(device), status);
  });
}

control('a page that comes over another path belongs to no download', () => {
  const device = shelf('ses-shelf');
  sendPart(device, 0, 4096);
  const second = { bufferOffsetBytes: 4096, data: IMAGE.bytes.subarray(4096, 8192) };
  assert.is(send(device, second, OTHER_NEXUS), 'good');
  assert.is(statusText(device), '80h at 12');
});

control('a PAGE LENGTH that is not that of the CDB is wrong in the CDB, and drops the download', () => {
  for (const change of [-4, 4]) {
    const device = shelf('ses-shelf');
    sendPart(device, 0, 4096);
    const page = controlPage(device, { bufferOffsetBytes: 4096, data: half }).dataOut!.slice();
    page[3]! += change;
    assert.is(sendBytes(device, page), '5/24/00 byte 3');
    assert.is(statusText(device), '80h at 2');
    assert.is(readStatus(device).expectedOffsetBytes, 0);
  }
});

control('a page 0Eh without all of its header is 80h with the place of PAGE LENGTH', () => {
  const device = shelf('ses-shelf');
  assert.is(sendBytes(device, Uint8Array.of(0x0e, 0, 0, 4, 0, 0, 0, 1)), 'good');
  assert.is(statusText(device), '80h at 2');
});

control('lengths that were cut to 16 bits on the way are refused', () => {
  const device = shelf('ses-shelf');
  const page = new Uint8Array(24 + 100_000);
  page.set(controlPage(device, { imageLengthBytes: MIB, data: half }).dataOut!.subarray(0, 24));
  page.set([0x86, 0xb4], 2);
  page.set([0, 1, 0x86, 0xa0], 20);
  assert.is(sendBytes(device, page, 0x86b8), 'good');
  assert.is(statusText(device), '80h at 20');
});

control('an image of the maximum size is taken, and its first page asks for more', () => {
  const device = shelf('ses-shelf');
  assert.is(send(device, { imageLengthBytes: 16 * MIB, data: half }), 'good');
  assert.equal(readStatus(device), {
    subenclosureId: 0,
    status: 0x01,
    additionalStatus: 0,
    maximumImageBytes: 16 * MIB,
    expectedBufferId: 0,
    expectedOffsetBytes: 4096,
  });
});

control('a page without data changes nothing but begins the download', () => {
  const device = shelf('ses-shelf');
  assert.is(send(device), 'good');
  assert.is(statusText(device), '01h');
  assert.is(readStatus(device).expectedOffsetBytes, 0);
  assert.equal(sendAll(device), ['good', 'good', 'good']);
});

control('the CDB of SEND DIAGNOSTIC is checked before the page', () => {
  const device = shelf('ses-shelf');
  const page = controlPage(device, { data: half }).dataOut!;
  const answer = (cdb: readonly number[], data?: Uint8Array): string =>
    said(device.execute(raw(cdb, 0, data), NEXUS));
  assert.is(answer([0x1d, 0x30, 0, 0, 0, 0]), '5/24/00 byte 1', 'a background self-test');
  assert.is(answer([0x1d, 0x04, 0, 0, 0, 0]), 'good', 'the default self-test');
  assert.is(answer([0x1d, 0x14, 0, 0, 24, 0], page), '5/24/00 byte 3', 'a self-test with a page');
  assert.is(answer([0x1d, 0x10, 0, 0, 0, 0]), 'good', 'nothing is not an error');
  assert.is(answer([0x1d, 0x00, 0, 0x10, 0x18, 0], page), '5/24/00 byte 1', 'PF 0');
  assert.is(answer([0x1d, 0x10, 0, 0x10, 0x1c, 0], page), 'B/4B/00', 'less than announced');
  assert.is(answer([0x1d, 0x10, 0, 0, 3, 0], page), '5/1A/00', 'no page header');
  assert.is(answer([0x1d, 0x10, 0, 0, 8, 0], Uint8Array.of(0x02, 0, 0, 4, 0, 0, 0, 1)), '5/26/00 byte 0');
  assert.is(statusText(device), '00h');
});

control('data behind the page is not taken, and is residual', () => {
  const device = shelf('ses-shelf');
  const page = controlPage(device, { data: half }).dataOut!;
  const more = new Uint8Array(page.length + 100);
  more.set(page);
  const { residualBytes } = device.execute(raw([0x1d, 0x10, 0, 0x10, 0x18, 0], 0, more), NEXUS);
  assert.is(residualBytes, 100);
  assert.is(readStatus(device).expectedOffsetBytes, 4096);
});

control('WRITE BUFFER and READ BUFFER are not known to it', () => {
  const device = shelf('ses-shelf');
  assert.is(ask(device, [0x3b, 0x0e, 0, 0, 0, 0, 0, 0, 0, 0], 0), '5/20/00');
  assert.is(ask(device, [0x3c, 0x03, 0, 0, 0, 0, 0, 0, 4, 0], 4), '5/20/00');
});

control.run();
