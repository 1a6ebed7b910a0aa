import * as assert from 'uvu/assert';
import { waitReady } from '../../../src/microcode/wait-ready.ts';
import { senseCode } from '../../../src/scsi/sense.ts';
import { DeviceType } from '../../../src/scsi/device-type.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { inquiryData, scripted } from '../../support/scripted-transport.ts';
import type { Answer } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

const test = suite('microcode/wait-ready');
const many = (answer: string, count = 1000): string[] => Array.from({ length: count }, () => answer);

test('a ready device is ready after one TEST UNIT READY', async () => {
  const { device, transport, clock } = scripted({});
  assert.equal(await waitReady(device, { withinMs: 0 }), {
    ready: true,
    attentions: [],
    problem: null,
    sense: null,
  });
  assert.equal(transport.log, ['TEST UNIT READY']);
  assert.is(clock.nowMs(), 0);
});

test('unit attentions are collected in order, and cost no time', async () => {
  const { device, clock, attentions } = scripted({ testUnitReady: ['6/29/00', '6/3F/01', '6/28/00'] });
  const found = await waitReady(device, { withinMs: 0 });
  assert.is(found.ready, true);
  assert.equal(found.attentions.map(senseCode), ['6/29/00', '6/3F/01', '6/28/00']);
  assert.equal(attentions, ['6/29/00', '6/3F/01', '6/28/00']);
  assert.is(clock.nowMs(), 0);
});

test('attentions without an end give up, at once where no time was given', async () => {
  const { device, transport } = scripted({ testUnitReady: many('6/29/00') });
  assert.is((await waitReady(device, { withinMs: 0 })).ready, false);
  assert.is(transport.log.length, 16);
});

test('attentions without an end give up when the time is over', async () => {
  const { device, clock } = scripted({ testUnitReady: many('6/29/00') });
  assert.is((await waitReady(device, { withinMs: 5000 })).ready, false);
  assert.is(clock.nowMs(), 5000);
});

test('becoming ready is waited for as long as was given, and not longer', async () => {
  const { device, clock } = scripted({ testUnitReady: many('2/04/01') });
  const { ready, problem, sense } = await waitReady(device, { withinMs: 2200 });
  assert.is(ready, false);
  assert.is(clock.nowMs(), 2200);
  assert.match(problem!.message, /TEST UNIT READY: NOT READY.*2\/04\/01/);
  assert.is(sense!.ascq, 1);
});

test('ready in time', async () => {
  const { device, clock } = scripted({ testUnitReady: ['2/04/01', 'host 3', '2/04/01'] });
  const { ready, problem } = await waitReady(device, { withinMs: 60_000 });
  assert.is(ready, true);
  assert.is(clock.nowMs(), 1500);
  assert.match(problem!.message, /2\/04\/01/);
});

test('an answer that waiting does not change ends at once for the impatient', async () => {
  for (const answer of ['3/0C/00', '2/04/03', 'status 24', 'deferred 2/04/01']) {
    const { device, clock } = scripted({ testUnitReady: [answer, answer] });
    assert.is((await waitReady(device, { withinMs: 20_000, patient: false })).ready, false, answer);
    assert.is(clock.nowMs(), 0);
  }
});

test('the impatient wait for what may pass', async () => {
  for (const answer of ['2/04/01', 'status 8', 'host 3', 'errno 6', 'B/00/00', '6/29/00', '0/00/16']) {
    const { device } = scripted({ testUnitReady: [answer, answer] });
    assert.is((await waitReady(device, { withinMs: 20_000, patient: false })).ready, true, answer);
  }
});

test('an operation in progress is not ready', async () => {
  const { device } = scripted({ testUnitReady: ['0/00/16'] });
  assert.is((await waitReady(device, { withinMs: 0 })).ready, false);
});

test('a recovered error is ready', async () => {
  const { device } = scripted({ testUnitReady: ['1/0B/01'] });
  assert.is((await waitReady(device, { withinMs: 0 })).ready, true);
});

test('a device that went away is looked for, however often it is not there', async () => {
  const { device, transport } = scripted({ testUnitReady: ['errno 19', 'host 1', 'errno 6'] });
  assert.is((await waitReady(device, { withinMs: 60_000 })).ready, true);
  assert.is(transport.closed, true);
});

test('no medium is ready for a device of removable media, and for no other', async () => {
  const inquiry = (deviceType: number, removable: boolean): Answer =>
    outcomeOf({ dataIn: inquiryData('2.08', { deviceType, removable }) });
  for (const [name, answer, ready] of [
    ['tape', inquiry(DeviceType.tape, false), true],
    ['changer', inquiry(DeviceType.changer, false), true],
    ['disk with RMB', inquiry(DeviceType.disk, true), true],
    ['disk', inquiry(DeviceType.disk, false), false],
    ['enclosure', inquiry(DeviceType.enclosure, false), false],
    ['no answer', 'errno 5', false],
  ] as const) {
    for (const sense of ['2/3A/00', '2/3A/02']) {
      const { device } = scripted({ testUnitReady: many(sense), inquiry: [answer] });
      assert.is((await waitReady(device, { withinMs: 0 })).ready, ready, `${name} ${sense}`);
    }
  }
});

test('the error of an earlier command is never ready', async () => {
  const inquiry = [outcomeOf({ dataIn: inquiryData('2.08', { deviceType: DeviceType.tape }) })];
  const { device } = scripted({ testUnitReady: many('deferred 2/3A/00'), inquiry });
  assert.is((await waitReady(device, { withinMs: 0 })).ready, false);
});

test('a stopped unit is ready where it was stopped before, and not where it stopped since', async () => {
  for (const before of [true, false]) {
    const { device } = scripted({ testUnitReady: many('2/04/02') });
    device.mayBeStopped = before;
    assert.is((await waitReady(device, { withinMs: 1000 })).ready, before);
  }
});

test('a drive that wants NOTIFY (ENABLE SPINUP) is waited for, by the impatient as well', async () => {
  const { device, clock } = scripted({ testUnitReady: ['2/04/11', '2/04/11'] });
  assert.is((await waitReady(device, { withinMs: 20_000, patient: false })).ready, true);
  assert.is(clock.nowMs(), 1000);
});

test('it says once that it waits', async () => {
  const told: number[] = [];
  const { device } = scripted({ testUnitReady: ['6/29/00', '2/04/01', '2/04/01'] });
  await waitReady(device, { withinMs: 9000, onWaiting: (ms) => told.push(ms) });
  assert.equal(told, [9000]);
});

test.run();
