import * as assert from 'uvu/assert';
import { documentOf } from '../../../src/report/documents.ts';
import { historyEntry, historyText, runText } from '../../../src/report/history-text.ts';
import { noInk } from '../../../src/report/ink.ts';
import { foldMemory, NOTHING_REMEMBERED } from '../../../src/run/records/memory.ts';
import { parseEntry } from '../../../src/run/records/journal-shapes.ts';
import type { EntryBody, JournalEntry } from '../../../src/run/records/journal-entry.ts';
import { recordOf } from '../../../src/run/records/run-record.ts';
import type { RunRecord } from '../../../src/run/records/run-record.ts';
import { exitOf } from '../../../src/run/facts/outcome.ts';
import type { UnitRecord } from '../../../src/run/records/unit-record.ts';
import { StateError } from '../../../src/run/records/state-error.ts';
import { suite } from '../../support/suite.ts';
import { headerOf, SHA } from '../run/records/builders.ts';
import { idOf, resultOf } from './run-events.ts';
import { obeys } from './schemas.ts';

const history = suite('report/history-text');

function runOf(name: string, bodies: readonly EntryBody[], isWritten = false): RunRecord {
  const header = headerOf(name, 2);
  const entries = [header, ...bodies].map((body, i): JournalEntry => {
    const line = JSON.stringify({ n: i + 1, at: `2030-01-01T00:00:0${i}.000Z`, ...body });
    const parsed = parseEntry(line);
    if ('problem' in parsed) throw new Error(parsed.problem);
    return parsed.entry as JournalEntry;
  });
  return recordOf(name, `/state/runs/${name}.jsonl`, { entries, header, notes: [] }, isWritten);
}

const DONE = runOf('20300101T000000Z-aaaa', [
  { type: 'verdict', result: resultOf(1) },
  {
    type: 'verdict',
    result: resultOf(2, { outcome: 'pending', after: '2.08', pending: ['power-cycle'], reason: 'written' }),
  },
  { type: 'run-finished', exit: exitOf('PENDING') },
]);
const DIED = runOf('20300102T000000Z-bbbb', [
  { type: 'verdict', result: resultOf(1) },
  { type: 'state', device: idOf(2), state: 'activation', mode: 0x0f },
]);
const RUNNING = runOf(
  '20300103T000000Z-cccc',
  [{ type: 'state', device: idOf(1), state: 'first-chunk' }],
  true,
);

history('the list has a line for each run, and says what a run that died has left behind', () => {
  assert.is(
    historyText([RUNNING, DIED, DONE], foldMemory(new Map(), [RUNNING, DIED, DONE], null), [], noInk),
    `RUN                    STARTED               COMMAND  PLAYBOOK          END      DEVICES
20300103T000000Z-cccc  2030-01-01 00:00:00Z  apply    HP cards to 2.10  running  2 open
20300102T000000Z-bbbb  2030-01-01 00:00:00Z  apply    HP cards to 2.10  died     1 updated, 1 open
20300101T000000Z-aaaa  2030-01-01 00:00:00Z  apply    HP cards to 2.10  PENDING  1 updated, 1 pending

20300102T000000Z-bbbb died after 2030-01-01 00:00:02Z; what it left on 1 device:
  ${idOf(2)}: the activation was in flight: the new code may have started
    next: Leave it powered on, and look first: runbook verify 20300102T000000Z-bbbb
`,
  );
});

history('what somebody has looked at since asks for nothing any more', () => {
  assert.match(historyText([DIED], NOTHING_REMEMBERED, [], noInk), 'nothing was left open');
  const text = runText(DIED, NOTHING_REMEMBERED, { ink: noInk, verbose: false });
  assert.match(text, 'the activation was in flight: the new code may have started (settled since)');
  assert.not.match(text, 'next:');
});

history('the table counts as open what verify looks at, and nothing else', () => {
  const left = runOf('20300104T000000Z-dddd', [
    { type: 'state', device: idOf(1), state: 'first-chunk', mode: 0x0e },
  ]);
  const row = (runs: readonly RunRecord[], records = new Map<string, UnitRecord>()): string =>
    historyText([runs[0]!], foldMemory(records, runs, null), [], noInk).split('\n')[1]!;
  assert.match(row([left]), /died +1 open, 1 not begun$/);
  const settling = runOf('20300105T000000Z-eeee', [
    { type: 'verdict', result: resultOf(1) },
    { type: 'verdict', result: resultOf(2) },
    { type: 'run-finished', exit: exitOf('OK') },
  ]);
  const later = { ...settling, startedAt: '2030-01-02T00:00:00.000Z' };
  assert.match(row([left, later]), /died +1 settled since, 1 not begun$/);
  assert.match(row([DONE]), /1 updated, 1 pending$/);
  const at = '2030-01-02T00:00:00.000Z';
  const { play } = DONE.devices[1]!;
  const record = { unit: idOf(2), play, run: DONE.run, at, outcome: 'updated', seen: { run: 'r9', at } };
  const seen = new Map([[idOf(2), { ...record, endedBadly: [], frozen: null } as unknown as UnitRecord]]);
  assert.match(row([DONE], seen), /1 updated, 1 pending \(settled by r9\)$/);
  const body = {
    directory: '/state',
    runs: [historyEntry(DONE, foldMemory(seen, [], null), false)],
    unreadable: [],
  };
  obeys('report', JSON.parse(JSON.stringify(documentOf('runbook.history/1', 'history', 'OK', { body }))));
  const [{ devices }] = body.runs as [{ devices: readonly { settledBy?: string }[] }];
  const settled = devices.map(({ settledBy = null }) => settledBy);
  assert.equal(settled, [null, 'r9']);
});

history('a journal that cannot be read is named with the next step', () => {
  const broken = new StateError('journal-damaged', 'r.jsonl: line 3 is not JSON', 'Look at it.');
  assert.is(
    historyText([], NOTHING_REMEMBERED, [broken], noInk),
    'no runs\n\ncannot be read: r.jsonl: line 3 is not JSON\n  next: Look at it.\n',
  );
});

history('one run is shown with who, when, with what, and each device', () => {
  const text = runText(DONE, NOTHING_REMEMBERED, { ink: noInk, verbose: false });
  assert.match(text, '20300101T000000Z-aaaa  PENDING');
  assert.match(
    text,
    'started   2030-01-01 00:00:00Z, on store7, by runbook 0.1.0 (commit c0ffee123456) apply',
  );
  assert.match(text, `playbook  HP cards to 2.10 (upgrade.yml, sha256 ${SHA})`);
  assert.match(text, 'journal   /state/runs/20300101T000000Z-aaaa.jsonl');
  assert.match(text, `${idOf(1)}  HP SAS EXP Card  2.08    2.10    2.10   updated  256 commands, 12.3 s`);
  assert.match(text, `${idOf(2)} pending: written`);
  assert.not.match(text, 'verdict');
});

history('-v shows the journal, and a control character in it moves no cursor', () => {
  const run = runOf('r', [{ type: 'notice', device: idOf(1), message: 'odd \u001b[2J word' }]);
  const text = runText(run, NOTHING_REMEMBERED, { ink: noInk, verbose: true });
  assert.match(text, `00:00:01.000  notice  device=${idOf(1)} message=odd ?[2J word`);
  assert.match(text, 'run-started  2 devices');
});

history('the document obeys its schema, with and without entries', () => {
  for (const run of [DONE, DIED, RUNNING]) {
    for (const withEntries of [true, false]) {
      const body = {
        directory: '/state',
        runs: [historyEntry(run, NOTHING_REMEMBERED, withEntries)],
        unreadable: [],
      };
      obeys('report', JSON.parse(JSON.stringify(documentOf('runbook.history/1', 'history', 'OK', { body }))));
    }
  }
  const { known, next, open } = (
    historyEntry(DIED, foldMemory(new Map(), [DIED], null), false)['devices'] as Record<string, unknown>[]
  )[1]!;
  assert.equal([known, open], ['activation-in-flight', true]);
  assert.match(String(next), 'runbook verify');
});

history('a run that died before its first line is shown as such', () => {
  const run = recordOf('r1', 'r1.jsonl', { entries: [], header: null, notes: ['torn'] }, false);
  assert.match(historyText([run], NOTHING_REMEMBERED, [], noInk), 'r1 died; nothing was left open');
  assert.match(runText(run, NOTHING_REMEMBERED, { ink: noInk, verbose: true }), 'torn');
  const body = { directory: '/s', runs: [historyEntry(run, NOTHING_REMEMBERED, true)], unreadable: [] };
  obeys('report', JSON.parse(JSON.stringify(documentOf('runbook.history/1', 'history', 'OK', { body }))));
});

history.run();
