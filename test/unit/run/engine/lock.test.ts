import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { TransportError } from '../../../../src/base/errors.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { runPlan } from '../../../../src/run/engine/run.ts';
import type { RunSummary } from '../../../../src/run/engine/run.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playbookOf } from '../builders.ts';
import { ENCLOSURE, isModule } from '../modules.ts';

const locks = suite('run/lock');

const clock = new VirtualClock();

function labOfTwo(): SimulatedHost {
  const card = { persona: 'hp-sas-expander', revision: '2.08' };
  const images = [{ name: 'fw.bin', bytes: IMAGE.length, rule: 'standard' as const, revision: '2.10' }];
  return createLabHost(
    { lab: 'v1', images, devices: [card, card] },
    { images: new Map([['fw.bin', IMAGE]]), clock, keepLog: true },
  );
}

async function run(host: SimulatedHost): Promise<RunSummary> {
  const plan = makePlan(playbookOf(), await inspect(host, new Set([0x0d]), clock));
  const screen = { start: () => undefined, stop: () => undefined };
  return runPlan(plan, { host, clock, emit: () => undefined, stop: new StopSwitch(), screen });
}

const idOf = (host: SimulatedHost, n: number): string => `naa.${host.devices[n]!.identity.naa}`;

locks('a unit that another run works on is refused with exit 11, and its play is not begun', async () => {
  const host = labOfTwo();
  await host.lock(idOf(host, 0));
  const { results, exit } = await run(host);
  assert.equal(
    results.map(({ outcome }) => outcome),
    ['refused', 'skipped'],
  );
  assert.match(results[0]!.reason ?? '', 'another run is working on this unit');
  assert.equal(exit, { code: 11, name: 'BUSY' });
  const written = host.devices.flatMap(({ log }) => log).filter(({ cdb }) => cdb[0] === 0x3b);
  assert.equal(written, []);
});

for (const [who, holder, code] of [
  ['another run', true, 11],
  ['another program', false, 4],
] as const) {
  locks(`a unit whose node ${who} has for itself is refused with exit ${code}`, async () => {
    const host = labOfTwo();
    if (holder) await host.lock(idOf(host, 0));
    const open = host.open.bind(host);
    host.open = (device, access) =>
      device.sgNode === '/dev/sg0'
        ? Promise.reject(new TransportError('node-busy', 'sg0: is open in somebody (7)', {}))
        : open(device, access);
    const { results, exit } = await run(host);
    assert.equal(
      results.map(({ outcome }) => outcome),
      ['refused', 'skipped'],
    );
    assert.is(exit.code, code);
    assert.match(results[0]!.reason ?? '', holder ? 'another run is working on this unit' : 'somebody (7)');
    if (!holder) await (await host.lock(idOf(host, 0))).release(); // asked, and given back
  });
}

locks('a run holds the lock of a unit while it works on it, and gives it back', async () => {
  const host = labOfTwo();
  const { exit } = await run(host);
  assert.is(exit.name, 'OK');
  for (const n of [0, 1]) await (await host.lock(idOf(host, n))).release();
});

locks('a module whose partner another run works on is refused, and its own lock is given back', async () => {
  const host = labOfTwo();
  isModule(host.devices[0]!, { process: 1, of: 1 });
  await host.lock(`enclosure.${ENCLOSURE}`);
  const { results, exit } = await run(host);
  assert.is(results[0]!.outcome, 'refused');
  assert.is(exit.code, 11);
  await (await host.lock(idOf(host, 0))).release();
});

locks('modules of one enclosure, one after the other, share its lock', async () => {
  const host = labOfTwo();
  host.devices.forEach((device, n) => isModule(device, { process: n + 1 }));
  assert.is((await run(host)).exit.name, 'OK');
  await (await host.lock(`enclosure.${ENCLOSURE}`)).release();
});

locks.run();
