import * as assert from 'uvu/assert';
import { reusedTimers } from '../../../src/transport/watchdog-timer.ts';
import type { StartTimer } from '../../../src/transport/watchdog-timer.ts';
import { suite } from '../../support/suite.ts';

const timers = suite('transport/watchdog-timer');

/** The timers do not keep a process alive: somebody has to, while a test waits for one. */
async function fired(start: StartTimer, ms: number): Promise<void> {
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => void start(ms, resolve));
  clearInterval(alive);
}

timers('fires once for each start, also with a duration that was used and has fired before', async () => {
  const start = reusedTimers();
  await fired(start, 1);
  await fired(start, 2);
  await fired(start, 1);
});

timers('fires what was started last, and nothing that was called off or replaced', async () => {
  const start = reusedTimers();
  const wrong: string[] = [];
  start(1, () => wrong.push('called off'))();
  start(3, () => wrong.push('replaced by another duration'));
  start(2, () => wrong.push('replaced by the same duration'));
  await fired(start, 2);
  await fired(start, 10);
  assert.equal(wrong, []);
});

timers('calling off an old start leaves the new one alone', async () => {
  const start = reusedTimers();
  const callOff = start(1, () => undefined);
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => {
    start(1, resolve);
    callOff();
  });
  clearInterval(alive);
});

timers.run();
