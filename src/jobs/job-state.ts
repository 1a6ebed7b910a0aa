import { isAlive, readBootId } from '../host/machine.ts';
import type { JobRecord, JobResult } from './job-record.ts';

/**
 * A job is `running` until its result is written, or until its process is gone: then it `died`.
 *
 *     (nothing) ──► running ──► finished ──► running …   only where nothing was written
 *                      └──────► died ──────► running …   the next attempt
 */
export type JobState =
  | { readonly state: 'running'; readonly record: JobRecord }
  | { readonly state: 'finished'; readonly record: JobRecord; readonly result: JobResult }
  | { readonly state: 'died'; readonly record: JobRecord; readonly how: DeathOfJob };

/** `restarted`: the host was started again since. `process-gone`: the process ended without a result. */
export type DeathOfJob = 'restarted' | 'process-gone';

/** What a record and its result, where there is one, amount to now. */
export function stateOf(record: JobRecord, result: JobResult | null): JobState {
  if (result !== null) return { state: 'finished', record, result };
  const bootId = readBootId();
  if (record.bootId !== null && bootId !== null && record.bootId !== bootId)
    return { state: 'died', record, how: 'restarted' };
  return isAlive(record.process)
    ? { state: 'running', record }
    : { state: 'died', record, how: 'process-gone' };
}

/** Exit codes of runs that end before the first byte; 4, 11, 130 and 143 may also have written to some units. */
const BEFORE_THE_FIRST_BYTE: readonly number[] = [2, 3, 4, 10, 11, 130, 143];

/** Whether asking for the job again begins it again. All else would hide an end that somebody has to see. */
export function mayBeginAgain(state: JobState): boolean {
  switch (state.state) {
    case 'running':
      return false;
    case 'died':
      return true;
    case 'finished': {
      const { exit, devices = [] } = state.result.document;
      return BEFORE_THE_FIRST_BYTE.includes(exit.code) && devices.every(({ chunks = 0 }) => chunks === 0);
    }
  }
}
