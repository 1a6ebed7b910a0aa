import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import type { LogEntry, SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { suite } from '../../../support/suite.ts';
import { drivesWords, ENCLOSURE, moduleWords } from '../../simulator/dual-module.ts';
import { IMAGE } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import { sesPlayOf } from '../ses-plays.ts';

const labs = suite('run: what the devices of a lab saw');

const module = (process: number, more: Partial<LabDeviceWords> = {}): LabDeviceWords =>
  moduleWords(process, { latency: '5ms', ...more });
const DRIVES = drivesWords(24);

/** Commands that carried microcode to the device. */
const writesOf = ({ log }: SimulatedDevice): LogEntry[] =>
  log.filter(({ cdb }) =>
    [OperationCode.writeBuffer, OperationCode.sendDiagnostic].some((code) => code === cdb[0]),
  );

/** From the first byte until the device was ready again and somebody saw it, by its own clock. */
function atWork(device: SimulatedDevice): readonly [fromMs: number, toMs: number] {
  const [first] = writesOf(device);
  const back = device.log.find(
    ({ cdb, executed, atMs }) =>
      executed && cdb[0] === OperationCode.testUnitReady && atMs >= device.readyAtMs,
  );
  assert.ok(first !== undefined && back !== undefined, 'it was written to, and asked afterwards');
  return [first.atMs, back.atMs];
}

const bytesTo = (device: SimulatedDevice): number =>
  writesOf(device).reduce((sum, { dataOutBytes, cdb }) => {
    const headerBytes = cdb[0] === OperationCode.sendDiagnostic ? 24 : 0;
    return sum + (dataOutBytes === 0 ? 0 : dataOutBytes - headerBytes);
  }, 0);

for (const [title, devices, play] of [
  ['over page 0Eh', [module(1), module(2), DRIVES], sesPlayOf()],
  ['over WRITE BUFFER', [1, 2].map((process) => module(process, { persona: 'hp-sas-expander' })), undefined],
] as const) {
  labs(`two modules of one enclosure are never at work together, ${title}`, async () => {
    const end = await runLab({
      devices,
      strategy: { concurrent: 4, maxFailures: 4 },
      ...(play === undefined ? {} : { plays: [play] }),
    });
    assert.is(end.outcomes, 'updated updated');
    const [first, second] = end.devices;
    const [one, two] = [atWork(first!), atWork(second!)].sort(([a], [b]) => a - b);
    assert.ok(one![1] <= two![0], `one until ${one![1]} ms, the other from ${two![0]} ms`);
    assert.equal(end.devices.slice(2).flatMap(writesOf), [], 'and nothing was written to the drives');
  });
}

labs('two modules of different enclosures are at work together', async () => {
  const other = { id: '0x3000000e0200003f', process: 1, of: 1 };
  const end = await runLab({
    devices: [
      module(1, { enclosure: { id: ENCLOSURE, process: 1, of: 1 } }),
      module(2, { enclosure: other }),
    ],
    strategy: { concurrent: 2 },
    plays: [sesPlayOf()],
  });
  const [one, two] = end.devices.map(atWork).sort(([a], [b]) => a - b);
  assert.ok(one![1] > two![0]);
});

labs('one device on two paths is written once, over one of them', async () => {
  const { devices, outcomes } = await runLab({
    devices: [{ paths: [{}, { adapter: 7, 'port-address': '0x5000000000000002' }] }, {}],
    strategy: { concurrent: 4 },
  });
  assert.is(outcomes, 'updated updated');
  for (const device of devices) {
    assert.is(bytesTo(device), IMAGE.length);
    assert.is(new Set(writesOf(device).map(({ nexus }) => nexus)).size, 1);
  }
});

labs('a module on two paths waits for its partner on two paths, and each is written once', async () => {
  const paths = (n: number): NonNullable<LabDeviceWords['paths']> => [
    { adapter: 6, behind: [`iom-${n}`] },
    { adapter: 7, behind: [`iom-${n}`] },
  ];
  const { devices, outcomes } = await runLab({
    devices: [module(1, { paths: paths(1) }), module(2, { paths: paths(2) })],
    strategy: { concurrent: 4 },
    plays: [sesPlayOf()],
  });
  assert.is(outcomes, 'updated updated');
  assert.equal(devices.map(bytesTo), [IMAGE.length, IMAGE.length]);
  const [one, two] = devices.map(atWork).sort(([a], [b]) => a - b);
  assert.ok(one![1] <= two![0]);
});

labs('a module that does not bring its paths back is degraded and stops its partner: exit 7', async () => {
  const { devices, outcomes, results, exit } = await runLab({
    devices: [module(1, { restart: { 'lost-paths': 2 } }), module(2), DRIVES],
    strategy: { concurrent: 2, maxFailures: 5 },
    plays: [sesPlayOf()],
  });
  assert.is(outcomes, 'degraded skipped');
  assert.is(exit.code, 7);
  assert.match(results[0]!.reason!, /runs 2\.10.*2 paths did not come back: drive naa\..* on adapter 6/);
  assert.match(results[1]!.reason!, /its partner .* ended degraded/);
  assert.equal(writesOf(devices[1]!), []);
});

labs('a partner that is not there is missed before the first byte', async () => {
  const { devices, outcomes, results } = await runLab({ devices: [module(1)], plays: [sesPlayOf()] });
  assert.is(outcomes, 'refused');
  assert.match(results[0]!.reason!, /has 2 modules, and this host sees 1/);
  assert.equal(writesOf(devices[0]!), []);
});

labs('a partner that follows by itself is waited for, and nothing is sent to it', async () => {
  const enclosure = { id: ENCLOSURE, process: 2, of: 2, follows: '30s' };
  const { devices, outcomes, clock } = await runLab({
    devices: [module(1), module(2, { enclosure })],
    strategy: { partnerSync: 'both' },
    plays: [sesPlayOf()],
  });
  assert.is(outcomes, 'updated current');
  assert.equal(writesOf(devices[1]!), []);
  assert.is(devices[1]!.microcode.running.revision, '2.10');
  assert.ok(clock.nowMs() > 30_000);
});

labs('a module comes back as another node and is found', async () => {
  const { outcomes, events } = await runLab({
    devices: [module(1, { restart: { leaves: { for: '10s', node: 'sg40' } } }), module(2)],
    plays: [sesPlayOf()],
  });
  assert.is(outcomes, 'updated updated');
  assert.ok(
    events.some((event) => event.type === 'notice' && /came back as \/dev\/sg40/.test(event.message)),
  );
});

labs('a unit that got another node since the plan was made is written there', async () => {
  const { outcomes, events, devices } = await runLab({
    devices: [{ revision: '2.10' }, {}],
    prepare: ([, card]) => card!.leave({ forMs: 0, removed: true, node: '/dev/sg40' }),
  });
  assert.is(outcomes, 'current updated');
  assert.ok(
    events.some((event) => event.type === 'notice' && /came back as \/dev\/sg40/.test(event.message)),
  );
  assert.is(bytesTo(devices[1]!), IMAGE.length);
});

labs('another unit in the place of a module is degraded, and its partner is not begun', async () => {
  const leaves = { for: '10s', 'sas-address': '0x5000000000000099' };
  const { devices, outcomes } = await runLab({
    devices: [module(1, { restart: { leaves } }), module(2)],
    plays: [sesPlayOf()],
  });
  assert.is(outcomes, 'degraded skipped');
  assert.equal(writesOf(devices[1]!), []);
});

labs('an expander behind another one is not at work while that is', async () => {
  const behind = (expanders: string[]): Partial<LabDeviceWords> => ({
    latency: '5ms',
    paths: [{ behind: expanders }],
  });
  const { devices, outcomes } = await runLab({
    devices: [behind(['head']), behind(['head', 'tail']), behind(['elsewhere'])],
    strategy: { concurrent: 4 },
  });
  assert.is(outcomes, 'updated updated updated');
  const [head, tail, elsewhere] = devices.map(atWork);
  assert.ok(head![1] <= tail![0] || tail![1] <= head![0]);
  assert.ok(elsewhere![0] < Math.max(head![1], tail![1]), 'the third one does not wait for both');
});

labs('the last path of a drive in use is not taken', async () => {
  const { outcomes, results } = await runLab({
    devices: [
      { paths: [{ behind: ['card'] }] },
      {
        persona: 'disk',
        revision: '0001',
        count: 2,
        users: ['mounted on /srv'],
        paths: [{ behind: ['card'] }],
      },
    ],
  });
  assert.is(outcomes, 'refused');
  assert.match(results[0]!.reason!, /takes the last path of 2 drives in use \(mounted on \/srv\)/);
});

labs.run();
