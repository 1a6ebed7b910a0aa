import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { LabError } from '../../../src/simulator/lab-images.ts';
import { parseLabState, serialiseLabState } from '../../../src/simulator/lab-state-file.ts';
import { fingerprint, labState, restoreDevices } from '../../../src/simulator/lab-state.ts';
import { laterEnclosure } from '../../../src/simulator/ses-state.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, tur } from './device-under-test.ts';
import { readStatusPage, sendAll, sendPart, shelf, statusText } from './ses-device.ts';
import type { ShelfName } from './ses-device.ts';

const states = suite('simulator: what a lab keeps of an enclosure between two commands');

/** As the next command sees it, `agoMs` later. */
function nextCommand(
  name: ShelfName,
  device: SimulatedDevice,
  { agoMs = 0, clock = new VirtualClock() } = {},
): SimulatedDevice {
  const next = shelf(name, { clock });
  const saved = parseLabState('lab.state', serialiseLabState(labState([device])));
  const devices = saved.devices.map((state) => ({
    ...state,
    enclosure: state.enclosure && laterEnclosure(state.enclosure, agoMs),
  }));
  restoreDevices([next], { ...saved, devices });
  return next;
}

states('a download in progress: the next page in order goes on with it', () => {
  const device = shelf('ses-shelf');
  sendPart(device, 0, 4096);
  const next = nextCommand('ses-shelf', device);
  assert.is(readStatusPage(next), readStatusPage(device));
  sendPart(next, 4096, 8192);
  assert.is(sendPart(next, 8192, IMAGE.bytes.length), 'good');
  assert.is(statusText(next), '02h');
});

states('time goes on while no command runs: flash is written, downloads are dropped', () => {
  const writing = shelf('ses-shelf');
  sendAll(writing);
  assert.is(statusText(nextCommand('ses-shelf', writing, { agoMs: 1999 })), '02h');
  assert.is(statusText(nextCommand('ses-shelf', writing, { agoMs: 2000 })), '12h');
  const begun = shelf('ses-shelf');
  sendPart(begun, 0, 4096);
  assert.is(statusText(nextCommand('ses-shelf', begun, { agoMs: 120_001 })), '82h');
});

states('a final status that nobody read, and one that somebody did', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-immediate', { clock });
  sendAll(device);
  await clock.sleep(2000);
  tur(device);
  const next = nextCommand('ses-shelf-immediate', device);
  assert.is(statusText(next), '10h');
  assert.is(next.shownRevision, 'NEW');
  const later = nextCommand('ses-shelf-immediate', next);
  assert.is(tur(later), '6/29/04');
});

states('each subenclosure and the generation code', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf-triple', { clock });
  sendAll(device, { subenclosureId: 1 });
  await clock.sleep(2000);
  assert.is(statusText(device, 1), '10h');
  tur(device);
  const next = nextCommand('ses-shelf-triple', device);
  assert.is(next.enclosure!.withId(1)!.microcode.running.revision, 'NEW');
  assert.is(next.enclosure!.withId(1)!.microcode.flash.get(0), IMAGE);
  assert.is(readStatusPage(next).slice(0, 16), '0e02003400000002');
});

states('an image that waits for power on', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  sendAll(device);
  await clock.sleep(2000);
  assert.is(statusText(device), '12h');
  const next = nextCommand('ses-shelf', device);
  next.powerCycle();
  assert.is(next.shownRevision, 'NEW');
});

states('a device that hangs, and one that must not be reset', () => {
  const locked = shelf('ses-shelf-chunk-lockup');
  sendPart(locked, 0, 8192);
  const next = nextCommand('ses-shelf-chunk-lockup', locked);
  assert.is(tur(next), 'host 3');
  next.powerCycle();
  assert.is(tur(next), '6/29/00');
  const frozen = shelf('ses-shelf-status-83');
  sendAll(frozen);
  const after = nextCommand('ses-shelf-status-83', frozen);
  assert.is(statusText(after), '83h');
  after.hardReset();
  assert.is(tur(after), 'host 3');
});

states('the fingerprint moves with what happens, and not with time', async () => {
  const clock = new VirtualClock();
  const device = shelf('ses-shelf', { clock });
  readStatusPage(device);
  const seen = [fingerprint(device)];
  sendPart(device, 0, 4096);
  seen.push(fingerprint(device));
  await clock.sleep(1000);
  readStatusPage(device);
  assert.is(fingerprint(device), seen[1]);
  sendPart(device, 4096, 8192);
  sendPart(device, 8192, IMAGE.bytes.length);
  seen.push(fingerprint(device));
  await clock.sleep(1000);
  assert.is(fingerprint(device), seen[2]);
  await clock.sleep(1000);
  tur(device);
  seen.push(fingerprint(device));
  assert.is(new Set(seen).size, 4);
});

states('a damaged state is refused with its place', () => {
  const device = shelf('ses-shelf');
  sendPart(device, 0, 4096);
  const text = serialiseLabState(labState([device]));
  const place = '/devices/0/enclosure';
  for (const [from, to] of [
    ['"silent": null', '"silent": "for-ever"'],
    ['"status": 1,', '"status": 256,'],
    ['"lengthBytes": 10000', '"lengthBytes": -1'],
  ] as const) {
    try {
      parseLabState('lab.state', text.replace(from, to));
      assert.unreachable(place);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      assert.is(error.code, 'bad-lab-state');
      assert.ok(error.message.includes(`is damaged at ${place}`), error.message);
    }
  }
});

states.run();
