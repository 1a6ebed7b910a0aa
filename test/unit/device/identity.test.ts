import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { Device } from '../../../src/device/device.ts';
import { contradicts, identify, identityChange, identityId, sameUnit } from '../../../src/device/identity.ts';
import type { IdentityFact, UnitIdentity } from '../../../src/device/identity.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import { outcomeFor } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

const unit = (
  logicalUnit: string | null,
  serialNumber: string | null = null,
  ...more: string[]
): UnitIdentity => ({
  logicalUnit,
  serialNumber,
  designators: [...(logicalUnit === null ? [] : [logicalUnit]), ...more],
});
const NAMELESS = unit(null);
const unread = (identity: UnitIdentity, ...pages: IdentityFact[]): UnitIdentity => ({
  ...identity,
  unread: pages,
});

const test = suite('device/identity');

for (const [title, identity, expected] of [
  ['the logical unit', unit('naa.5000', 'S1', 't10.X'), 'naa.5000'],
  ['a T10 designator', unit(null, 'S1', 'naa.port', 't10.X'), 't10.X'],
  ['the serial number', unit(null, 'S1'), 'sn.S1'],
  ['nothing', NAMELESS, null],
] as const) {
  test(`the id of a unit is ${title}`, () => assert.is(identityId(identity), expected));
}

for (const [title, a, b, expected] of [
  ['equal designators', unit('naa.1'), unit('naa.1'), true],
  [
    'equal designators are one unit whatever the serial numbers say',
    unit('naa.1', 'S1'),
    unit('naa.1', 'S2'),
    true,
  ],
  ['a serial number never makes two designators one', unit('naa.1', 'S1'), unit('naa.2', 'S1'), false],
  ['a serial number beside one designator', unit('naa.1', 'S1'), unit(null, 'S1'), false],
  ['serial numbers where nobody has a designator', unit(null, 'S1'), unit(null, 'S1'), true],
  ['nothing is not the same as nothing', NAMELESS, NAMELESS, false],
] as const) {
  test(`the same unit? ${title}: ${expected ? 'yes' : 'no'}`, () => {
    assert.is(sameUnit(a, b), expected);
    assert.is(sameUnit(b, a), expected);
  });
}

for (const [title, before, now, expected] of [
  ['the same', unit('naa.1', 'S1'), unit('naa.1', 'S1'), false],
  ['another designator', unit('naa.1', 'S1'), unit('naa.2', 'S1'), true],
  ['another serial number', unit('naa.1', 'S1'), unit('naa.1', 'S2'), true],
  ['the serial number is gone', unit('naa.1', 'S1'), unit('naa.1'), true],
  ['the designator is gone', unit('naa.1'), unit(null), true],
  ['new code brings a serial number', unit('naa.1'), unit('naa.1', 'S1'), false],
  ['new code brings a designator', unit(null, 'S1'), unit('naa.1', 'S1'), false],
  ['another T10 designator', unit(null, null, 't10.A'), unit(null, null, 't10.B'), true],
  ['the same port', unit(null, null, 'naa.port'), unit('naa.1', 'S1', 'naa.port'), false],
  ['another port', unit(null, null, 'naa.port'), unit(null, null, 'naa.other'), true],
  ['a unit without any identity is known by its place', NAMELESS, unit('naa.1', 'S1'), false],
  ['the serial number cannot be read', unit('naa.1', 'S1'), unread(unit('naa.1'), 'vpd-80h'), false],
  ['the designators cannot be read', unit('naa.1', 'S1'), unread(unit(null, 'S1'), 'vpd-83h'), false],
  ['nothing can be read', unit('naa.1', 'S1'), unread(NAMELESS, 'vpd-80h', 'vpd-83h'), false],
  ['what can be read is different', unit('naa.1', 'S1'), unread(unit(null, 'S2'), 'vpd-83h'), true],
  ['a damaged page names another unit', unit('naa.1'), unread(unit('naa.2'), 'vpd-83h'), true],
] as const) {
  test(`does it speak against the unit from before? ${title}: ${expected ? 'yes' : 'no'}`, () => {
    assert.is(contradicts(before, now), expected);
  });
}

/** A unit with all its pages, of which it refuses these with 5/24/00 from `refuse` on. */
function unitWithPages(): { readonly device: Device; readonly refuse: (...pages: number[]) => void } {
  const clock = new VirtualClock();
  const persona = PERSONAS.disk;
  const { vendor, product } = persona;
  const identity = { vendor, product, serial: 'S1', naa: '50014380ab000000' };
  const simulator = new SimulatedDevice({ persona, identity, revision: '2.10', images: [], clock });
  let refused: readonly number[] = [];
  simulator.putInFront(({ cdb }) =>
    cdb[0] === OperationCode.inquiry && (cdb[1]! & 1) === 1 && refused.includes(cdb[2]!)
      ? outcomeFor('5/24/00')
      : undefined,
  );
  const transport = openSimulated({ device: simulator, nexus: '6:0:0:0', node: '/dev/sg1' });
  return {
    device: new Device(transport, { clock, find: () => Promise.resolve(null) }),
    refuse: (...pages) => void (refused = pages),
  };
}

for (const [title, before, now, text] of [
  ['the same', unit('naa.1', 'S1'), unit('naa.1', 'S1'), null],
  [
    'another one',
    unit('naa.1', 'S1'),
    unit('naa.2', 'S2'),
    /^another identity is here than before: naa\.1 .* was, naa\.2 .* is$/,
  ],
  [
    'another serial number',
    unit('naa.1', 'S1'),
    unit('naa.1', 'S2'),
    /^its serial number changed: serial number S1 before, serial number S2 now$/,
  ],
  [
    'no designator any more',
    unit('naa.1', 'S1'),
    unit(null, 'S1'),
    /^it has no designator any more \(VPD page 83h\), and was naa\.1 .*; it shows serial number S1 now$/,
  ],
] as const) {
  test(`what is said of a changed identity: ${title}`, () => {
    const said = identityChange(before, now);
    if (text === null) assert.is(said, null);
    else assert.match(said!, text);
  });
}

test('without page 00h each page is asked for itself', async () => {
  const { device, refuse } = unitWithPages();
  refuse(0x00);
  const { logicalUnit, serialNumber } = (await identify(device)).identity;
  assert.equal([logicalUnit, serialNumber], ['naa.50014380ab000000', 'S1']);
});

for (const [pages, unread] of [
  [[0x00], undefined],
  [[0x80], ['vpd-80h']],
  [[0x83], ['vpd-83h']],
  [
    [0x00, 0x80, 0x83],
    ['vpd-80h', 'vpd-83h'],
  ],
] as const) {
  test(`pages that were there a moment ago are refused with 5/24/00 (${pages.join()}): unreadable, not absent`, async () => {
    const { device, refuse } = unitWithPages();
    const { identity: before } = await identify(device);
    refuse(...pages);
    const { identity: now } = await identify(device, before);
    assert.equal(now.unread, unread);
    assert.is(contradicts(before, now), false);
    assert.is((await identify(device)).identity.unread, undefined, 'who did not know it takes it for absent');
  });
}

test.run();
