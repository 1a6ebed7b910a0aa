import * as assert from 'uvu/assert';
import { listenForSignals } from '../../../src/cli/signals.ts';
import { StopSwitch } from '../../../src/run/facts/stop.ts';
import { suite } from '../../support/suite.ts';

/** Listens, raises signals in this process, and takes the listeners away again. */
function raised(stop: StopSwitch, signals: readonly NodeJS.Signals[]): { told: string[]; hangUps: number } {
  const told: string[] = [];
  let hangUps = 0;
  const unlisten = listenForSignals({
    stop,
    tell: (signal, effect) => told.push(`${signal} ${effect}`),
    onHangUp: () => hangUps++,
  });
  for (const signal of signals) process.emit(signal, signal);
  unlisten();
  return { told, hangUps };
}

const test = suite('signals of apply');

test('the first INT before any byte stops before the next device', () => {
  const stop = new StopSwitch();
  const { told } = raised(stop, ['SIGINT']);
  assert.is(stop.requested, 'SIGINT');
  assert.equal(told, ['SIGINT SIGINT: stopping before the next device']);
});

test('between first byte and verdict it holds back, and the second INT says what is at stake', () => {
  const stop = new StopSwitch();
  const ended = stop.beginWriting();
  const { told } = raised(stop, ['SIGTERM', 'SIGINT']);
  ended();
  assert.is(stop.requested, 'SIGTERM', 'the first signal decides the exit code');
  assert.is(
    told[0],
    'SIGTERM SIGTERM: no other device is started; 1 device is half written and will be finished first',
  );
  assert.match(told[1]!, 'A device with half an image may never start again');
});

test('a hang-up never asks the run to stop', () => {
  const stop = new StopSwitch();
  const { told, hangUps } = raised(stop, ['SIGHUP', 'SIGHUP']);
  assert.is(stop.requested, null);
  assert.equal(told, []);
  assert.is(hangUps, 2);
});

test('no listener is left behind', () => {
  const before = process.listenerCount('SIGINT');
  raised(new StopSwitch(), []);
  assert.is(process.listenerCount('SIGINT'), before);
});

test.run();
