import * as assert from 'uvu/assert';
import { matchesPattern, whyNotSelected } from '../../../../src/run/facts/match.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, playOf } from '../builders.ts';

const test = suite('run/match');

for (const [pattern, text, expected] of [
  ['HP', 'HP', true],
  ['HP', 'HP      ', true],
  ['HP  ', 'HP', true],
  ['HP', 'HPE', false],
  ['HP', 'hp', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['HP*', 'HPE', true],
  ['*Card', 'HP SAS EXP Card', true],
  ['HP*EXP*', 'HP SAS EXP Card', true],
  ['HP*EXP', 'HP SAS EXP Card', false],
  ['ST4000.', 'ST40000', false],
  ['A(1)', 'A(1)', true],
  ['A[1]+', 'A[1]+', true],
  ['', '', true],
  ['', 'x', false],
] as const) {
  test(`"${pattern}" ${expected ? 'matches' : 'does not match'} "${text}"`, () => {
    assert.is(matchesPattern(pattern, text), expected);
  });
}

const CARD = factsOf(1);

for (const [title, match, expected] of [
  ['everything fits', {}, null],
  ['revision is not part of the choice', { revision: ['9.99'] }, null],
  ['type', { deviceType: 0, type: 'disk' }, 'is not of type disk'],
  ['vendor', { vendor: 'HPE' }, 'vendor is "HP", not "HPE"'],
  ['product', { product: 'D2*' }, 'product is "HP SAS EXP Card", not "D2*"'],
  ['identity', { identity: ['SN2', 'naa.5000000000000000'] }, 'is not among match.identity'],
  ['identity by serial number', { identity: ['SN1'] }, null],
  ['a node is not an identity', { identity: ['/dev/sg1', 'sg1', '6:0:1:0'] }, 'is not among match.identity'],
  ['the case of a serial number counts', { identity: ['sn1'] }, 'is not among match.identity'],
  ['identity by designator', { identity: ['naa.50014380ab000001'] }, null],
] as const) {
  test(`why a play does not select a unit: ${title}`, () => {
    assert.is(whyNotSelected(playOf({ match }).match, CARD), expected);
  });
}

test.run();
