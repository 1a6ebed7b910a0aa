import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { Recording } from '../../../../src/run/engine/recording.ts';
import { exitOf, type Outcome } from '../../../../src/run/facts/outcome.ts';
import type { DeviceState, RunStarted } from '../../../../src/run/records/journal-entry.ts';
import { openJournal } from '../../../../src/run/records/journal.ts';
import { markOpenRun, updateOpenRuns } from '../../../../src/run/records/open-runs.ts';
import { stateDirectory, type StateDirectory } from '../../../../src/run/records/state-directory.ts';
import { finished } from '../../report/run-events.ts';
import { suite } from '../../../support/suite.ts';
import { headerOf, scratch } from './builders.ts';

const test = suite('run/open-runs');

const newState = (): StateDirectory =>
  stateDirectory({ stateDir: scratch(), env: {}, isRoot: false, home: '/' });

const started = (state: StateDirectory, run: string, fields: Partial<RunStarted> = {}): Promise<Recording> =>
  Recording.start(headerOf(run, 1, fields), { directory: state });

/** A run of one unit, to its end. */
async function ranTo(state: StateDirectory, run: string, outcome: Outcome): Promise<void> {
  const recording = await started(state, run);
  recording.observe(finished(1, { outcome, ...(outcome === 'pending' ? { pending: ['power-cycle'] } : {}) }));
  await recording.close(exitOf('OK'));
}

/** A run that died behind this state of its unit. */
async function diedIn(state: StateDirectory, run: string, reached: DeviceState): Promise<void> {
  const header = headerOf(run, 1);
  const journal = await openJournal(state.runs, header);
  await markOpenRun(state, run);
  await journal.device(header.devices[0]!.id).enter(reached);
  await journal.close();
}

const marked = (state: StateDirectory): string[] =>
  existsSync(state.open) ? readdirSync(state.open).sort() : [];

test('a run is marked from its first line on, and no longer when nothing of it is open', async () => {
  const state = newState();
  const recording = await started(state, 'r1');
  assert.equal(marked(state), ['r1']);
  recording.observe(finished(1));
  await recording.close(exitOf('OK'));
  assert.equal(marked(state), []);
});

for (const outcome of ['pending', 'unverified', 'degraded', 'failed', 'lost', 'frozen'] as const) {
  test(`a unit that ended ${outcome} keeps the mark, until a later run settles the unit`, async () => {
    const state = newState();
    await ranTo(state, 'r1', outcome);
    assert.equal(marked(state), ['r1']);
    await ranTo(state, 'r2', 'updated');
    // What was frozen stays so until it is accepted or recovered, now under the name of the later run.
    assert.equal(marked(state), outcome === 'frozen' ? ['r2'] : []);
  });
}

test('a run that died keeps the mark, and a refusal of a later one does not take it away', async () => {
  const state = newState();
  await diedIn(state, 'r1', 'last-chunk');
  await ranTo(state, 'r2', 'refused');
  assert.equal(marked(state), ['r1']);
  await ranTo(state, 'r3', 'updated');
  assert.equal(marked(state), []);
});

test('one that died before its first byte left nothing', async () => {
  const state = newState();
  await diedIn(state, 'r1', 'checked');
  await updateOpenRuns(state);
  assert.equal(marked(state), []);
});

test('another run that is at work keeps its own', async () => {
  const state = newState();
  const other = await started(state, 'r1');
  await ranTo(state, 'r2', 'updated');
  assert.equal(marked(state), ['r1']);
  await other.close(exitOf('OK'));
});

test('while a record or a journal cannot be read, no mark goes', async () => {
  for (const damage of [
    (state: StateDirectory) => writeFileSync(path.join(state.units, 'naa.1.json'), '{'),
    (state: StateDirectory) =>
      writeFileSync(path.join(state.runs, 'r0.jsonl'), '{"format":"runbook.journal/9"}\n'),
  ]) {
    const state = newState();
    await ranTo(state, 'r2', 'pending');
    await diedIn(state, 'r1', 'checked');
    damage(state);
    await updateOpenRuns(state);
    assert.equal(marked(state), ['r1', 'r2']);
  }
});

test('what an earlier version left open gets its mark', async () => {
  const state = newState();
  await diedIn(state, 'r1', 'first-chunk');
  const older = { ...state, open: path.join(state.root, 'of-later') };
  await updateOpenRuns(older);
  assert.equal(readdirSync(older.open), ['r1']);
});

test('a lab is not an affair of the service', async () => {
  const state = newState();
  const { host } = headerOf('r1', 1);
  const recording = await started(state, 'r1', { host: { ...host, kind: 'lab' } });
  await recording.close(exitOf('OK'));
  assert.equal(marked(state), []);
});

test.run();
