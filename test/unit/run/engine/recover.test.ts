import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { silentScreen } from '../../../../src/report/screen.ts';
import { writtenName } from '../../../../src/run/facts/device-name.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { runPlan } from '../../../../src/run/engine/run.ts';
import type { RunSummary } from '../../../../src/run/engine/run.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import type { StateDirectory } from '../../../../src/run/records/state-directory.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { faultBehavior } from '../../../../src/simulator/faults.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playbookOf, playOf } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { scratch } from '../records/builders.ts';
import { isModule } from '../modules.ts';

const test = suite('run/frozen-across-runs');
const clock = new VirtualClock();

/** Two modules of one enclosure; the first one fails for good in the middle of its first download. */
function shelf(): SimulatedHost {
  const card = { persona: 'hp-sas-expander', revision: '2.08' };
  const host = createLabHost(
    { lab: 'v1', images: [{ name: '2.10', revision: '2.10' }], devices: [card, card] },
    { images: new Map([['2.10', IMAGE]]), clock, keepLog: true },
  );
  for (const [index, device] of host.devices.entries()) isModule(device, { process: index + 1 });
  host.devices[0]!.putInFront(
    faultBehavior({ when: { operationCode: 0x3b, nth: 2 }, sense: { key: 4, asc: 0x44, ascq: 0 } }),
  );
  return host;
}

async function apply(
  host: SimulatedHost,
  directory: StateDirectory,
  recover: readonly string[] = [],
  only: readonly string[] = [],
): Promise<RunSummary & { readonly plan: Plan; readonly told: string }> {
  const { byUnit } = await new UnitStore(directory.units).readAll();
  const plan = makePlan(
    playbookOf([playOf()], { redundancy: 'outage-accepted', onRefusal: 'skip' }),
    await inspect(host, new Set([0x0d]), clock),
    {
      only: only.map(writtenName),
      remembered: {
        ...NO_MEMORY,
        memory: memoryFrom({ records: byUnit, bootId: null }),
        recover: recover.map(writtenName),
      },
    },
  );
  const summary = await runPlan(plan, {
    host,
    clock,
    stop: new StopSwitch(),
    emit: () => undefined,
    screen: silentScreen,
    record: { directory, version: 'test', fresh: false },
  });
  return { ...summary, plan, told: summary.results.map(({ outcome }) => outcome).join(' ') };
}

const frozenIn = async (directory: StateDirectory): Promise<number> =>
  [...(await new UnitStore(directory.units).readAll()).byUnit.values()].filter(
    ({ frozen }) => frozen !== null,
  ).length;

test('a module that froze keeps its partner from being begun, in this run and in the next ones', async () => {
  const [host, directory] = [shelf(), directoryIn(scratch())];
  const first = await apply(host, directory);
  assert.is(first.told, 'frozen skipped');
  const next = await apply(host, directory);
  assert.is(next.told, 'frozen refused');
  assert.is(next.exit.code, 9);
  assert.match(next.results[1]!.reason!, /its partner naa\.\w+ in enclosure \w+ is frozen since run/);
  assert.is(host.devices[1]!.shownRevision, '2.08');
});

test('recovered alone, it releases its partner', async () => {
  const [host, directory] = [shelf(), directoryIn(scratch())];
  await apply(host, directory);
  const [id] = [`naa.${host.devices[0]!.id}`];
  assert.is((await apply(host, directory, [id], [id])).told, 'updated');
  assert.is(await frozenIn(directory), 0);
  assert.is((await apply(host, directory)).told, 'current updated');
});

test('a frozen unit that shows its target is looked at by --recover, and nothing is sent to it', async () => {
  const [host, directory] = [shelf(), directoryIn(scratch())];
  await apply(host, directory);
  const unit = host.devices[0]!;
  unit.shownRevision = '2.10';
  const plain = await apply(host, directory, [], ['sg0']);
  assert.is(plain.told, 'current');
  assert.is(await frozenIn(directory), 1);
  const sent = unit.log.filter(({ cdb }) => cdb[0] === 0x3b).length;
  const recovered = await apply(host, directory, [`naa.${unit.id}`], ['sg0']);
  assert.match(recovered.plan.decisions[0]!.reason, /is looked at again \(--recover\)/);
  assert.is(recovered.told, 'current');
  assert.is(await frozenIn(directory), 0);
  assert.is(unit.log.filter(({ cdb }) => cdb[0] === 0x3b).length, sent);
});

test.run();
