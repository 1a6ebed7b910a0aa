import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { TransportError } from '../../../../src/base/errors.ts';
import { partnersOf } from '../../../../src/run/facts/domains.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { PERSONAS } from '../../../../src/simulator/personas.ts';
import type { PersonaName } from '../../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { isModule } from '../modules.ts';
import type { ModuleWords } from '../modules.ts';

const clock = new VirtualClock();

function card(
  naa: string,
  serial: string,
  revision = '2.08',
  kind: PersonaName = 'hp-sas-expander',
): SimulatedDevice {
  const persona = PERSONAS[kind];
  const { vendor, product } = persona;
  return new SimulatedDevice({
    persona,
    identity: { vendor, product, serial, naa },
    revision,
    images: [],
    clock,
  });
}

const NAA = '50014380ab000000';
const OTHER_NAA = '50014380ab000040';

async function look(
  devices: readonly SimulatedDevice[],
  change: (host: SimulatedHost) => void = () => undefined,
  types = new Set([0x0d]),
): Promise<readonly DeviceFacts[]> {
  const host = new SimulatedHost(
    devices.map((device, n) => ({ device, hctl: `6:0:${n}:0`, node: `/dev/sg${n}` })),
  );
  change(host);
  return inspect(host, types, clock);
}

const short = ({ id, paths, problem }: DeviceFacts): string =>
  `${id} over ${paths.map(({ sgNode }) => sgNode).join(' ')}${problem === null ? '' : `: ${problem.message}`}`;

const test = suite('run/inspect');

test('every unit is asked who it is, and nothing but INQUIRY and pages 00h and 01h is sent', async () => {
  const devices = [card(NAA, 'S1'), card(OTHER_NAA, 'S2')];
  const facts = await look(devices);
  assert.equal(facts.map(short), [`naa.${NAA} over /dev/sg0`, `naa.${OTHER_NAA} over /dev/sg1`]);
  assert.is(facts[0]!.revision, '2.08');
  assert.is(facts[0]!.identity!.serialNumber, 'S1');
  for (const { log } of devices) {
    assert.ok(log.length > 0);
    assert.ok(log.every(({ cdb }) => cdb[0] === 0x12 || (cdb[0] === 0x1c && cdb[2]! <= 0x01)));
  }
});

test('pending unit attentions of other units than enclosures stay pending', async () => {
  const device = card(NAA, 'S1', '0001', 'disk');
  await look([device], undefined, new Set([0x00]));
  assert.is(Object.values(device.unitAttentions.pending())[0]!.length, 1);
});

test('two paths to one unit are one unit', async () => {
  const device = card(NAA, 'S1');
  assert.equal((await look([device, device])).map(short), [`naa.${NAA} over /dev/sg0 /dev/sg1`]);
});

test('one serial number on two designators are two units', async () => {
  assert.is((await look([card(NAA, 'S1'), card(OTHER_NAA, 'S1')])).length, 2);
});

test('one designator with two serial numbers, or revisions, is a contradiction', async () => {
  const serials = await look([card(NAA, 'S1'), card(NAA, 'S2')]);
  assert.is(serials.length, 1);
  assert.match(short(serials[0]!), /share the designator .* but show serial number S1 and S2/);
  const revisions = await look([card(NAA, 'S1'), card(NAA, 'S1', '2.06')]);
  assert.match(short(revisions[0]!), /but show revision 2.08 and 2.06/);
});

test('one designator with two enclosures, or two processes of one, is a contradiction', async () => {
  const modules = (first: ModuleWords, second: ModuleWords): SimulatedDevice[] => {
    const devices = [card(NAA, 'S1'), card(NAA, 'S1')];
    isModule(devices[0]!, first);
    isModule(devices[1]!, second);
    return devices;
  };
  const enclosures = await look(modules({ process: 1 }, { enclosure: OTHER_NAA, process: 1 }));
  assert.match(short(enclosures[0]!), /but show enclosure 50014380ab00003f and 50014380ab000040/);
  const processes = await look(modules({ process: 1 }, { process: 2 }));
  assert.match(short(processes[0]!), /but show enclosure services process 1 and 2/);
});

test('equal page 01h over two paths, or a path without it, is not a contradiction', async () => {
  const both = card(NAA, 'S1');
  isModule(both, { process: 2 });
  assert.equal((await look([both, both])).map(short), [`naa.${NAA} over /dev/sg0 /dev/sg1`]);
  const [unit] = await look([card(NAA, 'S1'), both]);
  assert.is(short(unit!), `naa.${NAA} over /dev/sg0 /dev/sg1`);
  assert.is(unit!.enclosures![0]!.relativeProcessId, 2);
});

test('two modules of one enclosure, with one serial number, are two units', async () => {
  const devices = [card(NAA, 'S1'), card(OTHER_NAA, 'S1')];
  devices.forEach((device, n) => isModule(device, { process: n + 1 }));
  const facts = await look(devices);
  assert.is(facts.length, 2);
  assert.equal(partnersOf(facts[0]!, facts), [facts[1]]);
});

test('a fresh INQUIRY counts, not what the kernel scanned', async () => {
  const device = card(NAA, 'S1');
  const [facts] = await look([device], () => (device.shownRevision = '2.10'));
  assert.is(facts!.revision, '2.10');
  assert.is(facts!.paths[0]!.revision, '2.08');
});

test('units of other types are told as scanned, and not opened', async () => {
  const device = card(NAA, 'S1');
  const facts = await look([device], undefined, new Set([0]));
  assert.equal(facts.map(short), [`naa.${NAA} over /dev/sg0`]);
  assert.is(facts[0]!.identity, null);
  assert.equal(device.log, []);
});

test('a unit that does not answer is there, with the reason', async () => {
  const device = card(NAA, 'S1');
  device.leave({ forMs: 1e9 });
  const [facts] = await look([device]);
  assert.match(short(facts!), /INQUIRY.*DID_NO_CONNECT/);
});

test('a node that cannot be opened is there, with the reason', async () => {
  const [facts] = await look([card(NAA, 'S1')], (host) => {
    host.open = () => Promise.reject(new TransportError('not-permitted', '/dev/sg0: permission denied'));
  });
  assert.match(short(facts!), /permission denied/);
  assert.is(facts!.problem!.layer, 'open');
});

test('a path that cannot be opened makes its unit one that is not written to, and not one more unit', async () => {
  const device = card(NAA, 'S1');
  for (const busy of ['/dev/sg0', '/dev/sg1']) {
    const facts = await look([device, device], (host) => {
      const open = host.open.bind(host);
      host.open = (path, access) =>
        path.sgNode === busy
          ? Promise.reject(new TransportError('node-busy', `${busy}: another program has it open`))
          : open(path, access);
    });
    assert.equal(facts.map(short), [
      `naa.${NAA} over /dev/sg0 /dev/sg1: ${busy}: another program has it open`,
    ]);
    assert.is(facts[0]!.identity!.serialNumber, 'S1', 'what the other path showed');
  }
});

test('one designator at two addresses, where no SAS address is known, is a contradiction', async () => {
  const twice = (addresses: readonly (string | null)[], hctls: readonly string[]) =>
    look([card(NAA, 'S1'), card(NAA, 'S1')], (host) => {
      const discover = host.discover.bind(host);
      host.discover = async () =>
        (await discover()).map((path, n) => ({ ...path, hctl: hctls[n]!, sasAddress: addresses[n]! }));
    });
  const [unit] = await twice([null, null], ['0:0:2:0', '1:0:0:0']);
  assert.match(short(unit!), /share the designator .* but show the same port at address 0:2:0 and 0:0:0/);
  for (const [addresses, hctls] of [
    [
      [null, null],
      ['0:0:2:0', '1:0:2:0'],
    ],
    [
      ['0x50014380ab000001', '0x50014380ab000002'],
      ['0:0:2:0', '1:0:0:0'],
    ],
  ] as const) {
    assert.equal(
      (await twice(addresses, hctls)).map(({ problem }) => problem),
      [null],
    );
  }
});

test('a bug is not a reason to go on', async () => {
  let caught: unknown;
  await look([card(NAA, 'S1')], (host) => {
    host.open = () => Promise.reject(new TypeError('a bug'));
  }).catch((error: unknown) => (caught = error));
  assert.instance(caught, TypeError);
});

test.run();
