import * as assert from 'uvu/assert';
import type { DeviceResult } from '../../../../src/run/facts/outcome.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { sesPlayOf } from '../ses-plays.ts';
import { STEP_IMAGES, STEPS } from '../steps.ts';

const test = suite('run/after');

const steps = (given: LabRun = {}): Promise<LabRunEnd> =>
  runLab({ plays: STEPS, images: STEP_IMAGES, ...given });

/** `card play outcome before → after` of every result. */
const told = ({ results, devices }: LabRunEnd): string[] =>
  results.map(({ id, play, outcome, before, after }: DeviceResult) => {
    const card = devices.findIndex((device) => `naa.${device.id}` === id) + 1;
    return `${card} ${play} ${outcome}${after === null ? '' : ` ${before} → ${after}`}`;
  });

const reasonsOf = ({ results }: LabRunEnd, outcome: string): (string | null)[] =>
  results.filter((result) => result.outcome === outcome).map(({ reason }) => reason);

const CARDS = (...revisions: string[]): { revision: string }[] => revisions.map((revision) => ({ revision }));

/** Fails the nth chunk of a device, counted over all plays. */
const failAt = (nth: number) => ({
  when: { operationCode: 0x3b, nth },
  executed: false,
  sense: { key: 5, asc: 0x26, ascq: 0 },
});

test('A → B → C in one run: each step is sent once, and each has its result', async () => {
  const end = await steps();
  assert.equal(told(end), ['1 a updated 2.08 → 2.10', '1 b updated 2.10 → 2.12', '1 c updated 2.12 → 2.14']);
  assert.is(end.exit.code, 0);
  assert.equal(sentTo(end.devices[0]!), [
    ...['E@0', 'E@4096', 'E@8192', 'F@0'],
    ...['E@0', 'E@4096', 'E@8192', 'F@0'],
    ...['E@0', 'E@4096', 'E@8192', 'E@12288', 'F@0'],
  ]);
  assert.equal(
    end.events.flatMap((event) =>
      event.type === 'device-planned' ? [`${event.device.play} ${event.device.before}`] : [],
    ),
    ['b 2.10', 'c 2.12'],
  );
});

test('all units finish a step before any begins the next one', async () => {
  const end = await steps({ devices: CARDS('2.08', '2.08'), strategy: { concurrent: 2 } });
  const order = end.events.flatMap((event) => (event.type === 'device-finished' ? [event.result.play] : []));
  assert.equal(order, ['a', 'a', 'b', 'b', 'c', 'c']);
});

test('a mixed fleet ends at one revision, and nothing is sent twice', async () => {
  const end = await steps({ devices: CARDS('2.14', '2.12', '2.11', '2.10', '2.08') });
  assert.is(end.exit.code, 0);
  assert.equal(
    end.devices.map(({ shownRevision }) => shownRevision),
    ['2.14', '2.14', '2.14', '2.14', '2.14'],
  );
  assert.equal(
    end.devices.map((device) => sentTo(device).filter((sent) => sent === 'F@0').length),
    [0, 1, 2, 2, 3],
  );
});

test('a unit that fails in the first play gets none of the others', async () => {
  const end = await steps({ faults: { 0: [failAt(2)] } });
  assert.equal(told(end), ['1 a failed 2.08 → 2.08', '1 b skipped', '1 c skipped']);
  assert.is(end.exit.name, 'FAILED');
  assert.equal(reasonsOf(end, 'skipped'), [
    'comes after play "a": failed there',
    'comes after play "a": failed there',
  ]);
  assert.ok(!sentTo(end.devices[0]!).includes('F@0'));
});

test('a failure halts the later plays of the other units, too', async () => {
  const end = await steps({ devices: CARDS('2.08', '2.08'), faults: { 1: [failAt(2)] } });
  assert.equal(told(end), [
    '1 a updated 2.08 → 2.10',
    '1 b skipped',
    '1 c skipped',
    '2 a failed 2.08 → 2.08',
    '2 b skipped',
    '2 c skipped',
  ]);
  assert.is(end.exit.name, 'HALTED');
  assert.match(reasonsOf(end, 'skipped')[0]!, /the run was halted: more failed/);
});

test('max-failures lets the others go on to the next play', async () => {
  const end = await steps({
    devices: CARDS('2.08', '2.08'),
    faults: { 1: [failAt(2)] },
    strategy: { maxFailures: 1 },
  });
  assert.equal(told(end).slice(0, 3), [
    '1 a updated 2.08 → 2.10',
    '1 b updated 2.10 → 2.12',
    '1 c updated 2.12 → 2.14',
  ]);
  assert.is(end.exit.name, 'FAILED');
});

/** When the first play is through with a unit, something happens to it. */
const afterFirst =
  (change: (device: SimulatedDevice) => unknown): NonNullable<LabRun['onEvent']> =>
  (event, _stop, devices) => {
    if (event.type === 'device-finished' && event.result.play === 'a') change(devices[0]!);
  };

test('the second play is refused where the fresh read shows a revision that it does not list', async () => {
  const end = await steps({
    onEvent: afterFirst((device) => (device.shownRevision = '9.99')),
  });
  assert.equal(told(end), ['1 a updated 2.08 → 2.10', '1 b refused', '1 c skipped']);
  assert.is(end.exit.name, 'REFUSED');
  assert.match(reasonsOf(end, 'refused')[0]!, /runs "9\.99", which match\.revision/);
  assert.is(sentTo(end.devices[0]!).filter((sent) => sent === 'F@0').length, 1);
});

test('the second play finds a unit at its target: nothing is sent, and the third goes on from there', async () => {
  const end = await steps({
    onEvent: afterFirst((device) => (device.shownRevision = '2.12')),
  });
  assert.equal(told(end), ['1 a updated 2.08 → 2.10', '1 b current 2.12 → 2.12', '1 c updated 2.12 → 2.14']);
});

test('a stop between two plays leaves the units where they are', async () => {
  const end = await steps({
    onEvent: (event, stop) => {
      if (event.type === 'device-finished' && event.result.play === 'a') stop.request('SIGINT');
    },
  });
  assert.equal(told(end), ['1 a updated 2.08 → 2.10', '1 b skipped', '1 c skipped']);
  assert.is(end.exit.name, 'INTERRUPTED');
});

test('each play has a canary of its own', async () => {
  const end = await steps({
    devices: CARDS('2.08', '2.08', '2.08'),
    strategy: { canary: 1, concurrent: 3 },
    // The fifth image of the second card: its second one.
    faults: { 0: [failAt(6)] },
  });
  assert.equal(told(end), [
    '1 a updated 2.08 → 2.10',
    '1 b failed 2.10 → 2.10',
    '1 c skipped',
    '2 a updated 2.08 → 2.10',
    '2 b skipped',
    '2 c skipped',
    '3 a updated 2.08 → 2.10',
    '3 b skipped',
    '3 c skipped',
  ]);
  assert.equal(
    end.devices.map((device) => sentTo(device).filter((sent) => sent === 'E@0').length),
    [2, 1, 1],
  );
});

test('a play after another one updates another subenclosure, by the revision of that one', async () => {
  const primary = sesPlayOf(
    { image: STEP_IMAGES.get('2.10')! },
    { name: 'shelf', match: { revision: ['2.08'] } },
  );
  const psu = sesPlayOf(
    { image: STEP_IMAGES.get('2.12')!, subenclosureId: 2 },
    { name: 'psu', after: 'shelf', match: { revision: ['0030'] } },
  );
  const target = { ...psu.verify, revision: '2.12' };
  const end = await runLab({
    devices: [{ persona: 'ses-shelf-triple', revision: '2.08' }],
    images: STEP_IMAGES,
    plays: [primary, { ...psu, firmware: { ...psu.firmware, revision: '2.12' }, verify: target }],
  });
  assert.equal(told(end), ['1 shelf updated 2.08 → 2.10', '1 psu updated 0030 → 2.12']);
  assert.is(end.devices[0]!.shownRevision, '2.10');
  assert.is(end.exit.code, 0);
});

test('a subenclosure whose revision is not listed is refused before the first play begins', async () => {
  const primary = sesPlayOf({}, { name: 'shelf', match: { revision: ['2.08'] } });
  const psu = sesPlayOf(
    { subenclosureId: 2 },
    { name: 'psu', after: 'shelf', match: { revision: ['0099'] } },
  );
  const end = await runLab({
    devices: [{ persona: 'ses-shelf-triple', revision: '2.08' }],
    plays: [primary, psu],
  });
  assert.equal(told(end), ['1 shelf skipped', '1 psu refused']);
  assert.match(reasonsOf(end, 'refused')[0]!, /runs "0030", which match\.revision/);
  assert.is(end.exit.name, 'REFUSED');
});

test('a unit that another run took between two plays is refused in the second one, with exit 11', async () => {
  let host: SimulatedHost | null = null;
  const end = await steps({
    prepare: (_devices, simulated) => (host = simulated),
    onEvent: (event) => {
      if (event.type === 'device-planned' && event.device.play === 'b') void host!.lock(event.device.id);
    },
  });
  assert.equal(told(end), ['1 a updated 2.08 → 2.10', '1 b refused', '1 c skipped']);
  assert.match(reasonsOf(end, 'refused')[0]!, /another run is working on this unit/);
  assert.is(end.exit.name, 'BUSY');
});

test('a unit that ends pending in the first play waits, and the later plays with it', async () => {
  const [a, b] = STEPS;
  const waits = { ...a!, activate: [] };
  const end = await steps({ plays: [waits, b!] });
  assert.equal(told(end), ['1 a pending 2.08 → 2.08', '1 b skipped']);
  assert.is(end.exit.name, 'PENDING');
});

test.run();
