import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { TransportError } from '../../../src/base/errors.ts';
import type { LabDeviceWords, LabFile } from '../../../src/generated/lab.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import { LabError, standardImage } from '../../../src/simulator/lab-images.ts';
import { parseLabState, serialiseLabState } from '../../../src/simulator/lab-state-file.ts';
import type { LabState } from '../../../src/simulator/lab-state.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, activateMc, chunk, deviceOf, freshDeviceOf, said } from './device-under-test.ts';

const hosts = suite('simulator: the host of a lab');

const images = new Map([['fw.bin', standardImage(10_000)]]);
const labOf = (...devices: LabDeviceWords[]): LabFile => ({
  lab: 'v1',
  images: [{ name: 'fw.bin', bytes: 10_000, rule: 'standard', revision: '2.10' }],
  devices: devices,
});
const card = (more: Partial<LabDeviceWords> = {}): LabDeviceWords => ({
  persona: 'hp-sas-expander',
  revision: '2.08',
  ...more,
});
const hostOf = (...devices: LabDeviceWords[]): SimulatedHost =>
  createLabHost(labOf(...devices), { images, clock: new VirtualClock(), keepLog: true });

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof TransportError ? error.code : String(error)),
  );
}

async function upgrade(host: SimulatedHost, index = 0): Promise<void> {
  const device = (await host.discover())[index]!;
  const transport = await host.open(device, 'change');
  await transport.execute(testUnitReady());
  for (let at = 0; at < 10_000; at += 5000) {
    assert.is(said(await transport.execute(chunk(0x0e, at, IMAGE.bytes.subarray(at, at + 5000)))), 'good');
  }
  assert.is(said(await transport.execute(activateMc)), 'good');
  await transport.close();
}

hosts('shows the bytes of its words, and lists them as the kernel reads them', async () => {
  const host = hostOf(card({ vendor: '', product: 'A\0B\xff', serial: 'S\0\x01' }));
  const [device] = await host.discover();
  assert.equal([device!.vendor, device!.product], ['', 'A']);
  const bytes = host.devices[0]!.execute(standardInquiry(), '6:0:0:0').dataIn;
  assert.is(Buffer.from(bytes.subarray(8, 22)).toString('latin1'), '        A\0B\xff  ');
});

hosts(
  'changes vendor, serial number and link rate with new code, and goes back to none of them',
  async () => {
    const lab = labOf(card({ 'new-serial': 'S2', serial: 'S1', 'link-rate': '3.0 Gbit' }));
    const image = { ...lab.images![0]!, vendor: 'HPE', product: 'NEW CARD', 'link-rate': '6.0 Gbit' };
    const saved: LabState[] = [];
    const words = { ...lab, images: [image] };
    const host = createLabHost(words, {
      images,
      clock: new VirtualClock(),
      save: (state) => void saved.push(state),
    });
    const shown = ({ identity, linkRate }: SimulatedDevice): unknown[] => [
      identity.vendor,
      identity.product,
      identity.serial,
      linkRate,
    ];
    assert.equal(shown(host.devices[0]!), ['HP', 'HP SAS EXP Card', 'S1', '3.0 Gbit']);
    await upgrade(host);
    const after = ['HPE', 'NEW CARD', 'S2', '6.0 Gbit'];
    assert.equal(shown(host.devices[0]!), after);
    const savedState = parseLabState('s', serialiseLabState(saved.at(-1)!));
    const next = createLabHost(words, { images, clock: new VirtualClock(), savedState });
    assert.equal(shown(next.devices[0]!), after);
  },
);

hosts('lists its devices as Linux would, with what was given', async () => {
  const host = hostOf(card({ node: 'sg3', serial: 'S1', 'sas-address': '0x50014380AB000123' }));
  assert.equal(await host.discover(), [
    {
      hctl: '6:0:0:0',
      deviceType: 0x0d,
      vendor: 'HP',
      product: 'HP SAS EXP Card',
      revision: '2.08',
      sasAddress: '0x50014380ab000123',
      hbaDriver: 'mpt3sas',
      sgNode: '/dev/sg3',
      blockNode: null,
      wwid: 'naa.50014380ab000123',
      state: 'running',
      limits: { maximumTransferBytes: 524288, scatterGatherEntries: 128 },
    },
  ]);
});

hosts('gives the other devices the next free nodes, and addresses and serials of their own', async () => {
  const host = hostOf(card(), card({ node: 'sg1' }), card(), { persona: 'disk', revision: '0001' });
  const found = await host.discover();
  assert.equal(
    found.map(({ sgNode }) => sgNode),
    ['/dev/sg0', '/dev/sg1', '/dev/sg2', '/dev/sg3'],
  );
  assert.equal(
    found.map(({ hctl }) => hctl),
    ['6:0:0:0', '6:0:1:0', '6:0:2:0', '6:0:3:0'],
  );
  assert.is(new Set(found.map(({ wwid }) => wwid)).size, 4);
  assert.is(new Set(host.devices.map(({ identity }) => identity.serial)).size, 4);
});

hosts('shows the revision as it was scanned until somebody rescans', async () => {
  const host = hostOf(card());
  await upgrade(host);
  const [before] = await host.discover();
  assert.is(before!.revision, '2.08', 'stale, as sysfs is');
  const transport = await host.open(before!, 'read');
  const fresh = standardInquiry().decode((await transport.execute(standardInquiry())).dataIn);
  assert.is(fresh.revision, '2.10');
  await transport.close();
  await host.rescan(before!);
  const [after] = await host.discover();
  assert.equal([after!.revision, after!.sgNode], ['2.10', '/dev/sg0']);
  assert.equal(host.recorded, [{ action: 'rescan', node: '/dev/sg0' }]);
});

hosts(
  'gives a rescanned unit another node while somebody holds the old one, whose path is dead',
  async () => {
    const host = hostOf(card(), card());
    const [device] = await host.discover();
    const held = await host.open(device!, 'change');
    await host.rescan(device!);
    const found = await host.discover();
    assert.equal(
      found.map(({ sgNode }) => sgNode),
      ['/dev/sg2', '/dev/sg1'],
    );
    assert.is(said(await held.execute(testUnitReady())), 'errno 19');
    assert.is(await codeOf(host.open(device!, 'read')), 'open-failed');
    await held.close();
  },
);

hosts('lets nobody change a device who came to look', async () => {
  const host = hostOf(card());
  const [device] = await host.discover();
  const transport = await host.open(device!, 'read');
  assert.is(await codeOf(transport.execute(chunk(0x0e, 0, IMAGE.bytes))), 'changes-device');
  assert.is(await codeOf(transport.execute(testUnitReady())), 'changes-device');
  assert.is(host.devices[0]?.log.length, 0);
});

hosts('opens nothing that is not there', async () => {
  const host = hostOf(card());
  const [device] = await host.discover();
  assert.is(await codeOf(host.open({ ...device!, sgNode: '/dev/sg7' }, 'read')), 'open-failed');
  assert.is(await codeOf(host.rescan({ ...device!, sgNode: null })), 'open-failed');
});

hosts('records programs and driver reloads and does neither', async () => {
  const host = hostOf(card());
  await upgrade(host);
  assert.equal(await host.run(['/bin/false', 'x'], 5000), { exitCode: 0, output: '', timedOut: false });
  await host.reloadDriver('hpsa');
  assert.is((await host.discover())[0]!.revision, '2.08');
  await host.reloadDriver('mpt3sas');
  assert.is((await host.discover())[0]!.revision, '2.10', 'the driver of the lab finds its units again');
  assert.equal(host.recorded, [
    { action: 'run', argv: ['/bin/false', 'x'], timeoutMs: 5000 },
    { action: 'reload-driver', driver: 'hpsa' },
    { action: 'reload-driver', driver: 'mpt3sas' },
  ]);
});

hosts('takes the latency of a device for each command', async () => {
  const clock = new VirtualClock();
  const host = createLabHost(labOf(card({ latency: '50ms' })), { images, clock });
  const transport = await host.open((await host.discover())[0]!, 'change');
  const { durationMs } = await transport.execute(testUnitReady());
  await transport.execute(testUnitReady());
  assert.equal([durationMs, clock.nowMs()], [50, 100]);
});

hosts('puts the faults of a device in front of it', async () => {
  const host = hostOf(card({ faults: [{ command: 'test-unit-ready', nth: 2, sense: '2/04/1D' }] }));
  const transport = await host.open((await host.discover())[0]!, 'change');
  const said3 = [];
  for (let i = 0; i < 3; i++) said3.push(said(await transport.execute(testUnitReady())));
  assert.equal(said3, ['6/29/00', '2/04/1D', 'good']);
});

hosts('loses a removed unit and finds it again under another node, with fresh strings', async () => {
  const host = hostOf(card(), card());
  await upgrade(host);
  const [device] = await host.discover();
  const old = await host.open(device!, 'change');
  host.devices[0]!.leave({ forMs: 1000, removed: true, node: '/dev/sg9' });
  assert.is(said(await old.execute(testUnitReady())), 'errno 19');
  assert.equal(
    (await host.discover()).map(({ sgNode }) => sgNode),
    ['/dev/sg1'],
  );
  assert.is(await codeOf(host.open(device!, 'change')), 'open-failed');
  await host.devices[0]!.clock.sleep(1000);
  const [back] = await host.discover();
  assert.equal([back!.sgNode, back!.revision, back!.wwid], ['/dev/sg9', '2.10', device!.wwid]);
  assert.is(said(await old.execute(testUnitReady())), 'errno 19', 'the old path stays dead');
});

hosts('can bring another unit back in the same place', async () => {
  const host = hostOf(card());
  host.devices[0]!.leave({ forMs: 10, removed: true, becomes: { serial: 'X', naa: '50014380ff000000' } });
  await host.devices[0]!.clock.sleep(10);
  const [back] = await host.discover();
  assert.equal(
    [back!.sgNode, back!.wwid, back!.sasAddress],
    ['/dev/sg0', 'naa.50014380ff000000', '0x50014380ff000000'],
  );
});

hosts(
  'shows one device on two paths: one memory, unit attentions of each nexus, a port address each',
  async () => {
    const device = freshDeviceOf('disk');
    const host = new SimulatedHost([
      { device, hctl: '6:0:0:0', node: '/dev/sg0', portAddress: '5000000000000001' },
      { device, hctl: '7:0:0:0', node: '/dev/sg1', portAddress: '5000000000000002' },
    ]);
    assert.is(host.devices.length, 1);
    const found = await host.discover();
    assert.equal(
      found.map(({ sasAddress }) => sasAddress),
      ['0x5000000000000001', '0x5000000000000002'],
    );
    const [first, second] = await Promise.all(found.map((path) => host.open(path, 'change')));
    for (const path of [first!, second!]) {
      assert.is(said(await path.execute(testUnitReady())), '6/29/00');
      assert.is(said(await path.execute(testUnitReady())), 'good');
    }
    assert.is(said(await first!.execute(chunk(0x05, 0, IMAGE.bytes))), 'good');
    assert.is(said(await second!.execute(testUnitReady())), '6/3F/01');
    assert.is(standardInquiry().decode((await second!.execute(standardInquiry())).dataIn).revision, 'NEW');
  },
);

hosts('saves after each command that changed something, before its answer comes', async () => {
  const states: LabState[] = [];
  const host = createLabHost(labOf(card(), card()), {
    images,
    clock: new VirtualClock(),
    save: (state) => void states.push(state),
  });
  const transport = await host.open((await host.discover())[1]!, 'change');
  const savesAfter = async (command: Parameters<typeof transport.execute>[0]): Promise<number> => {
    await transport.execute(command);
    return states.length;
  };
  assert.is(await savesAfter(standardInquiry()), 0);
  assert.is(await savesAfter(testUnitReady()), 1, 'the unit attention is gone');
  assert.is(await savesAfter(testUnitReady()), 1);
  assert.is(await savesAfter(chunk(0x0e, 0, IMAGE.bytes)), 2);
  assert.equal(
    states.at(-1)?.devices.map(({ waiting }) => waiting.length),
    [0, 1],
  );
  assert.is(await savesAfter(activateMc), 3);
  assert.equal(
    states.at(-1)?.devices.map(({ shownRevision }) => shownRevision),
    ['2.08', '2.10'],
  );
});

for (const [title, devices, message] of [
  [
    'an unknown persona, with the nearest',
    [card({ persona: 'hp-sas-expandr' })],
    /^unknown-persona: .*did you mean hp-sas-expander\?/,
  ],
  [
    'a persona that is like none, with all of them',
    [card({ persona: 'constructor' })],
    /^unknown-persona: .*choose one of .*tape/,
  ],
  ['a node that appears twice', [card({ node: 'sg1' }), card({ node: 'sg1' })], /^bad-device: node sg1/],
  [
    'an address that appears twice',
    [card({ 'sas-address': '0x50014380ab000001' }), card({ 'sas-address': '0x50014380AB000001' })],
    /^bad-device: \/dev\/sg0 and \/dev\/sg1 of the lab have the same sas-address/,
  ],
  [
    'a revision that does not fit INQUIRY',
    [card({ revision: '2.08b' })],
    /^bad-device: revision of \/dev\/sg0.*"2.08b"/,
  ],
] as const) {
  hosts(`refuses ${title}`, () => {
    try {
      hostOf(...devices);
      assert.unreachable();
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      assert.match(`${error.code}: ${error.message}`, message);
    }
  });
}

hosts('keeps no log unless it is asked to, so that hundreds of devices stay small', async () => {
  const host = createLabHost(labOf(card()), { images, clock: new VirtualClock() });
  await upgrade(host);
  assert.is(host.devices[0]?.log.length, 0);
  assert.is(deviceOf('disk').log.length, 0);
});

hosts.run();
