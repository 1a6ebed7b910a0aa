import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openJournal } from '../../../../src/run/records/journal.ts';
import { parseJournal, readRun, readRuns, runNames } from '../../../../src/run/records/journal-reader.ts';
import { recordOf } from '../../../../src/run/records/run-record.ts';
import { knowledgeOf } from '../../../../src/run/records/knowledge.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import { StateError } from '../../../../src/run/records/state-error.ts';
import { suite } from '../../../support/suite.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { headerOf, scratch, stateError } from './builders.ts';

const reading = suite('run/journal-reader');

/** Text of a journal whose every line is a state that was acknowledged before the next was written. */
async function wholeJournal(): Promise<string> {
  const directory = scratch();
  const journal = await openJournal(directory, headerOf('r1', 1));
  const one = journal.device(idOf(1));
  for (const state of ['first-chunk', 'last-chunk', 'sent', 'activation', 'activated'] as const) {
    await one.enter(state, { pass: 1 });
  }
  await one.verdict(resultOf(1, { reason: 'Ümläut ☃' }));
  await journal.finish(exitOf('OK'));
  return readFileSync(journal.file, 'utf8');
}

const text = await wholeJournal();
const bytes = Buffer.from(text);

reading('a journal that is cut off at any byte gives every whole line, and never an error', () => {
  for (let length = 0; length <= bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    const whole = cut.filter((byte) => byte === 0x0a).length;
    const { entries, notes } = parseJournal('f', cut.toString('utf8'));
    assert.is(entries.length, whole, `cut at ${length}`);
    assert.is(notes.length, cut.length === 0 || cut.at(-1) === 0x0a ? 0 : 1, `cut at ${length}`);
  }
});

reading('NUL bytes at the end, as a crash of the machine leaves them, are a torn end at any byte', () => {
  for (let length = 0; length <= bytes.length; length += 7) {
    const cut = Buffer.concat([bytes.subarray(0, length), Buffer.alloc(1 + (length % 600))]);
    const whole = bytes.subarray(0, length).filter((byte) => byte === 0x0a).length;
    assert.is(parseJournal('f', cut.toString('utf8')).entries.length, whole, `cut at ${length}`);
  }
});

reading('a hole of NUL bytes hides what comes after it: none of that was acknowledged', () => {
  const lines = text.split('\n');
  lines[3] = '\0'.repeat(lines[3]!.length);
  const { entries, notes } = parseJournal('f', lines.join('\n'));
  assert.is(entries.length, 3);
  assert.is(notes.length, 1);
});

const codeFor = (changed: string): string => {
  try {
    parseJournal('runs/r1.jsonl', changed);
    return 'none';
  } catch (error) {
    if (error instanceof StateError) return `${error.code}: ${error.message}`;
    throw error;
  }
};

reading(
  'a damaged line in the middle is an error that names file and line, because it may hide a state',
  () => {
    const lines = text.split('\n');
    const withLine = (n: number, line: string): string =>
      lines.map((old, i) => (i === n - 1 ? line : old)).join('\n');
    for (const [changed, wanted] of [
      [withLine(3, '{"n":3'), 'journal-damaged: runs/r1.jsonl: line 3 is not JSON'],
      [withLine(3, 'null'), 'journal-damaged: runs/r1.jsonl: line 3 is damaged at /'],
      [withLine(3, lines[2]!.replace(/"at":"[^"]*"/, '"at":7')), 'line 3 is damaged at /at'],
      [withLine(3, lines[2]!.replace('"device":', '"divice":')), 'line 3 is damaged at /device'],
      [lines.filter((_, i) => i !== 2).join('\n'), 'line 3 has the number 4, so lines are missing'],
      [withLine(1, 'nothing'), 'journal-damaged: runs/r1.jsonl: line 1 is not JSON'],
      [withLine(1, '{"format":"x"}'), 'line 1 is not a journal (format is not runbook.journal/1)'],
      [
        withLine(1, lines[0]!.replace('/1"', '/2"')),
        'journal-newer: runs/r1.jsonl: has the format runbook.journal/2',
      ],
      [withLine(2, lines[0]!.replace('"n":1', '"n":2')), 'line 2 begins a journal in the middle'],
    ] as const) {
      assert.match(codeFor(changed), wanted);
    }
  },
);

reading('an entry of a newer version is named and skipped; the device that it speaks of is unclear', () => {
  const extra = `{"n":3,"at":"2030-01-01T00:00:00.000Z","type":"flux","device":"${idOf(1)}"}`;
  const newState = `{"n":3,"at":"2030-01-01T00:00:00.000Z","type":"state","device":"${idOf(1)}","state":"half-way"}`;
  for (const [line, named] of [
    [extra, 'flux'],
    [newState, 'half-way'],
  ] as const) {
    const journal = parseJournal('f', `${text.split('\n').slice(0, 2).join('\n')}\n${line}\n`);
    assert.match(journal.notes[0]!, `line 3: the entry "${named}" was written by a newer runbook`);
    const { devices } = recordOf('r1', 'f', journal, false);
    const { known, verifyFirst } = knowledgeOf(devices[0]!, 'r1');
    assert.equal([known, verifyFirst], ['unclear', true]);
  }
});

reading('fields that a newer version adds are left alone', () => {
  const more = text.replace('"state":"sent"', '"state":"sent","colour":{"x":[1]}');
  assert.is(parseJournal('f', more).notes.length, 0);
});

reading('arbitrary damage never throws anything but a StateError, and never invents an ending', () => {
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat(bytes.length), (changes, length) => {
      const garbled = Buffer.from(bytes);
      for (const [at, value] of changes) garbled[at] = value;
      try {
        const journal = parseJournal('f', garbled.subarray(0, length).toString('utf8'));
        const record = recordOf('r1', 'f', journal, false);
        for (const device of record.devices) knowledgeOf(device, 'r1');
        if (length < bytes.length - 1) assert.is(record.exit, null);
      } catch (error) {
        assert.instance(error, StateError);
      }
    }),
    { numRuns: 400 },
  );
});

reading('arbitrary text and arbitrary JSON are read or refused with a StateError', () => {
  const line = fc.oneof(fc.string(), fc.json(), fc.constantFrom(...text.split('\n')));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      try {
        recordOf('r', 'f', parseJournal('f', lines.join('\n')), false);
      } catch (error) {
        assert.instance(error, StateError);
      }
    }),
    { numRuns: 400 },
  );
});

reading('one journal that cannot be read hides no other', async () => {
  const directory = scratch();
  for (const run of ['r1', 'r3']) await (await openJournal(directory, headerOf(run))).finish(exitOf('OK'));
  writeFileSync(path.join(directory, 'r2.jsonl'), 'rubbish\n');
  mkdirSync(path.join(directory, 'r4.jsonl'));
  execFileSync('mkfifo', [path.join(directory, 'r5.jsonl')]);
  symlinkSync('/dev/zero', path.join(directory, 'r6.jsonl'));
  writeFileSync(path.join(directory, '.hidden.jsonl'), 'x');
  writeFileSync(path.join(directory, 'notes.txt'), 'x');
  const { runs, unreadable } = await readRuns(directory);
  assert.equal(
    runs.map(({ run }) => run),
    ['r1', 'r3'],
  );
  assert.equal(
    unreadable.map(({ code }) => code),
    ['journal-damaged', 'state-not-readable', 'state-not-readable', 'state-not-readable'],
  );
});

reading(
  'a state directory that is not there has no runs, and a run that is not there is an error',
  async () => {
    assert.equal(await runNames(path.join(scratch(), 'none')), []);
    assert.is((await stateError(readRun(scratch(), 'r1'))).code, 'state-not-readable');
  },
);

reading('runs of one second stand in the order in which they began, whatever digits they drew', async () => {
  const directory = scratch();
  const second = '20300101T000000Z';
  for (const run of [`${second}-ffff`, `${second}-0000`, '20291231T235959Z-ffff']) {
    await (await openJournal(directory, headerOf(run, 1))).close();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // Nothing is known of when it began.
  writeFileSync(path.join(directory, `${second}-8888.jsonl`), '');
  assert.equal(
    (await runNames(directory)).map((run) => run.slice(14)),
    ['9Z-ffff', '0Z-8888', '0Z-ffff', '0Z-0000'],
  );
});

reading('a run of a lab lives as long as its process, by number and start', async () => {
  const directory = scratch();
  const lab = { name: 'x', kind: 'lab', bootId: null, fresh: true } as const;
  const { readBootId, processIdentity } = await import('../../../../src/host/machine.ts');
  const here = { ...lab, bootId: readBootId() };
  const cases = [
    ['mine', here, processIdentity(), 'running'],
    ['no-ticks', here, { pid: process.pid, startTicks: null }, 'running'],
    ['reused', here, { pid: process.pid, startTicks: '1' }, 'died'],
    ['other-boot', { ...lab, bootId: 'x' }, processIdentity(), 'died'],
    ['gone', here, { pid: 0x3fffffff, startTicks: null }, 'died'],
  ] as const;
  for (const [run, host, own, wanted] of cases) {
    await (await openJournal(directory, headerOf(run, 1, { host, process: own }))).close();
    assert.is((await readRun(directory, run)).state, wanted, run);
  }
});

reading.run();
