import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missing, suite } from '../support/suite.ts';
import { runRows } from './card-rows.ts';
import { writeKindLab } from './kind-lab.ts';
import { KIND_ROWS } from './kind-rows.ts';
import { GUEST_LIMIT_MS, rigProblem } from './rig.ts';
import { TARGET_MODULES } from './served-lab.ts';

/* What strangers' units are like, as real nodes: staged images, several logical units, pages that cannot be read, what changes. */

const test = suite('units of every kind on a real kernel');
const problem = rigProblem();

if (problem === null) {
  let directory = '';
  let endOf: Awaited<ReturnType<typeof runRows>>;
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-kinds-'));
    await writeKindLab(directory);
    endOf = await runRows(KIND_ROWS, { directory, modules: TARGET_MODULES, timeLimitMs: GUEST_LIMIT_MS });
  });
  test.after(() => rm(directory, { recursive: true, force: true }));
  for (const row of KIND_ROWS) test(row.name, () => row.proves(endOf(row)));
} else {
  missing('kernel', problem);
  test.skip(`${KIND_ROWS.length} situations on a kernel`);
}

test.run();
