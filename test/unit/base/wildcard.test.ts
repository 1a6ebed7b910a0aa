import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { matchesWildcard } from '../../../src/base/wildcard.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/wildcard');

/** What a wildcard means, told by an expression that may take forever. */
const byExpression = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((piece) => piece.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
    's',
  ).test(text);

test('means what the expression means', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 10 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, few, (wanted, text) =>
      assert.is(matchesWildcard(wanted, text), byExpression(wanted, text)),
    ),
    { numRuns: 5000 },
  );
});

test('thousands of asterisks on a long text end at once', () => {
  const started = performance.now();
  assert.not(matchesWildcard('a*'.repeat(5000) + 'b', 'a'.repeat(100_000)));
  assert.not(matchesWildcard('*a'.repeat(20) + '*b', 'a'.repeat(40)));
  // The expression would need longer than the sun shines; a busy machine does not come near.
  assert.ok(performance.now() - started < 5000);
});

test.run();
