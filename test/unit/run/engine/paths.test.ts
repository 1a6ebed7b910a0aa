import * as assert from 'uvu/assert';
import type { AttachedDevice, Surroundings } from '../../../../src/host/host.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import type { VerifiedUnit } from '../../../../src/run/engine/verify-units.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import { suite } from '../../../support/suite.ts';
import { pathOf, playOf } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { scratch } from '../records/builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import { aroundOf, isModule } from '../modules.ts';

const test = suite('run/paths');

/** Drive `n` over an adapter, behind the expander of a module. */
const drive = (n: number, adapter: number): AttachedDevice =>
  pathOf(n, {
    hctl: `${adapter}:0:${100 + n}:0`,
    deviceType: 0,
    sgNode: null,
    blockNode: `/dev/sd${adapter}${n}`,
    wwid: `naa.5000c5000000000${n}`,
  });

interface Machine {
  /** Drives of the moment: their number, and the module (0, 1) that they are reached through. */
  drives: readonly (readonly [n: number, module: number])[];
  users: readonly string[];
}

/** Two cards of a lab are the modules of a shelf; drives are behind expander E0 or E1. */
function arranged(machine: Machine): (devices: readonly SimulatedDevice[], host: SimulatedHost) => void {
  return (devices, host) => {
    devices.forEach((device, n) => isModule(device, { process: n + 1, of: devices.length }));
    const cards = host.discover.bind(host);
    host.discover = async () => [
      ...(await cards()),
      ...machine.drives.map(([n, module]) => drive(n, 7 + module)),
    ];
    host.survey = () =>
      Promise.resolve(
        new Map<string, Surroundings>([
          ...devices.map((_, n) => [`6:0:${n}:0`, aroundOf({ expanders: [`E${n}`] })] as const),
          ...machine.drives.map(
            ([n, module]) =>
              [
                drive(n, 7 + module).hctl,
                aroundOf({ expanders: [`E${module}`], users: machine.users }),
              ] as const,
          ),
        ]),
      );
  };
}

const BOTH = [0, 1].flatMap((module) => [1, 2, 3].map((n) => [n, module] as const));
const withoutPath = (gone: number, of: number): Machine['drives'] =>
  BOTH.filter(([n, module]) => n !== gone || module !== of);
const machineOf = (fields: Partial<Machine> = {}): Machine => ({
  drives: BOTH,
  users: ['ZFS pool tank'],
  ...fields,
});
const modules = [{ latency: '1ms' }, { latency: '1ms' }];

test('all paths come back: both modules are updated, one after the other', async () => {
  const { outcomes } = await runLab({
    devices: modules,
    strategy: { concurrent: 2 },
    arrange: arranged(machineOf()),
  });
  assert.is(outcomes, 'updated updated');
});

test('a path that comes back late is waited for', async () => {
  const machine = machineOf();
  const end = await runLab({
    devices: modules,
    arrange: arranged(machine),
    onEvent: (event) => {
      if (event.type === 'progress') machine.drives = withoutPath(2, 0);
      // The first of the looks at the revision comes before, and sees it missing.
      if (event.type === 'waiting' && event.what.startsWith('revision'))
        setImmediate(() => (machine.drives = BOTH));
    },
  });
  assert.is(end.outcomes, 'updated updated');
});

test('a module whose paths do not come back is degraded, and its partner is not begun', async () => {
  const machine = machineOf();
  const { outcomes, exit, results, devices } = await runLab({
    devices: modules,
    strategy: { maxFailures: 5 },
    arrange: arranged(machine),
    onEvent: (event) => {
      if (event.type === 'progress') machine.drives = withoutPath(2, 0);
    },
  });
  assert.is(outcomes, 'degraded skipped');
  assert.is(exit.name, 'HALTED');
  assert.match(
    results[0]!.reason!,
    /runs 2\.10.*a path did not come back: drive naa\.5000c50000000002 on adapter 7/,
  );
  assert.match(results[1]!.reason!, /its partner .* ended degraded/);
  assert.equal(sentTo(devices[1]!), []);
});

test('of a degraded module the report says what to do about its paths, whatever went wrong before', async () => {
  const machine = machineOf();
  const { results } = await runLab({
    devices: modules,
    plays: [playOf({ activate: [{ step: 'activate_mc' }, { step: 'wait-ready', withinMs: 10 }] })],
    arrange: arranged(machine),
    onEvent: (event) => {
      if (event.type === 'progress') machine.drives = withoutPath(2, 0);
    },
  });
  assert.is(results[0]!.outcome, 'degraded');
  assert.match(results[0]!.error!.next, 'Check cables and links');
});

test('verify settles a degraded module when its paths are there again, and not before', async () => {
  const machine = machineOf();
  const directory = directoryIn(scratch());
  const { outcomes, host, clock, run } = await runLab({
    devices: modules,
    arrange: arranged(machine),
    directory,
    onEvent: (event) => {
      if (event.type === 'progress') machine.drives = withoutPath(2, 0);
    },
  });
  assert.is(outcomes, 'degraded skipped');
  const verified = async (): Promise<VerifiedUnit> => {
    const { byUnit } = await new UnitStore(directory.units).readAll();
    const [open] = openUnits(memoryFrom({ records: byUnit, bootId: null }), run);
    const facts = await inspect(host, new Set([0x0d]), clock);
    const found = facts.find(({ id }) => id === open!.device.id);
    return verifyUnit(open!, found, { host, clock });
  };
  const before = await verified();
  assert.is(before.result.outcome, 'degraded');
  assert.match(before.result.error!.message, 'drive naa.5000c50000000002 on adapter 7');
  assert.is(before.result.reason!.split('did not come back').length, 2, 'said once');
  assert.not(before.settles);
  machine.drives = BOTH;
  const after = await verified();
  assert.is(after.result.outcome, 'updated', after.result.reason ?? '');
  assert.ok(after.settles);
});

test('paths: ignore does not look, and then the last path of a drive in use refuses the partner', async () => {
  const machine = machineOf();
  const { verify } = playOf();
  const { outcomes, results, devices } = await runLab({
    devices: modules,
    plays: [playOf({ verify: { ...verify, paths: 'ignore' } })],
    arrange: arranged(machine),
    onEvent: (event) => {
      if (event.type === 'progress') machine.drives = withoutPath(2, 0);
    },
  });
  assert.is(outcomes, 'updated refused');
  assert.match(results[1]!.reason!, /its restart takes the last path of a drive in use \(ZFS pool tank\)/);
  assert.equal(sentTo(devices[1]!), []);
});

test('a pool that came after the plan refuses the unit right before it is opened', async () => {
  const machine = machineOf({ drives: [[1, 0]], users: [] });
  const { outcomes, exit } = await runLab({
    devices: [{}],
    arrange: arranged(machine),
    prepare: () => (machine.users = ['mounted on /srv']),
  });
  assert.is(outcomes, 'refused');
  assert.is(exit.code, 4);
});

test('paths of other modules that go meanwhile are not a fault of this one', async () => {
  const machine = machineOf({ users: [] });
  const { outcomes } = await runLab({
    devices: [{}],
    arrange: arranged(machine),
    onEvent: (event) => {
      if (event.type === 'progress') machine.drives = withoutPath(2, 1);
    },
  });
  assert.is(outcomes, 'updated');
});

test.run();
