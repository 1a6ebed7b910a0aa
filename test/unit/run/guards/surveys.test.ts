import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import type { Host } from '../../../../src/host/host.ts';
import { HostSurveys } from '../../../../src/run/guards/surroundings.ts';
import { suite } from '../../../support/suite.ts';

const surveys = suite('run/guards/surveys');

const SURVEY_MS = 100;

/** A host whose survey takes its time, and how often it was surveyed, and how many surveys ran at once. */
function slowHost(clock: VirtualClock): {
  readonly host: Host;
  readonly count: { all: number; most: number };
} {
  const count = { all: 0, most: 0 };
  let now = 0;
  const host: Pick<Host, 'discover' | 'survey'> = {
    discover: async () => {
      count.all++;
      count.most = Math.max(count.most, ++now);
      await clock.sleep(SURVEY_MS);
      now--;
      return [];
    },
    survey: () => Promise.resolve(new Map()),
  };
  return { host: host as Host, count };
}

surveys('who asks within a second gets one survey, unless it must be a later one', async () => {
  const clock = new VirtualClock();
  const { host, count } = slowHost(clock);
  const all = new HostSurveys(host, clock);
  const [first, second] = await Promise.all([all.take(), all.take()]);
  assert.is(first, second);
  const later = await all.take(clock.nowMs());
  assert.ok(later.atMs > first.atMs);
  assert.equal(count, { all: 2, most: 1 });
});

surveys(
  'units that come back one by one are served by few surveys, each begun after the unit asked',
  async () => {
    const clock = new VirtualClock();
    const { host, count } = slowHost(clock);
    const all = new HostSurveys(host, clock);
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        await clock.sleep(10 * index);
        const askedMs = clock.nowMs();
        const { atMs } = await all.take(askedMs);
        assert.ok(atMs >= askedMs, `${atMs} is before ${askedMs}`);
      }),
    );
    assert.is(count.most, 1);
    // They asked for 5 s; a survey and its rest take half a second.
    assert.ok(count.all <= 12, `${count.all} surveys`);
  },
);

surveys('a survey that fails is a matter of those who asked for it; the next one is made', async () => {
  const clock = new VirtualClock();
  const { host } = slowHost(clock);
  let broken = true;
  const all = new HostSurveys(
    { ...host, discover: () => (broken ? Promise.reject(new Error('sysfs')) : host.discover()) },
    clock,
  );
  await all.take().then(
    () => assert.unreachable(),
    (error: unknown) => assert.is((error as Error).message, 'sysfs'),
  );
  broken = false;
  assert.equal((await all.take()).attached, []);
});

surveys.run();
