import * as assert from 'uvu/assert';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openJournal } from '../../src/run/records/journal.ts';
import { exitOf } from '../../src/run/facts/outcome.ts';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { resultOf } from '../unit/report/run-events.ts';
import { headerOf } from '../unit/run/records/builders.ts';
import { runJson } from './document.ts';

const root = mkdtempSync(path.join(tmpdir(), 'runbook-history-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const test = suite('history by the program');
const HOST = { name: 'x', kind: 'lab', bootId: null, fresh: false } as const;

/** A state directory with so many runs that ended well, and before them one that died. */
async function stateOf(name: string, count: number): Promise<string> {
  const directory = path.join(root, name);
  const process = { pid: 4_194_300, startTicks: '1' };
  for (let n = 0; n <= count; n++) {
    const run = `20260101T${String(n).padStart(6, '0')}Z-abcd`;
    const header = headerOf(run, n === 0 ? 2 : 1, { host: HOST, process });
    const journal = await openJournal(path.join(directory, 'runs'), header);
    const id = header.devices[n === 0 ? 1 : 0]!.id;
    await journal.device(id).enter('first-chunk');
    if (n === 0) {
      await journal.close();
      continue;
    }
    await journal.device(id).verdict(resultOf(1));
    await journal.finish(exitOf('OK'));
  }
  return directory;
}

interface Listed {
  readonly runs: readonly { readonly run: string; readonly state: string }[];
  readonly older: number;
  readonly pruned?: {
    readonly remove: string[];
    readonly keep: { run: string; reason: string }[];
    readonly jobs: string[];
  };
}

const listed = async (...args: string[]): Promise<Listed> =>
  (await runJson(['history', ...args])).document as unknown as Listed;

test('the newest runs are listed, and what one that died left open is never left out', async () => {
  const directory = await stateOf('many', 5);
  const { runs, older } = await listed('--state-dir', directory, '--limit', '2');
  assert.equal(
    runs.map(({ run, state }) => `${run.slice(9, 15)} ${state}`),
    ['000005 finished', '000004 finished', '000000 died'],
  );
  assert.is(older, 3);
  const text = await runbook(['history', '--state-dir', directory, '--limit', '2']);
  assert.match(text.stderr, 'runbook: 3 older not shown; to see all: --limit 6');
  assert.is((await listed('--state-dir', directory)).runs.length, 6);
});

test('--prune removes what nothing depends on, and says what stays', async () => {
  const directory = await stateOf('pruned', 3);
  const young = await listed('--state-dir', directory, '--prune', '30d');
  assert.equal(young.pruned, { remove: [], keep: [], jobs: [] });
  // The journals were made a moment ago.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const { pruned } = await listed('--state-dir', directory, '--prune', '0h');
  assert.is(pruned!.remove.length, 2);
  assert.equal(
    pruned!.keep.map(({ run }) => run),
    ['20260101T000000Z-abcd', '20260101T000003Z-abcd'],
  );
  assert.match(pruned!.keep[0]!.reason, /it was interrupted on naa\.\w+, which was not checked since/);
  assert.match(pruned!.keep[1]!.reason, /it says how run 20260101T000000Z-abcd ended, which was interrupted/);
  assert.equal(readdirSync(path.join(directory, 'runs')), [
    '20260101T000000Z-abcd.jsonl',
    '20260101T000003Z-abcd.jsonl',
  ]);
  const again = await runbook(['history', '--state-dir', directory, '--prune', '0h']);
  assert.match(
    again.stdout,
    /^0 journals removed, 2 left\nold, but still needed:\n {2}20260101T000000Z-abcd /,
  );
});

test('a word that is not an age, or not a number of runs, is a usage error', async () => {
  for (const args of [
    ['--prune', 'soon'],
    ['--prune', '90'],
    ['--limit', '0'],
    ['last', '--prune', '90d'],
  ]) {
    const { exitCode, stderr } = await runbook(['history', '--state-dir', root, ...args]);
    assert.is(exitCode, 2, args.join(' '));
    assert.match(stderr, /next: (Write|Remove)/);
  }
});

test('without a run, `last` names the directory where none is, and what may have named another', async () => {
  const directory = path.join(root, 'empty');
  const { exitCode, stderr } = await runbook(['history', 'last', '--state-dir', directory]);
  assert.is(exitCode, 2);
  assert.match(stderr, `there are no runs in ${directory}`);
  assert.match(stderr, /next: Give the --lab or --state-dir with which the run was made/);
});

test('a run is named by a part of its id, or by `last`, in any case', async () => {
  const directory = await stateOf('named', 2);
  for (const [typed, run] of [
    ['LAST', '20260101T000002Z-abcd'],
    ['t000001z', '20260101T000001Z-abcd'],
    ['000002Z-ABCD', '20260101T000002Z-abcd'],
  ] as const) {
    const { runs } = await listed(typed, '--state-dir', directory);
    assert.equal(
      runs.map((one) => one.run),
      [run],
    );
  }
  const { exitCode, stderr } = await runbook(['history', 'ABCD', '--state-dir', directory]);
  assert.is(exitCode, 2);
  assert.match(stderr, 'ABCD matches 20260101T000000Z-abcd, 20260101T000001Z-abcd, 20260101T000002Z-abcd');
});

test.run();
