import * as assert from 'uvu/assert';
import { toHex } from '../../../src/base/bytes.ts';
import { VirtualClock } from '../../../src/base/clock.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import { labImages, standardImage } from '../../../src/simulator/lab-images.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, NEXUS, OTHER_NEXUS, ask, raw, said, tur } from './device-under-test.ts';
import {
  SHELVES,
  controlPage,
  readStatus,
  readStatusPage,
  send,
  sendAll,
  sendBytes,
  sendPart,
  shelf,
  statusText,
} from './ses-device.ts';

const peculiar = suite('simulator: peculiar enclosures');

const THREE_GOOD = ['good', 'good', 'good'];

function revisions(device: SimulatedDevice): Record<number, string> {
  const command = receiveDiagnosticResults(configuration);
  const { enclosures } = command.decode(device.execute(command, NEXUS).dataIn);
  return Object.fromEntries(enclosures.map(({ subenclosureId, revision }) => [subenclosureId, revision]));
}

function inquiryRevision(device: SimulatedDevice): string {
  const command = standardInquiry();
  return command.decode(device.execute(command, NEXUS).dataIn).revision;
}

peculiar(
  'ses-shelf-non refuses the page after a reading, and takes the image when nothing is read',
  async () => {
    const clock = new VirtualClock();
    const device = shelf('ses-shelf-non', { clock });
    assert.is(statusText(device), '00h');
    assert.is(sendPart(device, 0, 4096), 'good');
    assert.is(statusText(device), '01h');
    assert.is(statusText(device), '00h');
    assert.is(sendPart(device, 4096, 8192), '5/26/00');
    assert.is(statusText(device), '80h');
    assert.equal(sendAll(device), THREE_GOOD);
    assert.is(statusText(device), '02h');
    await clock.sleep(2000);
    assert.is(statusText(device), '10h');
    assert.is(inquiryRevision(device), 'NEW');
  },
);

peculiar('ses-shelf-non does not mind other pages, nor other commands', () => {
  const device = shelf('ses-shelf-non');
  sendPart(device, 0, 4096);
  revisions(device);
  tur(device);
  assert.is(sendPart(device, 4096, 8192), 'good');
});

peculiar('ses-shelf-ealsd runs the new code before the last status was read', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-ealsd', { clock });
  sendPart(device, 0, 4096);
  assert.is(statusText(device), '01h');
  sendPart(device, 4096, 8192);
  assert.is(sendPart(device, 8192, IMAGE.bytes.length), 'good');
  assert.is(inquiryRevision(device), 'NEW');
  assert.is(readStatusPage(device), '6/29/04');
  assert.is(readStatusPage(device), '2/04/01');
  await clock.sleep(3000);
  assert.is(statusText(device), '00h');
  assert.is(readStatusPage(device, OTHER_NEXUS), '6/29/04');
  assert.is(readStatusPage(device, OTHER_NEXUS), '6/3F/01');
  assert.is(revisions(device)[0], 'NEW');
});

peculiar('ses-shelf-chunk-lockup takes 4096 bytes in a page', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-chunk-lockup', { clock });
  assert.equal(sendAll(device), THREE_GOOD);
  await clock.sleep(2000);
  assert.is(statusText(device), '10h');
});

peculiar('ses-shelf-chunk-lockup answers nothing after 4100 bytes, until its power is cycled', () => {
  const device = shelf('ses-shelf-chunk-lockup');
  assert.is(sendPart(device, 0, 4100), 'host 3');
  assert.is(tur(device), 'host 3');
  assert.is(said(device.execute(standardInquiry(), NEXUS)), 'host 3');
  assert.is(tur(device, OTHER_NEXUS), 'host 3');
  device.hardReset();
  assert.is(tur(device), 'host 3');
  device.powerCycle();
  assert.is(tur(device), '6/29/00');
  assert.is(inquiryRevision(device), 'OLD');
});

peculiar('a device that hangs takes the time-out of the command, or that of the adapter', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-chunk-lockup', { clock });
  const transport = openSimulated({ device, nexus: NEXUS, node: '/dev/sg0' });
  const locking = controlPage(device, { data: IMAGE.bytes.subarray(0, 8192) });
  const { hostStatus, durationMs } = await transport.execute(locking);
  assert.equal([hostStatus, durationMs], [3, 10_000]);
  const hasty = await transport.execute({ ...standardInquiry(), timeoutMs: 500 });
  assert.equal([hasty.hostStatus, hasty.durationMs], [3, 500]);
});

peculiar('ses-shelf-triple downloads to one subenclosure, and to the buffer that was named', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-triple', { clock });
  assert.equal(revisions(device), { 0: 'OLD', 1: '0200', 2: '0030' });
  assert.equal(sendAll(device, { subenclosureId: 2, bufferId: 1 }), THREE_GOOD);
  await clock.sleep(2000);
  assert.is(toHex(device.execute(raw([0x1c, 1, 0x0e, 0x20, 0, 0], 8192), NEXUS).dataIn).slice(0, 4), '0e02');
  assert.equal(revisions(device), { 0: 'OLD', 1: '0200', 2: 'NEW' });
  assert.is(inquiryRevision(device), 'OLD');
  assert.is(tur(device), 'good', 'the logical unit was not reset');
  assert.is(tur(device, OTHER_NEXUS), '6/3F/01');
  assert.is(device.enclosure!.withId(2)!.microcode.flash.get(1), IMAGE);
  assert.is(device.microcode.flash.size, 0);
});

peculiar('ses-shelf-triple keeps the statuses of its subenclosures apart', () => {
  const device = shelf('ses-shelf-triple');
  sendPart(device, 0, 4096);
  send(device, { subenclosureId: 1, mode: 0xff });
  sendPart(device, 0, 8192, { subenclosureId: 2 });
  assert.is(readStatus(device, 2).expectedOffsetBytes, 8192);
  assert.is(readStatus(device, 0).expectedOffsetBytes, 4096);
  assert.is(statusText(device, 1), '00h', 'the first reading showed 80h');
  send(device, { subenclosureId: 1, bufferId: 2 });
  assert.is(statusText(device, 1), '80h at 11');
  send(device, { subenclosureId: 3 });
  assert.is(statusText(device, 0), '80h at 1', 'nobody else could say it');
  assert.is(readStatus(device, 2).expectedOffsetBytes, 8192);
});

for (const [code, text] of [
  ['80', '80h at 16'],
  ['81', '81h'],
  ['82', '82h'],
  ['83', '83h'],
  ['84', '84h'],
  ['85', '85h'],
] as const) {
  peculiar(`ses-shelf-status-${code} ends each download with ${code}h`, () => {
    const device = shelf(`ses-shelf-status-${code}`);
    const times = code === '83' ? 1 : 2;
    for (let i = 0; i < times; i++) {
      assert.equal(sendAll(device), THREE_GOOD);
      assert.is(statusText(device), text);
      assert.is(statusText(device), '00h');
    }
    if (code !== '83') device.powerCycle();
    assert.is(inquiryRevision(device), 'OLD');
  });
}

peculiar('after 83h a reset leaves a device that answers nothing any more', () => {
  for (const happen of ['hardReset', 'powerCycle'] as const) {
    const device = shelf('ses-shelf-status-83');
    sendAll(device);
    device[happen]();
    assert.is(tur(device), 'host 3');
    device.powerCycle();
    assert.is(tur(device), 'host 3');
  }
});

peculiar('after 83h a good image makes everything well again', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-status-83', { clock });
  sendAll(device);
  assert.is(statusText(device), '83h');
  assert.equal(sendAll(device), THREE_GOOD);
  await clock.sleep(2000);
  assert.is(statusText(device), '10h');
  device.powerCycle();
  assert.is(inquiryRevision(device), 'NEW');
});

peculiar('ses-simple says page 08h to everything and takes no page', () => {
  const device = shelf('ses-simple');
  for (const page of [0x00, 0x01, 0x02, 0x0e, 0x77]) {
    assert.is(ask(device, [0x1c, 1, page, 0x20, 0, 0], 8192), '08000000');
  }
  assert.is(ask(device, [0x1c, 0, 0, 0x20, 0, 0], 8192), '08000000');
  assert.is(sendBytes(device, controlPage(device, { data: IMAGE.bytes }).dataOut!), '5/26/00 byte 0');
});

peculiar('a lab file may name every enclosure, and each has an address of its own', async () => {
  const lab = {
    lab: 'v1' as const,
    images: [{ name: 'fw.bin', bytes: '64KiB', rule: 'standard' as const, revision: '0200' }],
    devices: SHELVES.map((persona) => ({ persona, revision: '0100' })),
  };
  const images = await labImages(lab, '/');
  assert.equal(images.get('fw.bin'), standardImage(0x10000));
  const host = createLabHost(lab, { images, clock: new VirtualClock() });
  assert.is(new Set((await host.discover()).map(({ wwid }) => wwid)).size, SHELVES.length);
  for (const device of host.devices) {
    assert.is(device.persona.deviceType, 0x0d);
    device.unitAttentions.take('6:0:0:0');
    assert.is(said(device.execute(standardInquiry(), NEXUS)), 'good');
  }
});

peculiar.run();
