import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { mapConcurrently } from '../../../src/base/concurrency.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/concurrency');

for (const [items, limit, most] of [
  [10, 3, 3],
  [2, 16, 2],
  [5, 1, 1],
  [0, 4, 0],
] as const) {
  test(`${items} items, ${limit} at once: never more than ${most} under way`, async () => {
    const clock = new VirtualClock();
    let now = 0;
    let seen = 0;
    const numbers = Array.from({ length: items }, (_, i) => i);
    const results = await mapConcurrently(numbers, limit, async (n) => {
      seen = Math.max(seen, ++now);
      await clock.sleep(10 * (items - n));
      now--;
      return n * n;
    });
    assert.is(seen, most);
    assert.equal(
      results,
      numbers.map((n) => n * n),
    );
  });
}

test('a rejection comes after all others have settled', async () => {
  const clock = new VirtualClock();
  const settled: number[] = [];
  const work = mapConcurrently([1, 2, 3, 4], 2, async (n) => {
    await clock.sleep(n * 10);
    if (n === 1) throw new RangeError('first');
    settled.push(n);
    return n;
  });
  await work.then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, RangeError),
  );
  assert.equal(settled, [2, 3, 4]);
});

test.run();
