import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Turns } from '../../../../src/run/engine/turns.ts';
import type { TurnRules } from '../../../../src/run/engine/turns.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('run/turns');

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Stage {
  readonly begun: string[];
  readonly turns: Turns<string>;
  readonly leave: (item: string) => Promise<void>;
}

/** Items are letters, and letters of one `family` may not run at the same time. */
async function stage(items: string, rules: Partial<TurnRules<string>> = {}): Promise<Stage> {
  const turns = new Turns(items.split(''), {
    atOnce: 2,
    apart: (a, b) => a.toLowerCase() === b.toLowerCase(),
    first: () => null,
    ...rules,
  });
  const begun: string[] = [];
  for (const item of items) void turns.enter(item).then(() => begun.push(item));
  await settle();
  return {
    begun,
    turns,
    leave: async (item) => {
      await turns.leave(item);
      await settle();
    },
  };
}

test('as many begin as may run at once, in their order', async () => {
  const { begun, leave } = await stage('abcd');
  assert.equal(begun, ['a', 'b']);
  await leave('b');
  assert.equal(begun, ['a', 'b', 'c']);
});

test('who may not run beside another waits, and is overtaken by who may', async () => {
  const { begun, leave } = await stage('aAbB', { atOnce: 3 });
  assert.equal(begun, ['a', 'b']);
  await leave('b');
  assert.equal(begun, ['a', 'b', 'B']);
  await leave('a');
  assert.equal(begun, ['a', 'b', 'B', 'A']);
});

test('nobody overtakes one that waits and could not run beside it', async () => {
  // c cannot run beside B, and B waits for b.
  const apart = (x: string, y: string): boolean =>
    ['bB', 'Bc'].some((pair) => pair === x + y || pair === y + x);
  const { begun, leave } = await stage('bBc', { atOnce: 3, apart });
  assert.equal(begun, ['b']);
  await leave('b');
  assert.equal(begun, ['b', 'B']);
  await leave('B');
  assert.equal(begun, ['b', 'B', 'c']);
});

test('a place is kept for one that has not asked yet', async () => {
  const turns = new Turns(['a', 'b'], { atOnce: 1, apart: () => false, first: () => null });
  const begun: string[] = [];
  void turns.enter('b').then(() => begun.push('b'));
  await settle();
  assert.equal(begun, []);
  void turns.enter('a').then(() => begun.push('a'));
  await settle();
  assert.equal(begun, ['a']);
});

test('only the first ones begin as long as there are first ones', async () => {
  let first: ReadonlySet<string> | null = new Set(['a']);
  const { begun, leave } = await stage('abc', { first: () => first });
  assert.equal(begun, ['a']);
  first = null;
  await leave('a');
  assert.equal(begun, ['a', 'b', 'c']);
});

test('everybody gets a turn, never two together that are apart, never more than may run', async () => {
  const conflicts = fc.array(fc.tuple(fc.nat(9), fc.nat(9)));
  await fc.assert(
    fc.asyncProperty(
      conflicts,
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(99)),
      async (pairs, atOnce, picks) => {
        const apart = (a: number, b: number): boolean =>
          pairs.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
        const items = Array.from({ length: 10 }, (_, n) => n);
        const turns = new Turns(items, { atOnce, apart, first: () => null });
        const running = new Set<number>();
        const done: number[] = [];
        for (const item of items) void turns.enter(item).then(() => running.add(item));
        for (let step = 0; done.length < items.length; step++) {
          await Promise.resolve();
          const now = [...running];
          assert.ok(now.length > 0 && now.length <= atOnce);
          assert.not.ok(now.some((a) => now.some((b) => a < b && apart(a, b))));
          const leaving = now[(picks[step] ?? 0) % now.length]!;
          running.delete(leaving);
          done.push(leaving);
          await turns.leave(leaving);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test.run();
