import * as assert from 'uvu/assert';
import { createScreen, type Screen } from '../../../src/report/screen.ts';
import { suite } from '../../support/suite.ts';
import { finished, idOf, phaseStarted, plannedDevices, progress, runStarted } from './run-events.ts';

interface Turned {
  readonly screen: Screen;
  readonly writes: string[];
  readonly pass: (ms: number) => void;
  readonly stopped: () => boolean;
}

/** A screen on a clock and a ticker that the test turns. */
function turned(tty: boolean, columns = 80): Turned {
  const writes: string[] = [];
  let nowMs = 0;
  let ticker: { everyMs: number; tick: () => void; nextMs: number } | null = null;
  const screen = createScreen({
    stream: { write: (text: string) => writes.push(text) },
    tty,
    size: () => ({ columns, rows: 24 }),
    color: false,
    clock: { nowMs: () => nowMs, sleep: () => Promise.resolve() },
    every: (everyMs, tick) => {
      ticker = { everyMs, tick, nextMs: nowMs + everyMs };
      return () => (ticker = null);
    },
  });
  const pass = (ms: number): void => {
    const endMs = nowMs + ms;
    while (ticker !== null && ticker.nextMs <= endMs) {
      nowMs = ticker.nextMs;
      ticker.nextMs += ticker.everyMs;
      ticker.tick();
    }
    nowMs = endMs;
  };
  return { screen, writes, pass, stopped: () => ticker === null };
}

const moving = suite('moving picture');

moving('draws eight times a second at most, one write per frame, however many events come', () => {
  const { screen, writes, pass } = turned(true);
  screen.start();
  screen.handle(runStarted(plannedDevices(500)));
  for (let i = 1; i <= 1000; i++) {
    screen.handle(progress((i % 500) + 1, 4096 * (i % 256)));
    pass(1);
  }
  assert.ok(writes.length <= 8, `${writes.length} writes`);
  assert.ok(writes.length >= 2);
});

moving('writes nothing while nothing changes', () => {
  const { screen, writes, pass } = turned(true);
  screen.start();
  screen.handle(runStarted(plannedDevices(1)));
  pass(400);
  assert.is(writes.length, 1);
});

moving('goes back to its first line and clears what is left of the last frame', () => {
  const { screen, writes, pass } = turned(true);
  screen.start();
  screen.handle(runStarted(plannedDevices(2)));
  pass(125);
  assert.is(
    writes[0],
    '2 devices: 2 queued   0 % of 2 MiB sent, elapsed 0:00\x1b[K\n  sg1  2.08 → 2.10  queued\x1b[K\n  sg2  2.08 → 2.10  queued\x1b[K\n\x1b[J',
  );
  screen.handle(phaseStarted(1, 'check'));
  pass(125);
  assert.ok(writes[1]!.startsWith('\x1b[3A\r2 devices: 1 running, 1 queued'));
});

moving('draws the last state when it is stopped, once, and touches no terminal mode', () => {
  const { screen, writes, stopped } = turned(true);
  screen.start();
  screen.handle(runStarted(plannedDevices(1)));
  screen.handle(finished(1));
  screen.stop();
  screen.stop();
  assert.is(writes.length, 2);
  assert.match(writes[0]!, 'updated  12.3 s');
  assert.is(writes[1], '\n', 'apart from the report below it');
  assert.not.match(writes[0]!, '\x1b[?');
  assert.ok(stopped());
});

moving('counts the rows into which a narrower terminal has folded the lines', () => {
  const writes: string[] = [];
  let columns = 80;
  const ticks: (() => void)[] = [];
  const screen = createScreen({
    stream: { write: (text: string) => writes.push(text) },
    tty: true,
    size: () => ({ columns, rows: 24 }),
    color: false,
    clock: { nowMs: () => 0, sleep: () => Promise.resolve() },
    every: (_ms, tick) => {
      ticks.push(tick);
      return () => undefined;
    },
  });
  screen.start();
  screen.handle(runStarted(plannedDevices(1))); // 57 and 27 characters
  ticks[0]!();
  columns = 20;
  ticks[0]!();
  assert.ok(writes[1]!.startsWith('\x1b[5A\r'), JSON.stringify(writes[1]));
});

moving.run();

const lines = suite('plain lines');

lines('tell each state change and at most one progress line in 10 s', () => {
  const { screen, writes, pass } = turned(false);
  screen.start();
  screen.handle(runStarted(plannedDevices(1)));
  screen.handle(phaseStarted(1, 'download'));
  for (let chunk = 1; chunk <= 256; chunk++) {
    screen.handle(progress(1, chunk * 4096));
    pass(100);
  }
  screen.handle({ type: 'notice', device: idOf(1), message: 'activate_mc was not needed' });
  screen.handle(finished(1));
  screen.handle({ type: 'run-finished', exit: { code: 0, name: 'OK' } });
  screen.stop();
  assert.equal(writes.join('').split('\n'), [
    'run 20240101-000000-abcd: 1 device to update',
    'sg1: download',
    'sg1: download 39 % of 1 MiB  40 KiB/s  0:16 left',
    'sg1: download 78 % of 1 MiB  40 KiB/s  0:06 left',
    'sg1: activate_mc was not needed',
    'sg1: updated, 2.08 → 2.10, 12.3 s',
    '',
  ]);
});

lines('name a silent device after 30 s, and again each minute', () => {
  const { screen, writes, pass } = turned(false);
  screen.start();
  screen.handle(runStarted(plannedDevices(1)));
  screen.handle(phaseStarted(1, 'download'));
  pass(150_000);
  assert.equal(
    writes.filter((text) => text.includes('no answer')),
    ['sg1: no answer for 30 s\n', 'sg1: no answer for 90 s\n', 'sg1: no answer for 150 s\n'],
  );
});

lines('summarise a big fleet, and name its failures', () => {
  const { screen, writes, pass } = turned(false);
  screen.start();
  screen.handle(runStarted(plannedDevices(500)));
  for (let n = 1; n <= 500; n++) screen.handle(phaseStarted(n, 'check'));
  for (let n = 1; n <= 499; n++) {
    screen.handle(progress(n, 1 << 20));
    screen.handle(finished(n));
  }
  pass(10_000);
  screen.handle(finished(500, { outcome: 'failed', after: '2.08', reason: 'the device refused the image' }));
  screen.handle({ type: 'run-finished', exit: { code: 1, name: 'FAILED' } });
  screen.stop();
  assert.equal(writes.join('').split('\n'), [
    'run 20240101-000000-abcd: 500 devices to update',
    '500 devices: 499 updated, 1 running   99 % of 500 MiB sent, elapsed 0:10',
    'sg500: failed, 12.3 s: the device refused the image',
    '500 devices: 499 updated, 1 failed   99 % of 500 MiB sent, elapsed 0:10',
    '',
  ]);
});

lines('begin with the time where it is asked for, and have the signs of the locale', () => {
  const writes: string[] = [];
  const screen = createScreen({
    stream: { write: (text: string) => writes.push(text) },
    tty: false,
    size: () => ({ columns: 80, rows: 24 }),
    color: false,
    ascii: true,
    timestamp: () => new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
  });
  screen.handle(runStarted(plannedDevices(1)));
  screen.handle({ type: 'device-planned', device: plannedDevices(1)[0]! });
  assert.equal(writes, [
    '2030-01-02T03:04:05Z run 20240101-000000-abcd: 1 device to update\n',
    '2030-01-02T03:04:05Z sg1: play hp-sas-expander: 2.08 -> 2.10\n',
  ]);
});

lines.run();
