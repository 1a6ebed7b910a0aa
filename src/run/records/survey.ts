import path from 'node:path';
import { mapConcurrently } from '../../base/concurrency.ts';
import { withStateFile } from './state-directory.ts';
import { StateError } from './state-error.ts';
import { JOURNAL_FORMAT } from './journal-entry.ts';
import type { UnitVerdict } from './journal-entry.ts';
import { JOURNAL_SUFFIX, readRun, runNames } from './journal-reader.ts';
import type { RunRecord } from './run-record.ts';
import { parseEntry } from './journal-shapes.ts';

/** A run that has its end, from its last line alone: what it settled. */
export interface FinishedRun {
  readonly run: string;
  readonly state: 'finished';
  readonly startedAt: string;
  /** A lab that started from its file: its devices knew nothing of what was before. */
  readonly fresh: boolean;
  readonly verdicts: readonly UnitVerdict[];
}

/** Whole, where the end is missing or does not say enough. */
export type SurveyedRun = RunRecord | FinishedRun;

export const isWhole = (run: SurveyedRun): run is RunRecord => !('verdicts' in run);

export interface SurveyedRuns {
  /** Oldest first. */
  readonly runs: readonly SurveyedRun[];
  /** Journals that cannot be read: what they say about a unit is not known. */
  readonly unreadable: readonly StateError[];
}

const READS_AT_ONCE = 16;

/**
 * What plans and looks have to know of all runs: what the finished ones settled, and everything of those that died or are at
 * work. Of a finished run one line is read, however long its journal is.
 */
export async function surveyRuns(directory: string): Promise<SurveyedRuns> {
  const names = await runNames(directory);
  const found = await mapConcurrently(names, READS_AT_ONCE, async (name) => {
    try {
      return (await finishedRun(directory, name)) ?? (await readRun(directory, name));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      // Removed since its name was read: somebody prunes.
      return (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' ? [] : error;
    }
  });
  return {
    runs: found.flatMap((run) => (run instanceof StateError ? [] : run)),
    unreadable: found.flatMap((run) => (run instanceof StateError ? [run] : [])),
  };
}

/** null: the journal has no end, or one that an older version wrote. Throws StateError `state-not-readable`. */
async function finishedRun(directory: string, run: string): Promise<FinishedRun | null> {
  const line = await lastLine(path.join(directory, run + JOURNAL_SUFFIX));
  const parsed = line === null ? null : parseEntry(line);
  if (parsed === null || 'problem' in parsed || parsed.entry.type !== 'run-finished') return null;
  const { format, startedAt, fresh, verdicts } = parsed.entry;
  if (format !== JOURNAL_FORMAT || startedAt === undefined || fresh === undefined || verdicts === undefined)
    return null;
  return { run, state: 'finished', startedAt, fresh, verdicts };
}

const TAIL_BYTES = 8192;

/** Without its newline; null: the file does not end with a whole line. */
const lastLine = (file: string): Promise<string | null> =>
  withStateFile(file, async (handle) => {
    const { size } = await handle.stat();
    for (let length = Math.min(TAIL_BYTES, size); length > 0; length = Math.min(8 * length, size)) {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, size - length);
      if (bytesRead < length || bytes.at(-1) !== 0x0a) return null;
      const start = bytes.lastIndexOf(0x0a, length - 2) + 1;
      if (start > 0 || length === size) return bytes.toString('utf8', start, length - 1);
    }
    return null;
  });
