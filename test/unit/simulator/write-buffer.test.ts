import * as assert from 'uvu/assert';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';
import {
  IMAGE,
  NEXUS,
  OTHER_NEXUS,
  activateMc,
  chunk,
  deviceOf,
  download,
  raw,
  said,
  tur,
} from './device-under-test.ts';

const rules = suite('simulator: what WRITE BUFFER takes and refuses');

const { bytes } = IMAGE;
const part = (from: number, to: number): Uint8Array => bytes.subarray(from, to);

rules('takes contiguous chunks from 0, also odd ones', () => {
  const device = deviceOf('hp-sas-expander');
  for (const [from, to] of [
    [0, 1],
    [1, 4098],
    [4098, 9_999],
    [9_999, 10_000],
  ] as const) {
    assert.is(said(device.execute(chunk(0x07, from, part(from, to)), NEXUS)), 'good');
  }
  assert.is(device.shownRevision, 'NEW');
  assert.is(device.microcode.flash.get(0), IMAGE);
});

for (const [title, answer, command] of [
  ['a mode that it does not know: byte 1', '5/24/00 byte 1', chunk(0x06, 0, part(0, 16))],
  ['a mode that has nothing to do with microcode: byte 1', '5/24/00 byte 1', chunk(0x02, 0, part(0, 16))],
  ['MODE SPECIFIC outside mode 0Dh: byte 1', '5/24/00 byte 1', chunk(0x0e, 0, part(0, 16), 0, 1)],
  ['an unknown buffer id: byte 2', '5/24/00 byte 2', chunk(0x0e, 0, part(0, 16), 3)],
  ['a first chunk that is not at 0: byte 3', '5/24/00 byte 3', chunk(0x0e, 4096, part(4096, 8192))],
  ['an offset behind its memory: byte 3', '5/24/00 byte 3', chunk(0x0e, 0x200001, part(0, 16))],
  ['more than fits its memory: byte 6', '5/24/00 byte 6', chunk(0x0e, 0x1fffff, part(0, 2))],
  ['activation when nothing waits', '5/2C/00', activateMc],
  ['less data than announced', 'B/4B/00', raw([0x3b, 0x0e, 0, 0, 0, 0, 0, 0, 32, 0], 0, part(0, 16))],
  ['announced data that never comes', 'B/4B/00', raw([0x3b, 0x0e, 0, 0, 0, 0, 0, 0, 32, 0])],
] as const) {
  rules(`refuses ${title}`, () => {
    const device = deviceOf('hp-sas-expander');
    assert.is(said(device.execute(command, NEXUS)), answer);
    assert.is(device.microcode.incoming, null);
    assert.is(device.log[0]?.executed, false);
  });
}

rules('points at the field with SKSV, C/D and the first bit of the field', () => {
  const sense = (command: ReturnType<typeof raw>): string =>
    Buffer.from(deviceOf('hp-sas-expander').execute(command, NEXUS).sense.subarray(15)).toString('hex');
  assert.is(sense(chunk(0x06, 0, part(0, 16))), 'cc0001', 'bit 4 of byte 1');
  assert.is(sense(chunk(0x0e, 4096, part(0, 16))), 'c00003', 'byte 3, no bit');
});

rules('takes only the announced part and tells the rest as residual', () => {
  const device = deviceOf('hp-sas-expander');
  const outcome = device.execute(raw([0x3b, 0x07, 0, 0, 0, 0, 0, 0, 10, 0], 0, part(0, 16)), NEXUS);
  assert.equal([said(outcome), outcome.residualBytes], ['good', 6]);
  assert.is(device.microcode.incoming?.image.receivedBytes, 10);
});

rules('takes an empty list as legal and does nothing', () => {
  const device = deviceOf('hp-sas-expander');
  device.execute(chunk(0x07, 0, part(0, 4096)), NEXUS);
  assert.is(said(device.execute(chunk(0x07, 4096, part(0, 0)), NEXUS)), 'good');
  assert.is(device.microcode.incoming?.image.receivedBytes, 4096);
});

rules('drops the download on a gap, a repeated chunk, or a chunk from elsewhere', () => {
  for (const [offset, nexus] of [
    [8192, NEXUS],
    [4096, OTHER_NEXUS],
    [1, NEXUS],
  ] as const) {
    const device = deviceOf('hp-sas-expander');
    device.execute(chunk(0x07, 0, part(0, 4096)), NEXUS);
    assert.is(said(device.execute(chunk(0x07, offset, part(offset, offset + 16)), nexus)), '5/24/00 byte 3');
    assert.is(said(device.execute(chunk(0x07, 4096, part(4096, 8192)), NEXUS)), '5/24/00 byte 3');
  }
});

rules('refuses a chunk in another mode than the one before', () => {
  const device = deviceOf('hp-sas-expander');
  device.execute(chunk(0x0e, 0, part(0, 4096)), NEXUS);
  assert.is(said(device.execute(chunk(0x07, 4096, part(4096, 8192)), NEXUS)), '5/24/00 byte 3');
});

rules('begins again at offset 0', () => {
  const device = deviceOf('hp-sas-expander');
  device.execute(chunk(0x07, 0, part(0, 4096)), NEXUS);
  assert.equal(download(device, 0x07, { bpw: 5000 }), ['good', 'good']);
  assert.is(device.shownRevision, 'NEW');
});

rules('drops a partial download by a hard reset and by a power cycle', () => {
  for (const reset of ['hardReset', 'powerCycle'] as const) {
    const device = deviceOf('disk');
    device.execute(chunk(0x07, 0, part(0, 4096)), NEXUS);
    device[reset]();
    tur(device);
    assert.is(said(device.execute(chunk(0x07, 4096, part(4096, 8192)), NEXUS)), '5/24/00 byte 3');
    assert.is(device.shownRevision, 'OLD');
  }
});

rules('obeys the offset boundary, and FFh allows offset 0 only', () => {
  const rulesOf = (offsetBoundaryExponent: number) => ({
    download: { ...deviceOf('disk').persona.download, offsetBoundaryExponent },
  });
  const aligned = deviceOf('disk', { persona: rulesOf(0x0c) });
  assert.equal(download(aligned, 0x07, { bpw: 4096 }), ['good', 'good', 'good']);
  assert.equal(download(aligned, 0x07, { bpw: 6000 }), ['good', '5/24/00 byte 3']);
  const whole = deviceOf('disk', { persona: rulesOf(0xff) });
  assert.equal(download(whole, 0x07, { bpw: 4096 }).slice(0, 2), ['good', '5/24/00 byte 3']);
  assert.equal(download(whole, 0x07, { bpw: 10_000 }), ['good']);
});

rules('says 5/26/00 at once to a header that it does not know', () => {
  const device = deviceOf('hp-sas-expander');
  assert.is(said(device.execute(chunk(0x07, 0, new Uint8Array(4096)), NEXUS)), '5/26/00');
  assert.is(device.microcode.incoming, null);
});

rules('finds a wrong byte in the content on the last chunk', () => {
  const damaged = bytes.slice();
  damaged[5000]! ^= 1;
  const device = deviceOf('hp-sas-expander');
  assert.equal(download(device, 0x0e, { bytes: damaged }), ['good', 'good', '5/26/00']);
  assert.is(said(device.execute(activateMc, NEXUS)), '5/2C/00');
  assert.is(device.shownRevision, 'OLD');
});

rules('waits for the rest of an image that was cut, and has nothing to activate', () => {
  const device = deviceOf('hp-sas-expander');
  assert.equal(download(device, 0x0e, { bytes: part(0, 8192) }), ['good', 'good']);
  assert.is(said(device.execute(activateMc, NEXUS)), '5/2C/00');
});

rules('refuses an image that goes on behind its own end', () => {
  const longer = new Uint8Array(12_288).fill(0xff);
  longer.set(bytes);
  assert.equal(download(deviceOf('hp-sas-expander'), 0x0e, { bytes: longer }), ['good', 'good', '5/26/00']);
  const device = deviceOf('disk');
  assert.equal(download(device, 0x0e, { bytes: longer, bpw: 10_000 }), ['good', '5/24/00 byte 3']);
  assert.is(device.microcode.waiting.get(0)?.image, IMAGE, 'what was complete before still waits');
});

rules('takes modes 04h and 05h as one whole, wherever the offset points', () => {
  const device = deviceOf('disk');
  assert.is(said(device.execute(chunk(0x05, 0, part(0, 9_999)), NEXUS)), '5/26/00');
  assert.is(said(device.execute(chunk(0x05, 4096, bytes), NEXUS)), 'good');
  assert.is(device.shownRevision, 'NEW');
});

rules('keeps a log of what was executed, when, in which order', async () => {
  const device = deviceOf('hp-sas-expander', { latencyMs: 5 });
  device.execute(chunk(0x07, 0, part(0, 4096)), NEXUS);
  await device.clock.sleep(5);
  device.execute(chunk(0x07, 0x3000, part(0, 16)), OTHER_NEXUS);
  assert.equal(
    device.log.map(({ atMs, nexus, name, cdb, dataOutBytes, executed, outcome }) => [
      atMs,
      nexus,
      name,
      Buffer.from(cdb).toString('hex'),
      dataOutBytes,
      executed,
      said(outcome),
    ]),
    [
      [0, NEXUS, 'WRITE BUFFER (dmc_offs_save)', '3b070000000000100000', 4096, true, 'good'],
      [5, OTHER_NEXUS, 'WRITE BUFFER (dmc_offs_save)', '3b070000300000001000', 16, false, '5/24/00 byte 3'],
    ],
  );
  assert.equal({ ...outcomeOf(), durationMs: 5 }, device.log[0]?.outcome);
});

rules.run();
