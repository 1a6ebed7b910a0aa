import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { suite } from '../../support/suite.ts';
import {
  NEXUS,
  OTHER_NEXUS,
  activateMc,
  ask,
  chunk,
  deviceOf,
  download,
  freshDeviceOf,
  raw,
  said,
  tur,
} from './device-under-test.ts';

const readiness = suite('simulator: unit attentions and readiness');

const REQUEST_SENSE = [0x03, 0, 0, 0, 252, 0];
const REQUEST_SENSE_DESCRIPTOR = [0x03, 1, 0, 0, 252, 0];
const REPORT_LUNS = [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0];

readiness('tells each nexus once that it was powered on', () => {
  const device = freshDeviceOf('hp-sas-expander');
  assert.equal([tur(device), tur(device)], ['6/29/00', 'good']);
  assert.equal([tur(device, OTHER_NEXUS), tur(device, OTHER_NEXUS)], ['6/29/00', 'good']);
});

readiness('reports the attention byte for byte as fixed sense with driver status 8', () => {
  const outcome = freshDeviceOf('hp-sas-expander').execute(raw([0, 0, 0, 0, 0, 0]), NEXUS);
  assert.is(Buffer.from(outcome.sense).toString('hex'), '700006000000000a00000000290000000000');
  assert.equal([outcome.status, outcome.driverStatus, outcome.hostStatus], [2, 8, 0]);
});

readiness('speaks descriptor format where the persona does', () => {
  const outcome = freshDeviceOf('disk').execute(raw([0, 0, 0, 0, 0, 0]), NEXUS);
  assert.is(Buffer.from(outcome.sense).toString('hex'), '7206290000000000');
});

readiness('does not do the command that reports an attention', () => {
  const device = freshDeviceOf('hp-sas-expander');
  assert.is(said(device.execute(chunk(7, 0, new Uint8Array(16)), NEXUS)), '6/29/00');
  assert.is(device.microcode.incoming, null);
  assert.is(device.log[0]?.executed, false);
});

readiness('answers REPORT LUNS and REQUEST SENSE despite an attention, which stays', () => {
  const device = freshDeviceOf('hp-sas-expander');
  assert.is(ask(device, REPORT_LUNS, 32), '00000008000000000000000000000000');
  assert.is(ask(device, REQUEST_SENSE, 252), '700000000000000a00000000000000000000');
  assert.is(tur(device), '6/29/00');
});

readiness('lists no well known unit, and refuses other reports and too little room', () => {
  const device = deviceOf('hp-sas-expander');
  assert.is(ask(device, [0xa0, 0, 1, 0, 0, 0, 0, 0, 0, 32, 0, 0], 32), '0000000000000000');
  assert.is(ask(device, [0xa0, 0, 0x10, 0, 0, 0, 0, 0, 0, 32, 0, 0], 32), '5/24/00 byte 2');
  assert.is(ask(device, [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0], 8), '5/24/00 byte 6');
});

readiness('says 0/00/22 as long as deferred microcode waits', () => {
  const device = deviceOf('disk');
  download(device, 0x0e);
  assert.is(ask(device, REQUEST_SENSE_DESCRIPTOR, 252), '7200002200000000');
  assert.is(ask(device, REQUEST_SENSE, 252), '700000000000000a00000000002200000000');
  device.execute(activateMc, NEXUS);
  assert.is(ask(device, REQUEST_SENSE, 252), '700000000000000a00000000000000000000');
});

readiness('is not ready for a while after it started new code, and INQUIRY answers meanwhile', async () => {
  const clock = new VirtualClock();
  const device = deviceOf('hp-sas-expander', { clock });
  download(device, 0x0e);
  assert.is(said(device.execute(activateMc, NEXUS)), 'good');
  assert.is(tur(device), '6/29/04', 'the reset by which it started comes first');
  assert.is(tur(device), '2/04/01');
  assert.is(ask(device, REQUEST_SENSE, 252), '700002000000000a00000000040100000000');
  assert.is(said(device.execute(chunk(7, 0, new Uint8Array(16)), NEXUS)), '2/04/01');
  assert.is(ask(device, [0x12, 0, 0, 0, 36, 0], 36).slice(-8), '4e455720', 'NEW');
  await clock.sleep(1999);
  assert.is(tur(device), '2/04/01');
  await clock.sleep(1);
  assert.is(tur(device), 'good');
});

readiness('queues 3F/01 behind the reset for the other nexus', async () => {
  const clock = new VirtualClock();
  const device = deviceOf('hp-sas-expander', { clock });
  download(device, 0x07);
  await clock.sleep(2000);
  assert.equal([tur(device), tur(device)], ['6/29/04', 'good']);
  assert.equal(
    [1, 2, 3].map(() => tur(device, OTHER_NEXUS)),
    ['6/29/04', '6/3F/01', 'good'],
  );
});

readiness('does not queue one attention twice', () => {
  const device = deviceOf('disk');
  download(device, 0x07);
  download(device, 0x07);
  assert.equal([tur(device, OTHER_NEXUS), tur(device, OTHER_NEXUS)], ['6/3F/01', 'good']);
});

readiness('answers 5/20/00 to what it does not know', () => {
  assert.is(ask(deviceOf('hp-sas-expander'), [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], 512), '5/20/00');
});

readiness.run();
