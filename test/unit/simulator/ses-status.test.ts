import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { requestSense } from '../../../src/scsi/request-sense.ts';
import { senseCode } from '../../../src/scsi/sense.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, NEXUS, OTHER_NEXUS, raw, tur } from './device-under-test.ts';
import {
  controlPage,
  readStatus,
  readStatusPage,
  send,
  sendAll,
  sendPart,
  shelf,
  statusText,
} from './ses-device.ts';

const status = suite('simulator: what page 0Eh says, and when');

const FIRST_BYTES = 4096;

async function after(clock: VirtualClock, ms: number, device: SimulatedDevice): Promise<string> {
  await clock.sleep(ms);
  return statusText(device);
}

function inquiryRevision(device: SimulatedDevice): string {
  const command = standardInquiry();
  return command.decode(device.execute(command, NEXUS).dataIn).revision;
}

function page01Revision(device: SimulatedDevice): string {
  const command = receiveDiagnosticResults(configuration);
  return command.decode(device.execute(command, NEXUS).dataIn).enclosures[0]!.revision;
}

function sense(device: SimulatedDevice): string {
  const command = requestSense();
  return senseCode(command.decode(device.execute(command, NEXUS).dataIn));
}

status('00h before, 01h with the expected offset between the pages', () => {
  const device = shelf('ses-shelf');
  assert.is(statusText(device), '00h');
  for (const to of [4096, 8192]) {
    sendPart(device, to - 4096, to);
    assert.is(statusText(device), '01h');
    assert.is(readStatus(device).expectedOffsetBytes, to);
  }
});

status('02h while the flash is written, then 12h once, then 00h; the code runs after power on', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  sendAll(device);
  assert.is(statusText(device), '02h');
  assert.is(await after(clock, 1999, device), '02h');
  assert.is(await after(clock, 1, device), '12h');
  assert.is(statusText(device), '00h');
  device.hardReset();
  assert.is(tur(device), '6/29/02');
  await clock.sleep(3000);
  assert.is(inquiryRevision(device), 'OLD');
  device.powerCycle();
  assert.is(tur(device), '6/29/00');
  await clock.sleep(3000);
  assert.is(tur(device), '6/3F/01');
  assert.is(inquiryRevision(device), 'NEW');
  assert.is(page01Revision(device), 'NEW');
});

status('a page that comes while the flash is written is not taken, and does no harm', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  sendAll(device);
  assert.is(sendPart(device, 0, FIRST_BYTES), '2/04/07');
  assert.is(send(device, { mode: 0xff }), '2/04/07');
  assert.is(await after(clock, 2000, device), '12h');
});

status('03h while deferred code is written, then 13h; 0/00/22 as long as it waits', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-deferred', { clock });
  sendAll(device, { mode: 0x0e });
  assert.is(statusText(device), '03h');
  assert.is(sense(device), '0/00/00');
  await clock.sleep(2000);
  assert.is(sense(device), '0/00/22');
  assert.is(statusText(device), '13h');
  assert.is(statusText(device), '00h');
  assert.is(inquiryRevision(device), 'OLD');
  assert.is(send(device, { mode: 0x0f }), 'good');
  assert.is(inquiryRevision(device), 'NEW');
  assert.is(tur(device), '6/29/04');
  assert.is(sense(device), '2/04/01');
  await clock.sleep(3000);
  assert.is(statusText(device), '00h');
  assert.is(tur(device, OTHER_NEXUS), '6/29/04');
  assert.is(tur(device, OTHER_NEXUS), '6/3F/01');
});

for (const [event, happen] of [
  ['a hard reset', (device: SimulatedDevice) => device.hardReset()],
  ['power on', (device: SimulatedDevice) => device.powerCycle()],
] as const) {
  status(`deferred code also runs after ${event}`, async () => {
    const clock = new VirtualClock();
    const device = shelf('ses-shelf-deferred', { clock });
    sendAll(device, { mode: 0x0e });
    await clock.sleep(2000);
    happen(device);
    assert.is(inquiryRevision(device), 'NEW');
  });
}

status('10h, and the device restarts after it was read', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-immediate', { clock });
  sendAll(device);
  await clock.sleep(5000);
  assert.is(inquiryRevision(device), 'OLD');
  assert.is(tur(device), 'good');
  assert.is(statusText(device), '10h');
  assert.is(readStatusPage(device), '6/29/04');
  assert.is(readStatusPage(device), '2/04/01');
  assert.is(inquiryRevision(device), 'NEW');
  await clock.sleep(3000);
  assert.is(statusText(device), '00h');
});

status('10h that nobody reads: the code runs after the next reset', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-immediate', { clock });
  sendAll(device);
  await clock.sleep(2000);
  device.hardReset();
  assert.is(inquiryRevision(device), 'NEW');
  assert.is(device.microcode.flash.get(0), IMAGE);
});

status('mode 06h starts the code and does not save it', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-immediate', { clock });
  sendAll(device, { mode: 0x06 });
  assert.is(await after(clock, 2000, device), '10h');
  assert.is(inquiryRevision(device), 'NEW');
  device.powerCycle();
  assert.is(inquiryRevision(device), 'OLD');
});

status('11h: the code runs after a hard reset', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-hard-reset', { clock });
  sendAll(device);
  assert.is(await after(clock, 2000, device), '11h');
  device.hardReset();
  assert.is(inquiryRevision(device), 'NEW');
});

status('activation on an enclosure that wants power on: accepted, 12h, and nothing to be seen', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock, ses: { modes: [0x0e, 0x0f] } });
  sendAll(device, { mode: 0x0e });
  assert.is(await after(clock, 2000, device), '13h');
  assert.is(send(device, { mode: 0x0f }), 'good');
  assert.is(statusText(device), '12h');
  assert.is(inquiryRevision(device), 'OLD');
  device.powerCycle();
  assert.is(inquiryRevision(device), 'NEW');
});

status('81h: no listed image; found with the last page, and what ran before still runs', () => {
  const device = shelf('ses-shelf');
  const other = IMAGE.bytes.slice();
  other[5000]! ^= 1;
  assert.equal(sendAll(device, {}, other), ['good', 'good', 'good']);
  assert.is(statusText(device), '81h');
  assert.is(statusText(device), '00h');
  device.powerCycle();
  assert.is(inquiryRevision(device), 'OLD');
});

status('81h is also 5/26/00 on an enclosure that says so', () => {
  const device = shelf('ses-shelf-deferred');
  const other = IMAGE.bytes.subarray(0, 8192);
  assert.equal(sendAll(device, { mode: 0x0e }, other), ['good', '5/26/00 byte 24']);
  assert.is(statusText(device), '81h');
});

status('82h: too long between two pages; the page that comes late does not hide it', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  sendPart(device, 0, FIRST_BYTES);
  await clock.sleep(120_000);
  assert.is(statusText(device), '01h');
  sendPart(device, FIRST_BYTES, 8192);
  await clock.sleep(120_001);
  sendPart(device, 8192, IMAGE.bytes.length);
  assert.is(statusText(device), '82h');
  assert.is(statusText(device), '00h');
  assert.equal(sendAll(device), ['good', 'good', 'good']);
});

status('85h: activation without deferred code', () => {
  const device = shelf('ses-shelf-deferred');
  assert.is(send(device, { mode: 0x0f }), '5/26/00 byte 8');
  assert.is(statusText(device), '85h');
  assert.is(statusText(device), '00h');
});

status(
  'a deferred image is gone when the next download into its buffer begins, not when one is refused',
  async () => {
    const clock = new VirtualClock();
    const device = shelf('ses-shelf-deferred', { clock });
    sendAll(device, { mode: 0x0e });
    await clock.sleep(2000);
    send(device, { mode: 0xff });
    assert.is(sense(device), '0/00/22');
    sendPart(device, 0, FIRST_BYTES, { mode: 0x0e });
    assert.is(sense(device), '0/00/00');
  },
);

for (const [event, happen] of [
  ['hard reset', (device: SimulatedDevice) => device.hardReset()],
  ['power cycle', (device: SimulatedDevice) => device.powerCycle()],
] as const) {
  status(`a ${event} drops a download, and one whose flash is being written`, async () => {
    for (const part of [FIRST_BYTES, IMAGE.bytes.length]) {
      const clock = new VirtualClock();
      const device = shelf('ses-shelf', { clock });
      if (part === FIRST_BYTES) sendPart(device, 0, part);
      else sendAll(device);
      happen(device);
      tur(device);
      await clock.sleep(3000);
      assert.is(statusText(device), '00h');
      device.powerCycle();
      assert.is(inquiryRevision(device), 'OLD');
    }
  });
}

status('a final status survives a reading that is too short to show it', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  sendAll(device);
  await clock.sleep(2000);
  for (const bytes of [0, 4, 23]) device.execute(raw([0x1c, 1, 0x0e, 0, bytes, 0], 8192), NEXUS);
  assert.is(statusText(device), '12h');
});

status('somebody else who reads the page takes the final status away', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  sendAll(device);
  await clock.sleep(2000);
  readStatusPage(device, OTHER_NEXUS);
  assert.is(statusText(device), '00h');
});

status('the generation code moves when page 01h changes, and an old one is refused', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-immediate', { clock });
  const old = controlPage(device, { data: IMAGE.bytes.subarray(0, 4096) });
  sendAll(device);
  assert.is(await after(clock, 2000, device), '10h');
  tur(device);
  await clock.sleep(3000);
  assert.is(readStatusPage(device).slice(8, 16), '00000002');
  device.execute(old, NEXUS);
  assert.is(statusText(device), '80h at 4');
});

for (const [name, offsets] of [
  ['ses-shelf', [0, 4096, 8192, 0]],
  ['ses-shelf-untracked', [0, 0, 0, 0]],
  ['ses-shelf-any-offset', [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]],
] as const) {
  status(
    `${name} reports the expected offsets ${offsets.map((offset) => offset.toString(16)).join(' ')}`,
    () => {
      const device = shelf(name);
      const seen = [readStatus(device).expectedOffsetBytes];
      for (const from of [0, 4096, 8192]) {
        sendPart(device, from, Math.min(from + 4096, IMAGE.bytes.length));
        seen.push(readStatus(device).expectedOffsetBytes);
      }
      assert.equal(seen, [...offsets]);
      assert.is(statusText(device), '02h');
    },
  );
}

status.run();
