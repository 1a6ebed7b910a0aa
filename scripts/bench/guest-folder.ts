import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rigProblem } from '../../test/kernel/rig.ts';
import { tell } from './bench-lab.ts';

/** Tells what was measured in a guest, in a new folder that has the built program; or `{ problem }` where none can be started. */
export async function tellFromGuest(measure: (directory: string) => Promise<object>): Promise<void> {
  const problem = rigProblem();
  if (problem !== null) {
    tell({ problem });
    return;
  }
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-bench-'));
  try {
    await cp('dist', path.join(directory, 'program'), { recursive: true });
    tell({ problem: null, ...(await measure(directory)) });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
