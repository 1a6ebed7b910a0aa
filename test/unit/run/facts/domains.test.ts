import * as assert from 'uvu/assert';
import type { Surroundings } from '../../../../src/host/host.ts';
import { sharesMicrocode, whyApart } from '../../../../src/run/facts/domains.ts';
import type { UnitIdentity } from '../../../../src/device/identity.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { UNKNOWN_TOPOLOGY } from '../../../../src/run/facts/unit-topology.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, pathOf, playOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { aroundOf, isModule } from '../modules.ts';

const FREE = { together: null, redundancy: 'required' } as const;

const test = suite('run/domains');

const enclosureAt = (n: number, expanders: readonly string[]): DeviceFacts =>
  factsOf(n, { topology: { ...UNKNOWN_TOPOLOGY, expanders, ownExpanders: expanders.slice(-1) } });
const driveAt = (n: number, expanders: readonly string[]): DeviceFacts =>
  factsOf(n, { deviceType: 0, topology: { ...UNKNOWN_TOPOLOGY, expanders } });

for (const [title, a, b, expected] of [
  ['nothing is known of either', factsOf(1), factsOf(2), null],
  ['one is above the other', enclosureAt(1, ['E1']), enclosureAt(2, ['E1', 'E2']), 'expander E1'],
  ['one is far above the other', enclosureAt(1, ['E1']), enclosureAt(2, ['E1', 'E2', 'E3']), 'expander E1'],
  ['side by side below one', enclosureAt(1, ['E1', 'E2']), enclosureAt(2, ['E1', 'E3']), null],
  ['two processes of one expander', enclosureAt(1, ['E1']), enclosureAt(2, ['E1']), 'expander E1'],
  ['a drive below the enclosure', enclosureAt(1, ['E1']), driveAt(2, ['E1', 'E2']), 'expander E1'],
  ['two drives of one shelf', driveAt(1, ['E1']), driveAt(2, ['E1']), null],
] as const) {
  test(`${title}: ${expected ?? 'may run together'}`, () => {
    for (const why of [whyApart(a, b, FREE), whyApart(b, a, FREE)]) {
      assert.is(why === null ? null : why.replace(/^.*through /, ''), expected);
    }
  });
}

test('logical units of one target never run together, over whichever path they share it', () => {
  const at = (n: number, ...hctls: readonly string[]): DeviceFacts =>
    factsOf(n, { paths: hctls.map((hctl, index) => pathOf(n * 10 + index, { hctl })) });
  for (const [a, b, target] of [
    [at(1, '6:0:1:0'), at(2, '6:0:1:1'), '6:0:1'],
    [at(1, '6:0:1:0', '7:0:4:0'), at(2, '6:0:2:1', '7:0:4:1'), '7:0:4'],
    [at(1, '6:0:1:0'), at(2, '6:0:11:0'), null],
    [at(1, '6:0:1:0'), at(2, '6:1:1:0'), null],
    [at(1, '6:0:1:0'), at(2, '7:0:1:1'), null],
  ] as const) {
    const expected = target === null ? null : `both are logical units of target ${target}`;
    for (const why of [whyApart(a, b, FREE), whyApart(b, a, FREE)]) assert.is(why, expected);
  }
});

/** Two drives at one target, alike in everything but their names. */
const lun = (
  n: number,
  fields: Partial<DeviceFacts> = {},
  identity: Partial<UnitIdentity> = {},
): DeviceFacts => {
  const facts = factsOf(n, { deviceType: 0, paths: [pathOf(n, { hctl: `6:0:1:${n}` })], ...fields });
  return { ...facts, identity: { ...facts.identity!, ...identity } };
};
const SERIAL = { serialNumber: 'SAME' };
const TARGET = { targetDevice: ['naa.5000'] };
const elsewhere = { paths: [pathOf(2, { hctl: '6:0:2:0' })] };

for (const [title, a, b, expected] of [
  ['nothing in common but the target', lun(1), lun(2), false],
  ['one serial number', lun(1, {}, SERIAL), lun(2, {}, SERIAL), true],
  ['no serial number', lun(1, {}, { serialNumber: null }), lun(2, {}, { serialNumber: null }), false],
  ['one serial number at two targets', lun(1, {}, SERIAL), lun(2, elsewhere, SERIAL), false],
  ['one serial number, another product', lun(1, {}, SERIAL), lun(2, { product: 'CHANGER' }, SERIAL), false],
  ['one serial number, another type', lun(1, {}, SERIAL), lun(2, { deviceType: 8 }, SERIAL), false],
  ['one serial number, another revision', lun(1, {}, SERIAL), lun(2, { revision: '2.06' }, SERIAL), false],
  ['one target device', lun(1, {}, TARGET), lun(2, {}, TARGET), true],
  ['MLU 11b', lun(1, { affects: 'all-units' }), lun(2), true],
  ['MLU 11b at two targets', lun(1, { affects: 'all-units' }), lun(2, elsewhere), false],
  ['MLU 10b, alike', lun(1, { affects: 'several-units' }), lun(2), true],
  ['MLU 10b, another product', lun(1, { affects: 'several-units' }), lun(2, { product: 'X' }), false],
  ['MLU 01b', lun(1, { affects: 'this-unit' }, SERIAL), lun(2, {}, SERIAL), false],
  ['MLU 00b', lun(1, { affects: 'not-said' }), lun(2), false],
] as const) {
  test(`one microcode? ${title}: ${expected ? 'yes' : 'no'}`, () => {
    assert.is(sharesMicrocode(a, b), expected);
    assert.is(sharesMicrocode(b, a), expected);
  });
}

for (const [name, others] of [
  ['two actuators of a disk', [{ 'target-of': 'sg1' }]],
  ['many drives behind a bridge', Array.from({ length: 6 }, () => ({ 'target-of': 'sg1' }))],
] as const) {
  const lab = (users: readonly string[]): LabRun => ({
    devices: [
      { paths: [{ node: 'sg1' }] },
      ...others.map((words, index) => ({
        ...words,
        ...(index === 0 && users.length > 0 && { users: [...users] }),
      })),
    ],
    strategy: { concurrent: 8 },
  });

  test(`${name}: one after the other, and each is its own unit`, async () => {
    const { outcomes, devices } = await runLab(lab([]));
    assert.is(outcomes, Array.from({ length: others.length + 1 }, () => 'updated').join(' '));
    const writes = devices
      .map(({ log }) =>
        log.filter(({ name: command }) => command.startsWith('WRITE BUFFER')).map(({ atMs }) => atMs),
      )
      .sort(([a = 0], [b = 0]) => a - b);
    for (const [index, times] of writes.slice(1).entries())
      assert.ok(writes[index]!.at(-1)! < times[0]!, 'nothing overlaps');
  });

  test(`${name}: who uses one of them keeps all from being written`, async () => {
    const { results, devices } = await runLab(lab(['mounted on /srv']));
    assert.equal([...new Set(results.map(({ error }) => error?.code))], ['in-use']);
    assert.equal(devices.flatMap(sentTo), []);
  });
}

test('together: hba keeps units apart that share an adapter over any path', () => {
  const both = factsOf(1, { paths: [pathOf(1), pathOf(1, { hctl: '7:0:1:0' })] });
  const other = factsOf(2, { paths: [pathOf(2, { hctl: '7:0:2:0' })] });
  assert.is(whyApart(both, other, FREE), null);
  assert.is(whyApart(both, other, { ...FREE, together: 'hba' }), 'both are on host adapter 7');
  assert.is(whyApart(factsOf(3), other, { ...FREE, together: 'hba' }), null);
});

/** From the first WRITE BUFFER to the last command of the verdict, by the log of the device itself. */
function written(devices: readonly SimulatedDevice[]): { fromMs: number; toMs: number }[] {
  return devices.map(({ log }) => ({
    fromMs: log.find(({ cdb }) => cdb[0] === 0x3b)?.atMs ?? Infinity,
    toMs: log.at(-1)?.atMs ?? -Infinity,
  }));
}

/** Pairs of devices that were written at the same time, as `0+1`. */
function overlaps({ devices }: LabRunEnd): string[] {
  const times = written(devices);
  return times.flatMap((a, i) =>
    times.flatMap((b, j) => (i < j && a.fromMs < b.toMs && b.fromMs < a.toMs ? [`${i}+${j}`] : [])),
  );
}

const cards = (count: number): { latency: string }[] =>
  Array.from({ length: count }, () => ({ latency: '5ms' }));
const withExpanders =
  (chains: readonly (readonly string[])[]) =>
  (_devices: readonly SimulatedDevice[], host: SimulatedHost): void => {
    const around = new Map<string, Surroundings>(
      chains.map((expanders, n) => [`6:0:${n}:0`, aroundOf({ expanders })]),
    );
    host.survey = () => Promise.resolve(around);
  };
const asModules =
  (...enclosures: readonly string[]) =>
  (devices: readonly SimulatedDevice[]): void =>
    enclosures.forEach((enclosure, n) => isModule(devices[n]!, { enclosure, process: (n % 2) + 1 }));
const TWO_SHELVES = asModules('500000000000000a', '500000000000000a', '500000000000000b', '500000000000000b');

const run = (given: LabRun): Promise<LabRunEnd> =>
  runLab({ devices: cards(4), strategy: { concurrent: 4 }, ...given });

test('without a reason to wait all run at once', async () => {
  assert.is(overlaps(await run({})).length, 6);
});

test('cascaded expanders are written one after the other, and branches together', async () => {
  const end = await run({ arrange: withExpanders([['A'], ['A', 'B'], ['A', 'C'], ['D']]) });
  assert.is(end.outcomes, 'updated updated updated updated');
  assert.equal(overlaps(end), ['0+3', '1+2']);
  const [first, second] = written(end.devices);
  assert.ok(first!.toMs <= second!.fromMs, 'in the order of the plan');
});

test('modules of one enclosure are written one after the other, shelves together', async () => {
  const end = await run({ arrange: TWO_SHELVES });
  assert.is(end.outcomes, 'updated updated updated updated');
  assert.equal(
    overlaps(end).filter((pair) => ['0+1', '2+3'].includes(pair)),
    [],
  );
  assert.ok(overlaps(end).includes('0+2'));
});

test('together: hba writes one unit of an adapter at a time', async () => {
  assert.equal(overlaps(await run({ strategy: { concurrent: 4, together: 'hba' } })), []);
});

test('a module that fails stops its partner and no other shelf', async () => {
  const refuses = { when: { operationCode: 0x3b }, sense: { key: 5, asc: 0x26, ascq: 0 } };
  const end = await run({
    arrange: TWO_SHELVES,
    strategy: { concurrent: 4, maxFailures: 4 },
    faults: { 0: [refuses] },
  });
  assert.is(end.outcomes, 'failed skipped updated updated');
  assert.match(end.results[1]!.reason!, /^its partner naa\.\w+ in enclosure 500000000000000a ended failed$/);
  assert.equal(sentTo(end.devices[1]!), []);
});

test('partner-after: the second module of a shelf that waits for power waits as well, or follows', async () => {
  const plays = [playOf({ activate: [] })];
  const held = await run({ arrange: TWO_SHELVES, plays });
  assert.is(held.outcomes, 'pending skipped pending skipped');
  assert.is(held.exit.name, 'HALTED');
  const both = await run({
    arrange: TWO_SHELVES,
    plays,
    strategy: { concurrent: 4, partnerAfter: 'pending' },
  });
  assert.is(both.outcomes, 'pending pending pending pending');
});

test.run();
