import { mkdirSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { interruptedRuns } from '../../../../src/run/records/interrupted-runs.ts';
import type { RunStarted, UnitVerdict } from '../../../../src/run/records/journal-entry.ts';
import { chooseJournals, removeJournals } from '../../../../src/run/records/prune.ts';
import { openJournal } from '../../../../src/run/records/journal.ts';
import type { DeviceRecord, RunRecord, RunState } from '../../../../src/run/records/run-record.ts';
import { runNames } from '../../../../src/run/records/journal-reader.ts';
import type { FinishedRun, SurveyedRun } from '../../../../src/run/records/survey.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { withUnkept } from '../../../../src/run/records/unkept.ts';
import fc from 'fast-check';
import { suite } from '../../../support/suite.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { interruptedOn, headerOf, journalDevice, scratch } from './builders.ts';

const test = suite('run/journal-prune');

const dayOf = (n: number): string => `2026-01-${String(n).padStart(2, '0')}T00:00:00.000Z`;
const NEVER_OLD = new Date('2030-01-01T00:00:00Z');

const finished = (day: number, verdicts: readonly UnitVerdict[] = [], fresh = false): FinishedRun => ({
  run: `r${String(day).padStart(2, '0')}`,
  state: 'finished',
  startedAt: dayOf(day),
  fresh,
  verdicts,
});

/** A run that has no end: with these units, each with its verdict or without one. */
function endless(
  day: number,
  state: RunState,
  units: Readonly<Record<number, Outcome | null>>,
  at: 'first-chunk' | 'last-chunk' = 'first-chunk',
): RunRecord {
  const run = `r${String(day).padStart(2, '0')}`;
  const devices = Object.entries(units).map(([n, outcome]): DeviceRecord => ({
    ...journalDevice(Number(n)),
    state: at,
    facts: {},
    lastChunkSent: at === 'last-chunk',
    beforeStep: null,
    answer: null,
    errors: [],
    result: outcome === null ? null : resultOf(Number(n), { outcome }),
  }));
  const entries = devices.flatMap(({ result }, index) =>
    result === null ? [] : [{ n: index + 2, at: dayOf(day), type: 'verdict' as const, result }],
  );
  const header: RunStarted = headerOf(run, 1, { devices });
  return {
    run,
    file: `${run}.jsonl`,
    state,
    header,
    startedAt: dayOf(day),
    lastAt: dayOf(day),
    exit: null,
    devices,
    entries,
    notes: [],
  };
}

const verdict = (n: number, outcome: Outcome = 'updated'): UnitVerdict => ({ device: idOf(n), outcome });

const recordOf = (n: number, run: string, outcome: Outcome, day = 9): UnitRecord =>
  nextRecord(null, {
    device: journalDevice(n),
    result: resultOf(n, { outcome, pending: outcome === 'pending' ? ['reboot'] : null }),
    run,
    at: dayOf(day),
    bootId: null,
    recovering: false,
  })!;

const choose = (
  runs: readonly SurveyedRun[],
  records: readonly UnitRecord[] = [],
  before = NEVER_OLD,
): string => {
  const { remove, keep } = chooseJournals(
    runs,
    new Map(records.map((record) => [record.unit, record])),
    before,
  );
  return `${remove.join(' ')} | ${keep.map(({ run, reason }) => `${run}: ${reason}`).join('; ')}`;
};

test('old runs that are settled go, and younger ones stay', () => {
  const runs = [1, 2, 3].map((day) => finished(day, [verdict(1)]));
  assert.is(choose(runs, [recordOf(1, 'r03', 'updated')]), 'r01 r02 r03 | ');
  assert.is(choose(runs, [], new Date(dayOf(3))), 'r01 r02 | ');
  assert.is(choose(runs, [], new Date(dayOf(1))), ' | ');
});

test('what a record sends people to stays', () => {
  const runs = [1, 2, 3, 4].map((day) => finished(day));
  assert.is(
    choose(runs, [
      recordOf(1, 'r01', 'pending'),
      recordOf(2, 'r02', 'frozen'),
      { ...recordOf(3, 'r09', 'updated'), endedBadly: recordOf(3, 'r03', 'failed').endedBadly },
    ]),
    `r04 | r01: ${idOf(1)} ended pending there; r02: ${idOf(2)} is frozen since then; r03: an image ended failed on ${idOf(3)} there`,
  );
});

test('a run that died stays while its units are open, and a run that is at work stays', () => {
  const runs = [endless(1, 'died', { 1: null }), endless(2, 'running', { 2: null })];
  assert.is(
    choose(runs),
    ` | r01: it was interrupted on ${idOf(1)}, which was not checked since; r02: it is running`,
  );
});

test('a run that died goes together with the one that settled it', () => {
  const runs = [endless(1, 'died', { 1: null }), finished(2, [verdict(1)])];
  assert.is(choose(runs), 'r01 r02 | ');
});

test('where the interrupted run stays, so does the verdict that settled it', () => {
  const runs = [
    endless(1, 'died', { 1: null, 2: null }),
    finished(2, [verdict(1)]),
    finished(3, [verdict(1, 'refused')]),
  ];
  assert.is(
    choose(runs),
    `r03 | r01: it was interrupted on ${idOf(2)}, which was not checked since; r02: it says how run r01 ended, which was interrupted`,
  );
});

test('a verdict that is in no record stays where it is', () => {
  const runs = [endless(1, 'died', { 1: 'unverified' })];
  assert.is(choose(runs), ' | r01: it holds a verdict that is in no record');
  assert.is(choose(runs, [recordOf(1, 'r02', 'updated')]), 'r01 | ');
});

test('the last start of a lab from its file stays: what was before it would count again', () => {
  const runs = [endless(1, 'died', { 1: null }), finished(2, [], true), finished(3)];
  assert.is(choose(runs), 'r01 r03 | r02: the lab started from its file there');
});

test('whatever is removed, what is said of interrupted runs and of units stays the same', () => {
  const outcome = fc.constantFrom<Outcome | null>(null, 'updated', 'failed', 'refused', 'pending');
  const units = fc.dictionary(fc.constantFrom('1', '2', '3'), outcome, { minKeys: 1 });
  const run = fc.record({
    units,
    kind: fc.constantFrom('finished', 'died', 'fresh'),
    kept: fc.boolean(),
    at: fc.constantFrom('first-chunk' as const, 'last-chunk' as const),
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 12 }), fc.nat(12), (given, limit) => {
      const records = new Map<string, UnitRecord>();
      const runs = given.map(({ units: found, kind, kept, at }, index): SurveyedRun => {
        const day = index + 1;
        for (const [n, end] of kept || kind === 'finished' ? Object.entries(found) : []) {
          if (end === null || end === 'refused') continue;
          const record = recordOf(Number(n), `r${String(day).padStart(2, '0')}`, end, day);
          records.set(record.unit, record);
        }
        if (kind === 'died') return endless(day, 'died', found, at);
        const verdicts = Object.entries(found).flatMap(([n, end]) =>
          end === null ? [] : [verdict(Number(n), end)],
        );
        return finished(day, verdicts, kind === 'fresh');
      });
      const { remove } = chooseJournals(runs, records, new Date(dayOf(limit + 1)));
      const left = runs.filter(({ run: name }) => !remove.includes(name));
      const openOf = (all: readonly SurveyedRun[]): unknown =>
        [...interruptedRuns(all)]
          .map(([unit, { run: name, knowledge }]) => [unit, name, knowledge.text])
          .sort();
      assert.equal(openOf(left), openOf(runs));
      assert.equal([...withUnkept(records, left)].sort(), [...withUnkept(records, runs)].sort());
    }),
    { numRuns: 500 },
  );
});

test('journals are removed by their runs, and nothing else is', async () => {
  const directory = scratch();
  mkdirSync(directory, { recursive: true });
  for (const run of ['r1', 'r2']) {
    const journal = await openJournal(directory, headerOf(run, 1));
    await journal.finish(exitOf('OK'));
  }
  await removeJournals(directory, ['r1', 'r0']);
  assert.equal(await runNames(directory), ['r2']);
  assert.equal([...(await interruptedOn(directory)).byUnit], []);
});

test.run();
