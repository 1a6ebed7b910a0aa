import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { HostError } from '../../../../src/host/host-error.ts';
import type { Host } from '../../../../src/host/host.ts';
import { inspectAwaiting } from '../../../../src/run/engine/await-units.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('units that come late');

/** Two cards. The driver is there after 5 s, the second card after 20 s; the times at which a node was opened are kept. */
function starting(clock: VirtualClock): { host: Host; ids: string[]; openedMs: number[] } {
  const devices = ['5001438000000010', '5001438000000020'].map((address, index) => ({
    persona: 'hp-sas-expander',
    revision: '2.08',
    'sas-address': `0x${address}`,
    node: `sg${index}`,
  }));
  const lab = createLabHost(
    { lab: 'v1', devices },
    {
      images: new Map(),
      clock,
      keepLog: true,
    },
  );
  const discover = lab.discover.bind(lab);
  const open = lab.open.bind(lab);
  const openedMs: number[] = [];
  const host = Object.assign(lab, {
    open: (...given: Parameters<Host['open']>) => {
      openedMs.push(clock.nowMs());
      return open(...given);
    },
    discover: async () => {
      if (clock.nowMs() < 5000) throw new HostError('no-sg-driver', 'not loaded', {});
      return (await discover()).slice(0, clock.nowMs() < 20_000 ? 1 : 2);
    },
  });
  return { host, ids: lab.devices.map(({ identity }) => `naa.${identity.naa}`), openedMs };
}

const ENCLOSURES = new Set([0x0d]);

test('they are waited for, and the host is asked only when there is something new', async () => {
  const clock = new VirtualClock();
  const { host, ids, openedMs } = starting(clock);
  const waited: (readonly string[])[] = [];
  const awaited = { ids, deviceTypes: ENCLOSURES, withinMs: 60_000, onWaiting: waited.push.bind(waited) };
  const facts = await inspectAwaiting(host, clock, awaited);
  assert.equal(facts.map(({ id }) => id).sort(), ids);
  assert.equal(waited, [ids]);
  // The first card when it came, both when the second one had come.
  assert.equal(openedMs, [5000, 20_000, 20_000]);
});

test('when the time is over, what is there counts', async () => {
  const clock = new VirtualClock();
  const { host, ids } = starting(clock);
  const awaited = { ids, deviceTypes: ENCLOSURES, withinMs: 10_000 };
  assert.equal(
    (await inspectAwaiting(host, clock, awaited)).map(({ id }) => id),
    ids.slice(0, 1),
  );
  assert.is(clock.nowMs(), 10_000);
});

test('without a wait, or when the driver never comes, it is what it always was', async () => {
  for (const withinMs of [0, 3000]) {
    const clock = new VirtualClock();
    const { host, ids } = starting(clock);
    await inspectAwaiting(host, clock, { ids, deviceTypes: ENCLOSURES, withinMs }).then(
      () => assert.unreachable(),
      (error: unknown) => assert.is((error as HostError).code, 'no-sg-driver'),
    );
    assert.is(clock.nowMs(), withinMs);
  }
});

test.run();
