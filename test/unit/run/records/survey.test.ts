import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { interruptedRuns } from '../../../../src/run/records/interrupted-runs.ts';
import type { RunStarted } from '../../../../src/run/records/journal-entry.ts';
import { openJournal } from '../../../../src/run/records/journal.ts';
import type { Journal } from '../../../../src/run/records/journal.ts';
import { readRun, readRuns } from '../../../../src/run/records/journal-reader.ts';
import { isWhole, surveyRuns } from '../../../../src/run/records/survey.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import { suite } from '../../../support/suite.ts';
import { obeys } from '../../report/schemas.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { interruptedOn, headerOf, journalDevice, scratch } from './builders.ts';

const test = suite('run/journal-survey');
const UNIT = idOf(1);
const DEAD = { pid: 4_194_300, startTicks: '1' };

async function journalOf(
  directory: string,
  run: string,
  write: (journal: Journal) => Promise<void>,
  fields: Partial<RunStarted> = {},
): Promise<string> {
  const journal = await openJournal(directory, headerOf(run, 1, { process: DEAD, ...fields }));
  await write(journal);
  await journal.close();
  return path.join(directory, `${run}.jsonl`);
}

const finish = async (journal: Journal): Promise<void> => {
  await journal.device(UNIT).enter('first-chunk');
  await journal.device(UNIT).verdict(resultOf(1));
  await journal.finish(exitOf('OK'));
};

test('of a finished run one line is read: it says what was settled', async () => {
  const directory = scratch();
  const file = await journalOf(directory, 'r1', finish);
  const text = readFileSync(file, 'utf8');
  for (const line of text.trimEnd().split('\n')) obeys('journal', JSON.parse(line));
  // Nobody may need what is before the last line.
  writeFileSync(file, `${'x'.repeat(20_000)}\n${text.trimEnd().split('\n').at(-1)!}\n`);
  const { runs, unreadable } = await surveyRuns(directory);
  assert.equal(unreadable, []);
  const [run] = runs;
  assert.ok(run !== undefined && !isWhole(run));
  assert.equal(run.verdicts, [{ device: UNIT, outcome: 'updated' }]);
  assert.is(run.fresh, false);
});

test('a last line longer than what is read first is found', async () => {
  const directory = scratch();
  await journalOf(directory, 'r1', async (journal) => {
    for (let n = 1; n <= 500; n++) await journal.device(idOf(n)).verdict(resultOf(n));
    await journal.finish(exitOf('OK'));
  });
  const [run] = (await surveyRuns(directory)).runs;
  assert.ok(run !== undefined && !isWhole(run));
  assert.is(run.verdicts.length, 500);
});

test('without its end, with a torn end, or with the end of an older version a journal is read whole', async () => {
  const directory = scratch();
  const died = await journalOf(directory, 'r1', (journal) => journal.device(UNIT).enter('first-chunk'));
  const torn = await journalOf(directory, 'r2', finish);
  appendFileSync(torn, '{"n":9');
  const older = await journalOf(directory, 'r3', finish);
  writeFileSync(
    older,
    readFileSync(older, 'utf8').replace(/,"format":"runbook\.journal\/1","startedAt".*\}\n$/, '}\n'),
  );
  assert.match(readFileSync(older, 'utf8'), /"type":"run-finished","exit":\{[^}]*\}\}\n$/);
  const { runs } = await surveyRuns(directory);
  assert.equal(runs.map(isWhole), [true, true, true]);
  assert.equal(
    runs.map(({ state }) => state),
    ['died', 'finished', 'finished'],
  );
  assert.ok(died.endsWith('r1.jsonl'));
});

test('a damaged end hides nothing: the journal is refused', async () => {
  const directory = scratch();
  const file = await journalOf(directory, 'r1', finish);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"verdicts":[', '"verdicts":[7,'));
  const { runs, unreadable } = await surveyRuns(directory);
  assert.equal(runs, []);
  assert.is(unreadable[0]!.code, 'journal-damaged');
});

test('what is not a file is told, and not opened: it may wait forever', async () => {
  const directory = scratch();
  execFileSync('mkfifo', [path.join(directory, 'r1.jsonl')]);
  const { unreadable } = await surveyRuns(directory);
  assert.match(unreadable[0]!.message, 'is not a regular file');
});

test('interrupted runs are the same, told from last lines and from whole journals', async () => {
  const directory = scratch();
  const begins = (journal: Journal): Promise<void> => journal.device(UNIT).enter('first-chunk');
  await journalOf(directory, 'r1', begins);
  const same = async (): Promise<readonly string[]> => {
    const brief = (await interruptedOn(directory)).byUnit;
    assert.equal([...brief], [...interruptedRuns((await readRuns(directory)).runs)]);
    return [...brief.values()].map(({ run }) => run);
  };
  assert.equal(await same(), ['r1']);
  await journalOf(directory, 'r2', finish);
  assert.equal(await same(), []);
  await journalOf(directory, 'r3', begins);
  assert.equal(await same(), ['r3']);
  await journalOf(directory, 'r4', (journal) => journal.finish(exitOf('OK')), {
    host: { name: 'x', kind: 'lab', bootId: null, fresh: true },
    devices: [],
  });
  assert.equal(await same(), []);
});

const next = journalDevice(1, { play: 'next', before: '2.10', target: '2.12' });

test('a run that died in the second play of a unit is told of that play, and the first one stays settled', async () => {
  const directory = scratch();
  await journalOf(directory, 'r1', async (journal) => {
    await journal.device(UNIT).enter('first-chunk');
    await journal.device(UNIT).verdict(resultOf(1));
    journal.plan(next);
    await journal.device(UNIT).enter('first-chunk', { chunks: 256 });
  });
  const run = await readRun(directory, 'r1');
  assert.equal(
    run.devices.map(({ play, state, result }) => [play, state, result?.outcome ?? null]),
    [
      ['hp-sas-expander', 'first-chunk', 'updated'],
      ['next', 'first-chunk', null],
    ],
  );
  const left = (await interruptedOn(directory)).byUnit.get(UNIT)!;
  assert.is(left.device.play, 'next');
  assert.is(left.device.before, '2.10');
  assert.is(left.knowledge.known, 'partly-sent');
});

test('a second play that never began leaves nothing open', async () => {
  const directory = scratch();
  await journalOf(directory, 'r1', async (journal) => {
    await journal.device(UNIT).enter('first-chunk');
    await journal.device(UNIT).verdict(resultOf(1));
    journal.plan(next);
    await journal.device(UNIT).verdict(resultOf(1, { play: 'next', outcome: 'skipped' }));
  });
  assert.equal([...(await interruptedOn(directory)).byUnit], []);
  const [first, second] = (await readRun(directory, 'r1')).devices;
  assert.equal([first!.result?.outcome, second!.result?.outcome], ['updated', 'skipped']);
});

test('nothing is sent to a unit for its second play when the journal cannot be written', async () => {
  const directory = scratch();
  let full = false;
  const journal = await openJournal(directory, headerOf('r1', 1), {
    sink: (file) => ({
      write: (bytes, position) => (full ? Promise.reject(new Error('ENOSPC')) : file.write(bytes, position)),
      sync: () => file.sync(),
      close: () => file.close(),
    }),
  });
  await journal.device(UNIT).enter('first-chunk');
  full = true;
  await journal.device(UNIT).enter('last-chunk'); // it is half way: it goes on
  journal.plan(next);
  let refused = false;
  await journal
    .device(UNIT)
    .enter('first-chunk')
    .catch(() => (refused = true));
  assert.ok(refused);
  assert.ok(journal.begun);
  await journal.close();
});

test.run();
