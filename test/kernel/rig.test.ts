import * as assert from 'uvu/assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missing, suite } from '../support/suite.ts';
import { CARD_LIBRARY, FOUR_CARDS } from './cards.ts';
import { rigProblem, runGuest } from './rig.ts';
import type { GuestRun, GuestStep } from './rig.ts';

const test = suite('kernel rig');
const problem = rigProblem();

async function boot(steps: GuestStep[], timeLimitMs: number) {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-rig-'));
  try {
    return await runGuest({ directory, modules: FOUR_CARDS, preparation: CARD_LIBRARY, steps, timeLimitMs });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

if (problem === null) {
  let runs: { told: GuestRun; hung: GuestRun };
  // Side by side: one of them waits for the end of its time.
  test.before(async () => {
    const [told, hung] = await Promise.all([
      boot(
        [
          { name: 'list', script: 'lsscsi -g' },
          { name: 'revision', script: 'set_revision 2.10; sg_inq /dev/sg3; set_revision 2.08' },
          { name: 'node', script: `node -e 'console.error(process.version); process.exitCode = 7'` },
        ],
        60_000,
      ),
      boot(
        [
          { name: 'first', script: 'echo done' },
          { name: 'hangs', script: 'while true; do nap 1; done' },
        ],
        15_000,
      ),
    ]);
    runs = { told, hung };
  });

  test('shows four expander cards, runs programs of this machine and tells how they ended', () => {
    const { steps, console } = runs.told;
    const list = steps.get('list')?.stdout ?? '';
    const lines = list.trimEnd().split('\n');
    assert.is(lines.length, 4, console);
    for (const [index, line] of lines.entries()) {
      assert.match(line, new RegExp(`enclosu HP +HP SAS EXP Card +2\\.08 .*/dev/sg${index}`));
    }
    assert.match(steps.get('revision')?.stdout ?? '', /Product revision level: 2\.10/);
    assert.equal(steps.get('node'), { exitCode: 7, stdout: '', stderr: `${process.version}\n` });
  });

  test('takes the guest down when the time is over and keeps what was done until then', () => {
    const { steps, console } = runs.hung;
    assert.is(steps.get('first')?.stdout, 'done\n');
    assert.is(steps.get('hangs'), undefined);
    assert.match(console, 'killed after 15 s');
  });
} else {
  missing('kernel', problem);
  test.skip('shows four expander cards');
}

test.run();
