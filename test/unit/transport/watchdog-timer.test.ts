import * as assert from 'uvu/assert';
import { tickingTimers } from '../../../src/transport/watchdog-timer.ts';
import type { StartTimer } from '../../../src/transport/watchdog-timer.ts';
import { suite } from '../../support/suite.ts';

const timers = suite('transport/watchdog-timer');

/** The timers do not keep a process alive: somebody has to, while a test waits for one. */
async function fired(start: StartTimer, ms: number): Promise<void> {
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => void start(ms, resolve));
  clearInterval(alive);
}

timers('fires once for each start', async () => {
  const start = tickingTimers(1);
  await fired(start, 1);
  await fired(start, 2);
  await fired(start, 1);
});

timers('fires what was started last, and nothing that was called off or replaced', async () => {
  const start = tickingTimers(1);
  const wrong: string[] = [];
  start(1, () => wrong.push('called off'))();
  start(3, () => wrong.push('replaced by another duration'));
  start(2, () => wrong.push('replaced by the same duration'));
  await fired(start, 2);
  await fired(start, 10);
  assert.equal(wrong, []);
});

timers('calling off an old start leaves the new one alone', async () => {
  const start = tickingTimers(1);
  const callOff = start(1, () => undefined);
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => {
    start(1, resolve);
    callOff();
  });
  clearInterval(alive);
});

timers('is never early, and counts again for each start', () => {
  const made: (() => void)[] = [];
  const real = globalThis.setInterval;
  let cleared = 0;
  globalThis.setInterval = ((tick: () => void) => {
    made.push(tick);
    return { unref: () => cleared };
  }) as unknown as typeof setInterval;
  const realClear = globalThis.clearInterval;
  globalThis.clearInterval = () => {
    cleared++;
  };
  try {
    const start = tickingTimers(1000);
    let fired = 0;
    start(2500, () => fired++);
    for (let ticks = 0; ticks < 3; ticks++) made[0]!();
    assert.is(fired, 0, '2.0 s at the least');
    made[0]!();
    assert.is(fired, 1);
    made[0]!();
    assert.is(cleared, 1, 'nothing ticks while nothing is waited for');
    const callOff = start(1000, () => fired++);
    assert.is(made.length, 2);
    made[1]!();
    callOff();
    start(1000, () => fired++);
    made[1]!();
    assert.is(fired, 1, 'the ticks of the last command do not count');
    made[1]!();
    assert.is(fired, 2);
  } finally {
    globalThis.setInterval = real;
    globalThis.clearInterval = realClear;
  }
});

timers.run();
