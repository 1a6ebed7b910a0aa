import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { TransportError } from '../../../src/base/errors.ts';
import { findUnit, whoIsAt } from '../../../src/device/find.ts';
import type { UnitIdentity } from '../../../src/device/identity.ts';
import type { AttachedDevice } from '../../../src/host/host.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import { suite } from '../../support/suite.ts';

const clock = new VirtualClock();
const FIRST = '50014380ab000000';
const SECOND = '50014380ab000040';

function card(naa: string): SimulatedDevice {
  const persona = PERSONAS['hp-sas-expander'];
  const { vendor, product } = persona;
  return new SimulatedDevice({
    persona,
    identity: { vendor, product, serial: naa.slice(-4), naa },
    revision: '2.08',
    images: [],
    clock,
  });
}

const identityOf = (naa: string): UnitIdentity => ({
  logicalUnit: `naa.${naa}`,
  designators: [`naa.${naa}`],
  serialNumber: naa.slice(-4),
});

async function host(...devices: SimulatedDevice[]): Promise<{ lab: SimulatedHost; was: AttachedDevice[] }> {
  const lab = new SimulatedHost(
    devices.map((device, n) => ({ device, hctl: `6:0:${n}:0`, node: `/dev/sg${n}` })),
  );
  return { lab, was: [...(await lab.discover())] };
}

const find = async (
  lab: SimulatedHost,
  identity: UnitIdentity,
  was: AttachedDevice,
): Promise<string | null> =>
  (await findUnit(lab, { identity, was }, { access: 'read', clock }))?.path.sgNode ?? null;

const test = suite('device/find');

test('a unit in its old place is found there', async () => {
  const { lab, was } = await host(card(FIRST), card(SECOND));
  assert.is(await find(lab, identityOf(SECOND), was[1]!), '/dev/sg1');
});

test('two units that changed places are found by who they are', async () => {
  const { lab } = await host(card(SECOND), card(FIRST));
  const { was } = await host(card(FIRST), card(SECOND));
  assert.is(await find(lab, identityOf(FIRST), was[0]!), '/dev/sg1');
});

test('a unit with another node than before is found', async () => {
  const device = card(FIRST);
  const { lab, was } = await host(device);
  device.leave({ forMs: 0, removed: true, node: '/dev/sg9' });
  assert.is(await find(lab, identityOf(FIRST), was[0]!), '/dev/sg9');
});

test('units that the kernel knows as others are not disturbed', async () => {
  const other = card(SECOND);
  const device = card(FIRST);
  const { lab, was } = await host(other, device);
  device.leave({ forMs: 1e9 });
  assert.is(await find(lab, identityOf(FIRST), was[1]!), null);
  assert.equal(other.log, []);
  device.leave({ forMs: -1 });
  assert.is(await find(lab, identityOf(FIRST), { ...was[1]!, wwid: null }), '/dev/sg1');
});

test('a unit that is gone, or replaced by another, is not found', async () => {
  const device = card(FIRST);
  const { lab, was } = await host(device);
  device.leave({ forMs: 1e9 });
  assert.is(await find(lab, identityOf(FIRST), was[0]!), null);
  device.leave({ forMs: -1, becomes: { naa: SECOND } });
  assert.is(await find(lab, identityOf(FIRST), was[0]!), null);
});

test('a unit without any identity is looked for in its old place alone', async () => {
  const nameless = { logicalUnit: null, designators: [], serialNumber: null };
  const { lab, was } = await host(card(FIRST), card(SECOND));
  assert.is(await find(lab, nameless, was[1]!), '/dev/sg1');
  assert.is(await find(lab, nameless, { ...was[1]!, hctl: '6:0:7:0' }), null);
});

test('a node that cannot be opened is not the unit now, and the search goes on', async () => {
  const { lab, was } = await host(card(FIRST), card(SECOND));
  const open = lab.open.bind(lab);
  lab.open = (device, access) =>
    device.sgNode === '/dev/sg0'
      ? Promise.reject(new TransportError('node-busy', 'held'))
      : open(device, access);
  const unknown = { ...was[0]!, wwid: null };
  assert.is(await find(lab, identityOf(SECOND), unknown), '/dev/sg1');
  assert.is(await find(lab, identityOf(FIRST), unknown), null);
});

test('who is in a place: the unit there, or nobody', async () => {
  const device = card(FIRST);
  const { lab, was } = await host(device);
  assert.is((await whoIsAt(lab, was[0]!, clock))!.identity.logicalUnit, `naa.${FIRST}`);
  device.leave({ forMs: 1e9 });
  assert.is(await whoIsAt(lab, was[0]!, clock), null);
});

test.run();
