import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import type { LabDeviceWords, LabFile } from '../../../src/generated/lab.ts';
import type { AttachedDevice } from '../../../src/host/host.ts';
import { inspect } from '../../../src/run/facts/inspect.ts';
import type { DeviceFacts } from '../../../src/run/facts/inspect.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE } from './device-under-test.ts';
import { drivesWords, ENCLOSURE, moduleWords } from './dual-module.ts';

const labs = suite('simulator: what hangs where in a lab');

const module = (process: number, more: Partial<LabDeviceWords> = {}): LabDeviceWords =>
  moduleWords(process, { revision: '0100', ...more });
const DRIVES = drivesWords(3);

interface Machine {
  readonly host: SimulatedHost;
  readonly clock: VirtualClock;
  /** H:C:T:L of what is there now. */
  readonly seen: () => Promise<string>;
}

function machineOf(devices: LabDeviceWords[], more: Partial<LabFile> = {}): Machine {
  const clock = new VirtualClock();
  const host = createLabHost({ lab: 'v1', devices, ...more }, { images: new Map(), clock, keepLog: true });
  const seen = async (): Promise<string> => (await host.discover()).map(({ hctl }) => hctl).join(' ');
  return { host, clock, seen };
}

const factsOf = ({ host, clock }: Machine): Promise<readonly DeviceFacts[]> =>
  inspect(host, new Set([0x0d]), clock);

labs('one device on two paths is one unit with two nodes, and an address for each port', async () => {
  const card = { persona: 'hp-sas-expander', revision: '2.08' };
  const machine = machineOf([
    { ...card, paths: [{ node: 'sg1' }, { node: 'sg4', adapter: 7, 'port-address': '0x5000000000000002' }] },
    card,
  ]);
  assert.is(machine.host.devices.length, 2);
  const attached = await machine.host.discover();
  assert.equal(
    attached.map(({ hctl, sgNode, sasAddress }) => [hctl, sgNode, sasAddress]),
    [
      ['6:0:0:0', '/dev/sg1', '0x50014380ab000000'],
      ['6:0:1:0', '/dev/sg0', '0x50014380ab000040'],
      ['7:0:0:0', '/dev/sg4', '0x5000000000000002'],
    ],
  );
  assert.equal(
    (await factsOf(machine)).map(({ paths }) => paths.length),
    [2, 1],
  );
});

labs('two modules are one enclosure, and two processes of it', async () => {
  const facts = await factsOf(machineOf([module(1), module(2)]));
  assert.equal(
    facts.map(({ enclosures }) => {
      const [own] = enclosures!;
      return [own!.logicalIdentifier, own!.relativeProcessId, own!.processCount];
    }),
    [
      ['3000000e0100003f', 1, 2],
      ['3000000e0100003f', 2, 2],
    ],
  );
});

labs('a card without SES pages says which module it is, and nothing else', async () => {
  const { host } = machineOf([module(2, { persona: 'hp-sas-expander', revision: '2.08' })]);
  const transport = await host.open((await host.discover())[0]!, 'read');
  const page = configuration.decode(
    (await transport.execute(receiveDiagnosticResults(configuration))).dataIn,
  );
  assert.equal(
    page.enclosures.map(({ relativeProcessId, revision }) => [relativeProcessId, revision]),
    [[2, '2.08']],
  );
  const other = { ...configuration, pageCode: 0x02 };
  assert.is((await transport.execute(receiveDiagnosticResults(other))).status, 2);
});

labs('the drives behind a module, their other paths and their users are seen', async () => {
  const [first] = await factsOf(machineOf([module(1), module(2), DRIVES]));
  const { ownExpanders, drives } = first!.topology;
  assert.equal(ownExpanders, ['iom-1']);
  assert.equal(
    drives.map(({ paths, users }) => [paths.map(({ hctl, through }) => `${hctl} ${through}`), users]),
    [1, 2, 3].map((n) => [[`6:0:${n}:0 true`, `7:0:${n}:0 false`], ['ZFS pool tank']]),
  );
});

labs('where the host shows no links, every drive of the adapter may be behind a card', async () => {
  const card = { persona: 'hp-sas-expander', revision: '2.08' };
  const drive = { persona: 'disk', revision: '0001', users: ['mounted on /srv'] };
  const [first] = await factsOf(machineOf([card, drive, { ...drive, paths: [{ adapter: 7 }] }]));
  const { drives, drivesAssumed } = first!.topology;
  assert.equal([drives.length, drivesAssumed, drives[0]!.users], [1, true, ['mounted on /srv']]);
  const [alone] = await factsOf(machineOf([card, { persona: 'disk', revision: '0001' }]));
  assert.equal(
    [alone!.topology.drives.length, alone!.topology.drivesAssumed],
    [0, false],
    'unless the lab does not speak of it',
  );
});

labs('a cascade: an expander above another one is on the path of everything behind both', async () => {
  const card = (behind: string[]): LabDeviceWords => ({
    persona: 'hp-sas-expander',
    revision: '2.08',
    paths: [{ behind }],
  });
  const facts = await factsOf(machineOf([card(['head']), card(['head', 'tail'])]));
  assert.equal(
    facts.map(({ topology }) => [topology.expanders, topology.ownExpanders]),
    [
      [['head'], ['head']],
      [['head', 'tail'], ['tail']],
    ],
  );
});

labs('what is behind a module is away while it restarts, and there again when it is ready', async () => {
  const { host, clock, seen } = machineOf([module(1), module(2), DRIVES]);
  const all = '6:0:0:0 6:0:1:0 6:0:2:0 6:0:3:0 7:0:0:0 7:0:1:0 7:0:2:0 7:0:3:0';
  assert.is(await seen(), all);
  host.devices[0]!.hardReset();
  assert.is(await seen(), '6:0:0:0 7:0:0:0 7:0:1:0 7:0:2:0 7:0:3:0');
  assert.is((await host.survey()).has('6:0:1:0'), false);
  await clock.sleep(3000);
  assert.is(await seen(), all);
});

labs('paths that are lost at a restart stay away', async () => {
  const { host, clock, seen } = machineOf([module(1, { restart: { 'lost-paths': 2 } }), module(2), DRIVES]);
  host.devices[0]!.powerCycle();
  await clock.sleep(10_000);
  assert.is(await seen(), '6:0:0:0 6:0:3:0 7:0:0:0 7:0:1:0 7:0:2:0 7:0:3:0');
  host.devices[1]!.powerCycle();
  await clock.sleep(10_000);
  assert.is(await seen(), '6:0:0:0 6:0:3:0 7:0:0:0 7:0:1:0 7:0:2:0 7:0:3:0', 'the other one loses none');
});

labs('a device can leave at its restart, and come back as another node and another unit', async () => {
  const leaves = { for: '20s', node: 'sg9', 'sas-address': '0x5000000000000099' };
  const { host, clock, seen } = machineOf([
    module(1, { restart: { 'ready-after': '30s', leaves } }),
    module(2),
  ]);
  host.devices[0]!.hardReset();
  assert.is(await seen(), '7:0:0:0');
  await clock.sleep(20_000);
  const [back] = await host.discover();
  assert.equal(
    [back!.sgNode, back!.wwid, host.devices[0]!.ready],
    ['/dev/sg9', 'naa.5000000000000099', false],
  );
  await clock.sleep(10_000);
  assert.is(host.devices[0]!.ready, true);
});

labs('a module follows its partner, up and down, when that has been ready for a while', async () => {
  const follows = (process: number): Partial<LabDeviceWords> => ({
    persona: 'hp-sas-expander',
    revision: '2.08',
    enclosure: { id: ENCLOSURE, process, of: 2, follows: '20s' },
  });
  const clock = new VirtualClock();
  const host = createLabHost(
    {
      lab: 'v1',
      images: [{ name: 'fw.bin', revision: '2.10' }],
      devices: [module(1, follows(1)), module(2, follows(2))],
    },
    { images: new Map([['fw.bin', IMAGE.bytes]]), clock },
  );
  const [first, second] = host.devices;
  const shown = (): string => {
    second!.execute(standardInquiry(), '7:0:0:0');
    return second!.shownRevision;
  };
  first!.microcode.run(0, { ...IMAGE, revision: '2.10' }, true);
  first!.startNewCode('6:0:0:0');
  assert.is(shown(), '2.08');
  await clock.sleep(21_000);
  assert.is(shown(), '2.08', 'it was ready after 2 s');
  await clock.sleep(2000);
  assert.is(shown(), '2.10');
  assert.is(second!.ready, false, 'it restarts');
  await clock.sleep(60_000);
  first!.execute(standardInquiry(), '6:0:0:0');
  assert.equal([first!.restarts, second!.restarts], [1, 1], 'and nobody follows once more');
});

labs('vendor, product, adapter driver and SATA are said by the lab', async () => {
  const { host } = machineOf([
    {
      persona: 'disk',
      revision: '0001',
      vendor: 'SEAGATE',
      product: 'ST32000444SS',
      sata: true,
      paths: [{ driver: 'megaraid_sas' }],
    },
  ]);
  const [disk] = await host.discover();
  const shown = ({ vendor, product, hbaDriver }: AttachedDevice): unknown => [vendor, product, hbaDriver];
  assert.equal(shown(disk!), ['SEAGATE', 'ST32000444SS', 'megaraid_sas']);
  assert.is((await host.survey()).get(disk!.hctl)!.isSata, true);
});

labs('attributes of sysfs are what the lab says, and no others', async () => {
  const { host } = machineOf([module(1)], { sysfs: { 'class/x/rate': '12.0 Gbit' } });
  assert.is(await host.readSysfs('class/x/rate'), '12.0 Gbit');
  assert.is(await host.readSysfs('constructor'), null);
});

labs.run();
