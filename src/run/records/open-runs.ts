import { open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { syncDirectory } from '../../base/durable-file.ts';
import { openUnits } from './open-units.ts';
import { readMemory } from './read-memory.ts';
import { makeDirectory, namesIn } from './state-directory.ts';
import type { StateDirectory } from './state-directory.ts';
import { StateError, writeAdvice } from './state-error.ts';
import { isWhole } from './survey.ts';

/**
 * Which runs may have left a unit open, for programs that cannot read journals: one empty file for each, with its name. The
 * service that looks after a start of the host begins only where there is one. A file too many costs a look; without one an open
 * unit would not be looked at. So a run makes its own before its first byte, and it is removed when nothing of that run is open.
 */

/** Throws StateError `state-not-writable`. */
export async function markOpenRun({ open: directory }: StateDirectory, run: string): Promise<void> {
  const file = path.join(directory, run);
  await writing(file, async () => {
    await makeDirectory(directory);
    await (await open(file, 'a', 0o600)).close();
    await syncDirectory(directory);
  });
}

/** Makes the files say what records and journals say. Throws StateError. */
export async function updateOpenRuns(state: StateDirectory): Promise<void> {
  // Before the journals are read: each file that is there now has its journal, also that of a run which begins meanwhile.
  const marked = await namesIn(state.open, (directory) => readdir(directory));
  const { memory, runs, damaged, unreadable } = await readMemory(state);
  const running = runs.filter(isWhole).filter((run) => run.state === 'running');
  const needed = new Set([...openUnits(memory), ...running].map(({ run }) => run));
  for (const run of needed) {
    if (!marked.includes(run)) await markOpenRun(state, run);
  }
  // What cannot be read may be about any of them.
  if (damaged.length + unreadable.length > 0) return;
  for (const run of marked.filter((name) => !needed.has(name))) {
    const file = path.join(state.open, run);
    await writing(file, () => rm(file, { force: true }));
  }
}

async function writing(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(
      'state-not-writable',
      `${file} cannot be made or removed: ${causeText(error)}`,
      writeAdvice(error, path.dirname(file)),
      { file },
      { cause: error },
    );
  }
}
