import * as assert from 'uvu/assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missing, suite } from '../support/suite.ts';
import { runRows } from './card-rows.ts';
import { OPTION_MODULES, serialOf, writeOptionLab } from './option-lab.ts';
import type { OptionRow, Seen } from './option-row.ts';
import { ROWS } from './option-rows.ts';

import { namesIn, requiredNames, wrongReasons } from './option-table.ts';
import { rigProblem } from './rig.ts';

const test = suite('options on a real kernel');
const problem = rigProblem();
let directory = '';
let endOf: Awaited<ReturnType<typeof runRows>>;

/** What came out of a row, and whether somebody looked at what only the node can give. */
function seenOf(row: OptionRow): { readonly seen: Seen; readonly isEvident: () => boolean } {
  const end = endOf(row);
  let looked = false;
  const seen: Seen = {
    ...end,
    get peer() {
      looked = true;
      return end.peer;
    },
    cards: (unit) => {
      looked = true;
      return unit === undefined
        ? end.commands
        : end.commands.filter((command) => command.unit === serialOf(unit));
    },
  };
  return { seen, isEvident: () => looked };
}

test.before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'runbook-options-'));
  await writeOptionLab(directory);
});
test.after(() => rm(directory, { recursive: true, force: true }));

test('every option of every command, and every activation step, has a row that runs it on a node', () => {
  const run = new Set(ROWS.flatMap(({ words }) => namesIn(words, directory)));
  assert.equal(
    requiredNames().filter((name) => !run.has(name)),
    [],
    'never run on a node: give them a row (option-rows.ts)',
  );
});

test('who is excused from running on a node opens none', () => assert.equal(wrongReasons(), []));

if (problem === null) {
  test.before(async () => {
    endOf = await runRows(ROWS, { directory, modules: OPTION_MODULES, timeLimitMs: 12 * 60_000 });
  });

  for (const row of ROWS) {
    test(`${row.name}: runbook ${row.words}`, () => {
      const { seen, isEvident } = seenOf(row);
      row.proves(seen);
      assert.ok(isEvident(), 'the row asserts nothing that only the node can give');
    });
  }
} else {
  missing('kernel', problem);
  test.skip(`${ROWS.length} command lines on a kernel`);
}

test.run();
