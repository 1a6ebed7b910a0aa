// What `devices` and a plan take on a host whose sysfs is a tree of files and whose nodes answer at once: the look at sysfs, mounts and
// links, who each unit is, and the decision on it, as text. Medians, for a host of each size.
import { VirtualClock } from '../../src/base/clock.ts';
import { createLinuxHost } from '../../src/host/linux-host.ts';
import type { AttachedDevice } from '../../src/host/host.ts';
import { devicesText } from '../../src/report/devices-text.ts';
import { noInk } from '../../src/report/ink.ts';
import { planText } from '../../src/report/plan-text.ts';
import { inspect } from '../../src/run/facts/inspect.ts';
import { makePlan } from '../../src/run/plan/plan.ts';
import { PERSONAS } from '../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { openSimulated } from '../../src/simulator/simulated-transport.ts';
import { bigHost } from '../../test/support/storage-machines.ts';
import { playbookOf, playOf } from '../../test/unit/run/builders.ts';
import { median, tell } from './bench-lab.ts';

const rounds = Number(process.argv[2] ?? 9);
const sizes = process.argv.slice(3).map(Number);
const ENCLOSURE = 0x0d;
const clock = new VirtualClock();

const shelves = playOf({ match: { vendor: 'LAB', product: 'SES SHELF', revision: ['0100'] } });
const disks = playOf({
  name: 'disks',
  match: { type: 'disk', deviceType: 0, vendor: '*', product: '*', revision: ['*'] },
});
const playbook = playbookOf([shelves, disks], { onRefusal: 'skip', concurrent: 8 });

function deviceAt({ deviceType, wwid }: AttachedDevice): SimulatedDevice {
  const persona = PERSONAS[deviceType === ENCLOSURE ? 'ses-shelf' : 'disk'];
  const { vendor, product } = persona;
  const naa = (wwid ?? '').replace('naa.', '');
  const identity = { vendor, product, serial: naa.slice(-6), naa };
  return new SimulatedDevice({ persona, identity, revision: '0100', images: [], clock, keepLog: false });
}

async function mediansOf(units: number): Promise<{ devices: number; plan: number }> {
  const tree = bigHost(units);
  try {
    const devices = new Map<string, SimulatedDevice>();
    const host = createLinuxHost({
      ...tree,
      clock,
      openNode: (node) => Promise.resolve(openSimulated({ device: devices.get(node)!, nexus: node, node })),
    });
    for (const attached of await host.discover()) devices.set(attached.sgNode!, deviceAt(attached));
    const times: Record<'devices' | 'plan', number[]> = { devices: [], plan: [] };
    for (let round = 0; round <= rounds; round++) {
      const started = performance.now();
      const listed = (await host.discover()).map((attached) => ({ attached, probe: null, error: null }));
      const table = devicesText(listed, false, noInk);
      const between = performance.now();
      const plan = makePlan(playbook, await inspect(host, new Set([0, ENCLOSURE]), clock));
      const text = planText(plan, { ink: noInk, verbose: true });
      const ended = performance.now();
      if (plan.decisions.length !== units || text.length < units || table.split('\n').length !== units + 2)
        throw new Error('not every unit has its line and its decision');
      if (round === 0) continue; // warms up
      times.devices.push(between - started);
      times.plan.push(ended - between);
    }
    return { devices: median(times.devices), plan: median(times.plan) };
  } finally {
    tree.remove();
  }
}

async function main(): Promise<void> {
  const ms: Record<string, { devices: number; plan: number }> = {};
  for (const units of sizes) ms[units] = await mediansOf(units);
  tell({ ms });
}

void main();
