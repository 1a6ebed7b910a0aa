import { JobStore } from '../../jobs/job-store.ts';
import { pruneJobs } from '../../jobs/prune.ts';
import { documentOf } from '../../report/documents.ts';
import { prunedText } from '../../report/pruned-text.ts';
import { chooseJournals, removeJournals } from '../../run/records/prune.ts';
import { readMemory } from '../../run/records/read-memory.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { openState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';
import { parseAge } from '../../base/units.ts';

/**
 * `runbook history --prune AGE`: removes journals of that age that nothing depends on any more, and says which stay, and why; and jobs of that age that have ended.
 * Opens no device. Throws StateError: a record that cannot be read may need any journal.
 */
export async function pruneHistory(age: string, options: CommonOptions, io: Io): Promise<Answer> {
  const before = new Date(Date.now() - ageMs(age));
  const { directory, requireOwn } = openState(options, io);
  await requireOwn();
  const { records, runs, damaged, unreadable } = await readMemory(directory);
  // What cannot be read may be about any unit: nothing is removed until somebody has looked.
  const [first] = [...damaged, ...unreadable];
  if (first !== undefined) throw first;
  const choice = chooseJournals(runs, records, before);
  await removeJournals(directory.runs, choice.remove);
  const jobs = await pruneJobs(new JobStore(directory.jobs), before);
  const exit = exitOf('OK');
  return {
    exit,
    document: documentOf('runbook.history/1', 'history', exit, {
      body: { directory: directory.root, runs: [], unreadable: [], older: 0, pruned: { ...choice, jobs } },
    }),
    text: prunedText(choice, jobs, runs.length, inkOf(io.stdout, io.env, options.color)),
  };
}

function ageMs(age: string): number {
  const ms = parseAge(age);
  if (ms === null) throw new UsageError(`--prune ${age} is not an age`, 'Write 90d, or 12h.');
  return ms;
}
