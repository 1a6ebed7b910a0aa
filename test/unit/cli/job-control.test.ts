import * as assert from 'uvu/assert';
import { constants } from 'node:os';
import { jobControl } from '../../../src/cli/job-control.ts';
import type { JobControl } from '../../../src/cli/job-control.ts';
import { StopSwitch } from '../../../src/run/facts/stop.ts';
import { suite } from '../../support/suite.ts';

interface Tried {
  readonly jobs: JobControl;
  readonly stop: StopSwitch;
  readonly told: string[];
  readonly ignored: Set<number>;
}

function tried(): Tried {
  const stop = new StopSwitch();
  const told: string[] = [];
  const ignored = new Set<number>();
  const jobs = jobControl({
    stop,
    tell: (signal, effect) => told.push(`${signal} ${effect}`),
    ignore: (signal) => {
      ignored.add(signal);
      return () => ignored.delete(signal);
    },
  });
  return { jobs, stop, told, ignored };
}

const pressed = (): boolean => process.emit('SIGTSTP', 'SIGTSTP');

const test = suite('job control of apply');

test('^Z is answered with what happens instead, and is not a wish to stop', () => {
  const { jobs, stop, told } = tried();
  jobs.refuse();
  pressed();
  const ended = stop.beginWriting();
  pressed();
  ended();
  jobs.allow();
  assert.equal(told, [
    'SIGTSTP SIGTSTP ignored: commands are in flight; ^C ends the run',
    'SIGTSTP SIGTSTP ignored: 1 device is half written and will be finished first; after ^C no other device is started',
  ]);
  assert.is(stop.requested, null);
});

test('a background job goes on when it uses its terminal', () => {
  const { jobs, ignored } = tried();
  jobs.refuse();
  assert.equal(ignored, new Set([constants.signals.SIGTTOU, constants.signals.SIGTTIN]));
  jobs.allow();
  assert.is(ignored.size, 0);
});

test('while a person is asked ^Z does what it always does, and afterwards no more', () => {
  const before = process.listenerCount('SIGTSTP');
  const { jobs } = tried();
  jobs.refuse();
  jobs.refuse();
  assert.is(process.listenerCount('SIGTSTP'), before + 1);
  jobs.allow();
  jobs.allow();
  assert.is(process.listenerCount('SIGTSTP'), before);
  jobs.refuse();
  assert.is(process.listenerCount('SIGTSTP'), before + 1);
  jobs.allow();
});

test('a run on a lab ignores nothing', () => {
  const jobs = jobControl({ stop: new StopSwitch(), tell: () => undefined, ignore: null });
  jobs.refuse();
  jobs.allow();
});

test.run();
