import * as assert from 'uvu/assert';
import { EventLines } from '../../../src/report/event-lines.ts';
import type { RunEvent } from '../../../src/run/facts/events.ts';
import { suite } from '../../support/suite.ts';
import { finished, idOf, phaseStarted, plannedDevices, progress, runStarted } from './run-events.ts';
import { obeys } from './schemas.ts';

/** One of each; a new type of event makes this fail to compile. */
const EVERY: { [Type in RunEvent['type']]: Extract<RunEvent, { type: Type }> } = {
  'run-started': runStarted(plannedDevices(2)) as Extract<RunEvent, { type: 'run-started' }>,
  'device-planned': { type: 'device-planned', device: plannedDevices(1)[0]! },
  'phase-started': phaseStarted(1, 'check') as Extract<RunEvent, { type: 'phase-started' }>,
  progress: progress(1, 4096) as Extract<RunEvent, { type: 'progress' }>,
  'unit-attention': { type: 'unit-attention', device: idOf(1), asc: 0x29, ascq: 0, text: 'power on' },
  waiting: { type: 'waiting', device: idOf(1), what: 'wait-ready', withinMs: 120_000 },
  notice: { type: 'notice', device: idOf(1), message: 'activate_mc was not needed' },
  'phase-finished': { type: 'phase-finished', device: idOf(1), phase: 'verify', durationMs: 12 },
  'device-finished': finished(1, {
    outcome: 'pending',
    pending: ['activation', 'power-cycle'],
    error: {
      code: 'illegal-request',
      layer: 'device',
      message: 'm',
      next: 'n',
      cdb: '3b0e',
      offset: 4096,
      sense: { key: 5, asc: 0x24, ascq: 0, text: 't' },
    },
  }) as Extract<RunEvent, { type: 'device-finished' }>,
  'stop-requested': { type: 'stop-requested', signal: 'SIGINT', effect: 'stopping' },
  'run-finished': { type: 'run-finished', exit: { code: 0, name: 'OK' } },
};

const test = suite('JSON Lines of a run');

for (const event of Object.values(EVERY)) {
  test(`${event.type} becomes one line of the events schema, with its time in front`, () => {
    const lines: string[] = [];
    new EventLines(
      (line) => lines.push(line),
      () => new Date(0),
    ).handle(event);
    assert.is(lines.length, 1);
    assert.ok(lines[0]!.startsWith('{"at":"1970-01-01T00:00:00.000Z","type":"'));
    assert.ok(lines[0]!.endsWith('}\n'));
    obeys('events', JSON.parse(lines[0]!));
  });
}

test('progress appears twice a second and device at most, and the last one always', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const writer = new EventLines(
    (line) => lines.push(line),
    () => new Date(nowMs),
  );
  for (let chunk = 1; chunk <= 256; chunk++) {
    writer.handle(progress(1, chunk * 4096));
    writer.handle(progress(2, chunk * 4096));
    nowMs += 10;
  }
  const done = lines
    .map((line) => JSON.parse(line) as { device: string; doneBytes: number })
    .filter(({ device }) => device === idOf(1))
    .map(({ doneBytes }) => doneBytes / 4096);
  assert.equal(done, [1, 51, 101, 151, 201, 251, 256]);
});

test.run();
