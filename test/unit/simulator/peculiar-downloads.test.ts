import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { IMAGE, NEXUS, OTHER_NEXUS, chunk, deviceOf, download, said } from './device-under-test.ts';

const peculiar = suite('simulator: devices with their own way of downloading');

const { bytes } = IMAGE;
const THIRDS = [
  [0, 4096],
  [4096, 8192],
  [8192, 10_000],
] as const;

peculiar('an old disk wants mode 07h on the last chunk of a mode 06h download', () => {
  const device = deviceOf('disk-last-mode');
  const answers = THIRDS.map(([from, to]) =>
    said(device.execute(chunk(to === 10_000 ? 7 : 6, from, bytes.subarray(from, to)), NEXUS)),
  );
  assert.equal(answers, ['good', 'good', 'good']);
  assert.equal([device.shownRevision, device.microcode.flash.get(0)], ['NEW', IMAGE]);
});

peculiar('it refuses the last chunk in mode 06h, and mode 07h too early', () => {
  const device = deviceOf('disk-last-mode');
  assert.equal(download(device, 0x06), ['good', 'good', '5/26/00']);
  device.execute(chunk(6, 0, bytes.subarray(0, 4096)), NEXUS);
  assert.is(said(device.execute(chunk(7, 4096, bytes.subarray(4096, 8192)), NEXUS)), '5/26/00');
  assert.is(device.shownRevision, 'OLD');
});

peculiar('it takes a download in mode 07h alone', () => {
  assert.equal(download(deviceOf('disk-last-mode'), 0x07), ['good', 'good', 'good']);
});

peculiar('another disk counts the buffer id up with each chunk', () => {
  const device = deviceOf('disk-buffer-id-step');
  const answers = THIRDS.map(([from, to], id) =>
    said(device.execute(chunk(7, from, bytes.subarray(from, to), id), NEXUS)),
  );
  assert.equal(answers, ['good', 'good', 'good']);
  assert.equal([device.shownRevision, device.microcode.flash.get(0)], ['NEW', IMAGE]);
  assert.equal(
    download(device, 0x07),
    ['good', '5/24/00 byte 3', '5/24/00 byte 3'],
    'one id for all chunks is wrong there',
  );
});

const mode4 = (device: ReturnType<typeof deviceOf>, nexus = NEXUS): string[] =>
  THIRDS.map(([from, to]) => said(device.execute(chunk(4, from, bytes.subarray(from, to)), nexus)));
const emptyMode5 = chunk(5, 0, new Uint8Array(0));

peculiar('a tape drive takes mode 04h in chunks and starts it at an empty mode 05h', () => {
  const device = deviceOf('tape');
  assert.equal(mode4(device), ['good', 'good', 'good']);
  assert.is(device.shownRevision, 'OLD');
  assert.is(said(device.execute(emptyMode5, NEXUS)), 'good');
  assert.equal([device.shownRevision, device.microcode.flash.get(0)], ['NEW', IMAGE]);
});

peculiar('a tape drive refuses the empty mode 05h without a complete image', () => {
  for (const chunks of [0, 1, 2]) {
    const device = deviceOf('tape');
    for (const [from, to] of THIRDS.slice(0, chunks))
      device.execute(chunk(4, from, bytes.subarray(from, to)), NEXUS);
    assert.is(said(device.execute(emptyMode5, NEXUS)), '5/2C/00');
  }
});

peculiar('a tape drive forgets the image when the sequence is broken', () => {
  const reset = deviceOf('tape');
  mode4(reset);
  reset.powerCycle();
  reset.unitAttentions.take(NEXUS);
  reset.readyAtMs = 0;
  assert.is(said(reset.execute(emptyMode5, NEXUS)), '5/2C/00');

  const elsewhere = deviceOf('tape');
  mode4(elsewhere);
  assert.is(said(elsewhere.execute(emptyMode5, OTHER_NEXUS)), '5/2C/00');

  const more = deviceOf('tape');
  mode4(more);
  assert.is(said(more.execute(chunk(4, 10_000, new Uint8Array(4)), NEXUS)), '5/26/00');
  assert.is(said(more.execute(chunk(4, 4096, bytes.subarray(0, 4)), NEXUS)), '5/24/00 byte 3');
  assert.is(more.shownRevision, 'OLD');
});

peculiar('a tape drive refuses wrong fields like every other device', () => {
  const device = deviceOf('tape');
  assert.is(said(device.execute(chunk(4, 0, bytes, 3), NEXUS)), '5/24/00 byte 2');
  assert.is(said(device.execute(chunk(7, 0, bytes), NEXUS)), '5/24/00 byte 1');
  assert.is(said(device.execute(chunk(4, 0, new Uint8Array(4096)), NEXUS)), '5/26/00');
});

peculiar.run();
