import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { Device } from '../../../src/device/device.ts';
import { identify } from '../../../src/device/identity.ts';
import { verifyRevision } from '../../../src/microcode/verification.ts';
import type { Verification } from '../../../src/microcode/verification.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import type { PersonaName } from '../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import { scripted } from '../../support/scripted-transport.ts';
import type { Script } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

const NAMELESS = { logicalUnit: null, designators: [], serialNumber: null };

async function verify(script: Script, withinMs = 30_000): Promise<Verification & { tookMs: number }> {
  const { device, clock } = scripted(script);
  const seen = await verifyRevision(device, { revision: '2.10', before: NAMELESS, withinMs });
  return { ...seen, tookMs: clock.nowMs() };
}

const many = (answer: string): string[] => Array.from({ length: 200 }, () => answer);
const test = suite('microcode/verification');

test('the target revision and a ready device end the wait at once', async () => {
  const seen = await verify({ inquiry: ['2.10'] });
  assert.equal(seen, {
    revision: '2.10',
    product: 'HP SAS EXP Card',
    vendor: 'HP',
    ready: true,
    quiet: true,
    change: null,
    internalFailure: false,
    identity: NAMELESS,
    pending: [],
    problem: null,
    tookMs: 0,
  });
});

test('a device whose INQUIRY answers but which is not ready is waited for', async () => {
  const seen = await verify({ inquiry: ['2.10'], testUnitReady: ['2/04/01', '2/04/01', '2/04/01'] });
  assert.is(seen.ready, true);
  assert.is(seen.tookMs, 3000);
});

test('a device that never becomes ready is told so, when the time is over', async () => {
  const seen = await verify({ inquiry: ['2.10'], testUnitReady: many('3/0C/00') });
  assert.is(seen.revision, '2.10');
  assert.is(seen.ready, false);
  assert.match(seen.problem!.message, /3\/0C\/00/);
  assert.is(seen.tookMs, 30_000);
});

test('an unchanged revision is read until the time is over', async () => {
  const seen = await verify({ inquiry: ['2.08'] });
  assert.is(seen.revision, '2.08');
  assert.is(seen.ready, true);
  assert.is(seen.tookMs, 30_000);
});

test('a device that is away for a while', async () => {
  const seen = await verify({ inquiry: ['errno 19', 'errno 19', 'host 1', 'host 3', '2.10'] });
  assert.is(seen.revision, '2.10');
});

test('a device that stays away: no revision, and why', async () => {
  const seen = await verify({ inquiry: many('errno 6') });
  assert.is(seen.revision, null);
  assert.match(seen.problem!.message, /ENXIO/);
  assert.ok(seen.tookMs >= 30_000 && seen.tookMs < 32_000);
});

test('one look at least, even without time', async () => {
  assert.is((await verify({ inquiry: ['2.10'] }, 0)).revision, '2.10');
});

test('a revision is read again when the device reports a reset right behind it', async () => {
  assert.is(
    (await verify({ inquiry: ['2.08', '2.10'], testUnitReady: ['6/29/00', '6/3F/01'] }, 0)).revision,
    '2.10',
  );
  assert.is((await verify({ inquiry: ['2.10', '2.08'], testUnitReady: ['6/29/00'] }, 0)).revision, '2.08');
  assert.is((await verify({ inquiry: ['2.08', '2.10'], testUnitReady: ['6/2A/01'] }, 0)).revision, '2.08');
  // Some report it as the data of REQUEST SENSE.
  assert.is((await verify({ inquiry: ['2.08', '2.10'], requestSense: ['6/29/00'] }, 0)).revision, '2.10');
  assert.is((await verify({ inquiry: ['2.08', '2.10'], requestSense: ['2/04/01'] }, 0)).revision, '2.10');
  assert.is((await verify({ inquiry: ['2.08', '2.10'], requestSense: ['2/04/22'] }, 0)).revision, '2.08');
});

test('unit attentions of the restart are cleared, and no obstacle', async () => {
  const seen = await verify({ inquiry: ['2.10'], testUnitReady: ['6/29/04', '6/3F/01'] });
  assert.is(seen.ready, true);
  assert.is(seen.tookMs, 0);
});

for (const [title, script, pending] of [
  ['REQUEST SENSE says 0/00/22', { requestSense: many('0/00/22') }, 'activation hard-reset power-cycle'],
  ['2/04/1E', { testUnitReady: many('2/04/1E') }, 'activation'],
  ['2/04/20', { testUnitReady: many('2/04/20') }, 'hard-reset power-cycle'],
  ['2/04/21', { testUnitReady: many('2/04/21') }, 'hard-reset power-cycle'],
  ['2/04/22', { testUnitReady: many('2/04/22') }, 'power-cycle'],
  ['2/04/1F is not an event', { testUnitReady: many('2/04/1F') }, ''],
  ['a device without REQUEST SENSE', { requestSense: many('errno 5') }, ''],
] as const) {
  test(`events that the device waits for: ${title}`, async () => {
    assert.is((await verify({ inquiry: ['2.08'], ...script })).pending.join(' '), pending);
  });
}

test('an internal failure in the last look is told', async () => {
  assert.is((await verify({ inquiry: ['2.10'], testUnitReady: many('4/44/00') })).internalFailure, true);
  assert.is((await verify({ inquiry: many('4/44/00') })).internalFailure, true);
  assert.is((await verify({ inquiry: ['2.10'], testUnitReady: ['4/44/00'] })).internalFailure, false);
});

test('`settled` ends the wait on a look that waiting does not change', async () => {
  const { device, clock } = scripted({ inquiry: ['2.08'] });
  await verifyRevision(device, {
    revision: '2.10',
    before: NAMELESS,
    withinMs: 30_000,
    settled: ({ revision }) => revision === '2.08',
  });
  assert.is(clock.nowMs(), 0);
});

test('an identity page that is refused once is read again, also where waiting is in vain', async () => {
  const { simulator, device } = simulated();
  const { identity: before } = await identify(device);
  await device.attempt(testUnitReady(), 'probe'); // takes the attention of power on
  let refusals = 1;
  simulator.putInFront(({ cdb }) =>
    cdb[0] === OperationCode.inquiry && cdb[2] === 0x83 && refusals-- > 0
      ? simulator.refuse({ key: 4, asc: 0x40, ascq: 0x80 })
      : undefined,
  );
  const seen = await verifyRevision(device, {
    revision: '3.00',
    before,
    withinMs: 30_000,
    settled: () => true,
  });
  assert.equal([seen.revision, seen.change, device.clock.nowMs()], ['2.10', null, 1000]);
});

function simulated(persona: PersonaName = 'hp-sas-expander'): { simulator: SimulatedDevice; device: Device } {
  const clock = new VirtualClock();
  const { vendor, product } = PERSONAS[persona];
  const simulator = new SimulatedDevice({
    persona: PERSONAS[persona],
    identity: { vendor, product, serial: 'S1', naa: '50014380ab000000' },
    revision: '2.10',
    images: [],
    clock,
  });
  const open = (): ReturnType<typeof openSimulated> =>
    openSimulated({ device: simulator, nexus: '6:0:0:0', node: '/dev/sg1' });
  return { simulator, device: new Device(open(), { clock, find: () => Promise.resolve(open()) }) };
}

test('another unit with the target revision is not taken for ours', async () => {
  const { simulator, device } = simulated();
  const before = (await identify(device)).identity;
  simulator.identity = { ...simulator.identity, naa: '50014380ab000040' };
  const seen = await verifyRevision(device, { revision: '2.10', before, withinMs: 5000 });
  assert.is(seen.change !== null, true);
  assert.is(device.clock.nowMs(), 5000);
});

for (const [serialMayChange, now, tookMs] of [
  [false, 'S2', 5000],
  [true, 'S2', 0],
  [true, '', 5000],
] as const) {
  const may = serialMayChange ? 'may' : 'may not';
  test(`a serial number that ${may} change and is "${now}" now is waited for ${tookMs} ms`, async () => {
    const { simulator, device } = simulated();
    const before = (await identify(device)).identity;
    simulator.identity = { ...simulator.identity, serial: now };
    const seen = await verifyRevision(device, { revision: '2.10', before, withinMs: 5000, serialMayChange });
    assert.is(seen.change, null);
    assert.equal(seen.serial, { before: before.serialNumber, now: now || null });
    assert.is(device.clock.nowMs(), tookMs);
  });
}

test('an identity that comes a little later than the revision is not another identity', async () => {
  const { simulator, device } = simulated();
  const before = (await identify(device)).identity;
  const { identity } = simulator;
  simulator.identity = { ...identity, serial: '' };
  void device.clock.sleep(3000).then(() => (simulator.identity = identity));
  const seen = await verifyRevision(device, { revision: '2.10', before, withinMs: 30_000 });
  assert.is(seen.change, null);
  assert.ok(device.clock.nowMs() < 6000);
});

test('a serial number that new code brings is not another identity', async () => {
  const { device } = simulated();
  const { identity } = await identify(device);
  const seen = await verifyRevision(device, {
    revision: '2.10',
    before: { ...identity, serialNumber: null },
    withinMs: 5000,
  });
  assert.is(seen.change, null);
});

test.run();
