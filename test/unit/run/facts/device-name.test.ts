import * as assert from 'uvu/assert';
import { isIdentifiedBy, isNamed, namesOn, writtenName } from '../../../../src/run/facts/device-name.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, pathOf } from '../builders.ts';

const test = suite('run/device-name');

const path = pathOf(1, {
  blockNode: '/dev/sdc',
  wwid: 'naa.50014380ab000001',
  sasAddress: '0x50014380ab000003',
});
const CARD = factsOf(1, { paths: [path] });

for (const [name, expected] of [
  ['/dev/sg1', true],
  ['sg1', true],
  ['/dev/sdc', true],
  ['sdc', true],
  ['SG1', true],
  ['sg10', false],
  ['/dev/sg', false],
  ['6:0:1:0', true],
  ['[6:0:1:0]', true],
  ['/dev/bsg/6:0:1:0', true],
  ['6:0:1:1', false],
  ['naa.50014380ab000001', true],
  ['NAA.50014380AB000001', true],
  ['0x50014380ab000001', true],
  ['0X50014380AB000001', true],
  ['50014380ab000001', true],
  ['wwn-0x50014380ab000001', true],
  ['50014380ab00000', false],
  ['0x50014380AB000003', true],
  ['50014380ab000003', true],
  ['SN1', true],
  ['sn1', true],
  ['sn.SN1', true],
  ['SN', false],
  ['', false],
  ['sn.', false],
] as const) {
  test(`"${name}" ${expected ? 'is' : 'is not'} a name of the card`, () => {
    assert.is(isNamed(CARD, writtenName(name)), expected);
  });
}

test('the id is a name with its prefix and without, also where it is a serial number or a T10 designator', () => {
  const bySerial = factsOf(1, {
    id: 'sn.AB C1',
    identity: { logicalUnit: null, designators: [], serialNumber: 'AB C1' },
  });
  for (const name of ['sn.AB C1', 'AB C1', 'SN.ab c1', 'ab c1'])
    assert.ok(isNamed(bySerial, writtenName(name)), name);
  const t10 = 't10.HP      CARD0001';
  const byDesignator = factsOf(1, {
    id: t10,
    identity: { logicalUnit: null, designators: [t10], serialNumber: null },
  });
  for (const name of [t10, 'HP      CARD0001', 'T10.hp      card0001'])
    assert.ok(isNamed(byDesignator, writtenName(name)), name);
});

test('a serial number with bytes that are not shown is named by what is shown of it', () => {
  const exact = 'hex:5345523132333400007a7a';
  const odd = factsOf(1, {
    id: `sn.${exact}`,
    identity: { logicalUnit: null, designators: [], serialNumber: exact },
  });
  for (const name of ['SER1234', 'sn.SER1234', exact, `sn.${exact}`])
    assert.ok(isNamed(odd, writtenName(name)), name);
  assert.ok(isIdentifiedBy(odd, 'SER1234'), 'match.identity, too');
  assert.not.ok(isNamed(odd, writtenName('SER1234zz')));
});

test('what the host has under a name is that unit, whatever the name looks like', async () => {
  const host = {
    hctlsNamed: (name: string) => Promise.resolve(name === '/dev/disk/by-id/x' ? ['6:0:1:0'] : []),
  };
  const [link, other] = await namesOn(host, ['/dev/disk/by-id/x', '/dev/disk/by-id/y']);
  assert.ok(isNamed(CARD, link!));
  assert.not.ok(isNamed(CARD, other!));
  assert.not.ok(isNamed(factsOf(2), link!));
});

test.run();
