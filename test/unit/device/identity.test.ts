import * as assert from 'uvu/assert';
import { contradicts, identityId, sameUnit } from '../../../src/device/identity.ts';
import type { IdentityFact, UnitIdentity } from '../../../src/device/identity.ts';
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

test.run();
