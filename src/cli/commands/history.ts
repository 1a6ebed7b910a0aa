import { documentOf } from '../../report/documents.ts';
import { historyEntry, historyText, runText } from '../../report/history-text.ts';
import { createInk } from '../../report/ink.ts';
import { deadRunsAmong } from '../../run/journal/dead-runs.ts';
import { readRun, readRuns, runNames } from '../../run/journal/reader.ts';
import { exitOf } from '../../run/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { wantsColor, type Io } from '../io.ts';
import { openState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';

/** `runbook history [RUN]`: all runs that this host remembers, or one of them in full. Opens no device. */
export async function history(name: string | undefined, options: CommonOptions, io: Io): Promise<Answer> {
  const { directory } = openState(options, io);
  const ink = createInk(wantsColor(io.stdout, io.env, options.color));
  const exit = exitOf('OK');
  const { runs, unreadable } = await readRuns(directory.runs);
  const open = deadRunsAmong(runs);
  if (name !== undefined) {
    const run = await readRun(directory.runs, await runNamed(directory.runs, name));
    return {
      exit,
      document: documentOf('runbook.history/1', 'history', exit, {
        body: { directory: directory.root, runs: [historyEntry(run, open, true)], unreadable: [] },
      }),
      text: runText(run, open, { ink, verbose: options.verbose }),
    };
  }
  const newestFirst = [...runs].reverse();
  return {
    exit,
    document: documentOf('runbook.history/1', 'history', exit, {
      body: {
        directory: directory.root,
        runs: newestFirst.map((run) => historyEntry(run, open, false)),
        unreadable: unreadable.map(({ message, next }) => ({ message, next })),
      },
    }),
    text: historyText(newestFirst, open, unreadable, ink),
    hint: runs.length === 0 ? `runbook: ${directory.root} holds no run; another one: --state-dir` : undefined,
  };
}

/** The id of a run from what a person types: the id, a part of it that only one has, or `last`. Throws UsageError. */
export async function runNamed(directory: string, name: string): Promise<string> {
  const names = await runNames(directory);
  if (names.includes(name)) return name;
  const last = names.at(-1);
  if (name === 'last' && last !== undefined) return last;
  const found = names.filter((run) => run.includes(name));
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    found.length === 0 ? `there is no run ${name}` : `${name} may be ${found.join(', ')}`,
    'See the runs of this host: runbook history',
  );
}
