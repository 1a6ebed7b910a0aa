import { documentOf } from '../../report/documents.ts';
import { historyEntry, historyText, runText } from '../../report/history-text.ts';
import { readRun, readRuns, runNames } from '../../run/records/journal-reader.ts';
import { readMemory } from '../../run/records/read-memory.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { openState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';

export interface HistoryOptions extends CommonOptions {
  /** So many runs are listed, the newest first; what a run that died left open is listed always. */
  readonly limit: string;
}

/** `runbook history [RUN]`: the runs that this host remembers, or one of them in full. Opens no device. */
export async function history(name: string | undefined, options: HistoryOptions, io: Io): Promise<Answer> {
  const limit = limitOf(options.limit);
  const { directory } = openState(options, io);
  const ink = inkOf(io.stdout, io.env, options.color);
  const exit = exitOf('OK');
  const { memory, ...survey } = await readMemory(directory);
  if (name !== undefined) {
    const run = await readRun(directory.runs, await runNamed(directory.runs, name));
    return {
      exit,
      document: documentOf('runbook.history/1', 'history', exit, {
        body: {
          directory: directory.root,
          runs: [historyEntry(run, memory, true)],
          unreadable: [],
          older: 0,
        },
      }),
      text: runText(run, memory, { ink, verbose: options.verbose }),
    };
  }
  const openRuns = new Set([...memory.units.values()].flatMap(({ interrupted }) => interrupted?.run ?? []));
  const listed = survey.runs.filter(
    ({ run, state }, index) =>
      index >= survey.runs.length - limit || openRuns.has(run) || state === 'running',
  );
  const { runs, unreadable } = await readRuns(
    directory.runs,
    listed.map(({ run }) => run),
  );
  const newestFirst = [...runs].reverse();
  const unread = [...survey.unreadable, ...unreadable];
  const older = survey.runs.length - listed.length;
  return {
    exit,
    document: documentOf('runbook.history/1', 'history', exit, {
      body: {
        directory: directory.root,
        runs: newestFirst.map((run) => historyEntry(run, memory, false)),
        unreadable: unread.map(({ message, next }) => ({ message, next })),
        older,
      },
    }),
    text: historyText(newestFirst, memory, unread, ink),
    hint:
      survey.runs.length === 0
        ? `runbook: ${directory.root} has no runs; for another state directory: --state-dir`
        : older > 0
          ? `runbook: ${older} older not shown; to see all: --limit ${survey.runs.length}`
          : undefined,
  };
}

function limitOf(text: string): number {
  const limit = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new UsageError(`--limit ${text} is not a number of runs`, 'Write 1 or more.');
  return limit;
}

/**
 * The id of a run from what a person types: the id, a part of it that only one has, or `last`, in any case. Throws
 * UsageError.
 */
export async function runNamed(directory: string, typed: string): Promise<string> {
  const names = await runNames(directory);
  if (names.includes(typed)) return typed;
  const name = typed.toLowerCase();
  const last = names.at(-1);
  if (name === 'last') {
    if (last !== undefined) return last;
    throw new UsageError(
      `there are no runs in ${directory}`,
      'Give the --lab or --state-dir with which the run was made, or see: runbook history',
    );
  }
  const found = names.filter((run) => run.toLowerCase().includes(name));
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    found.length === 0 ? `there is no run ${typed}` : `${typed} matches ${found.join(', ')}`,
    'See the runs of this host: runbook history',
  );
}
