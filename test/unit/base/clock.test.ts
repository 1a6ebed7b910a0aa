import * as assert from 'uvu/assert';
import { systemClock, VirtualClock } from '../../../src/base/clock.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/clock');

test('the virtual clock jumps to the earliest sleeper, in order', async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const sleeper = async (name: string, ...naps: number[]): Promise<void> => {
    for (const nap of naps) {
      await clock.sleep(nap);
      woken.push(`${name} ${clock.nowMs()}`);
    }
  };
  await Promise.all([sleeper('a', 300, 300), sleeper('b', 100, 500), sleeper('c', 7_200_000)]);
  assert.equal(woken, ['b 100', 'a 300', 'b 600', 'a 600', 'c 7200000']);
});

test('sleepers of the same moment wake in the order in which they lay down', async () => {
  const clock = new VirtualClock();
  const woken: number[] = [];
  await Promise.all([1, 2, 3].map((n) => clock.sleep(50).then(() => woken.push(n))));
  assert.equal(woken, [1, 2, 3]);
});

test('a negative time is none, and time never goes back', async () => {
  const clock = new VirtualClock();
  await clock.sleep(10);
  await clock.sleep(-5);
  assert.is(clock.nowMs(), 10);
});

test('time stands still while somebody has something to do', async () => {
  const clock = new VirtualClock();
  let done = false;
  const sleeping = clock.sleep(1000).then(() => assert.is(done, true));
  for (let i = 0; i < 100; i++) await Promise.resolve();
  done = true;
  assert.is(clock.nowMs(), 0);
  await sleeping;
});

test('the system clock goes on', async () => {
  const before = systemClock.nowMs();
  await systemClock.sleep(1);
  assert.ok(systemClock.nowMs() > before);
});

test.run();
