import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole, syncDirectory } from '../base/durable-file.ts';
import { causeText } from '../base/errno.ts';
import { refusal } from '../base/refusal.ts';
import type { ParsedDocument } from '../base/versioned-document.ts';
import { makeDirectory, namesIn, readStateFile, requireOwnPlace } from '../run/records/state-directory.ts';
import { StateError, writeAdvice } from '../run/records/state-error.ts';
import { JobError, jobError, jobRunning, jobUnknown, notAJob } from './job-error.ts';
import { contentsOfJob } from './job-contents.ts';
import { isJobName, parseJobRecord, parseJobResult, type JobRecord, type JobResult } from './job-record.ts';
import { mayBeginAgain, stateOf, type JobState } from './job-state.ts';

/** A begin that was taken: where its files are. */
export interface TakenJob {
  readonly record: JobRecord;
  readonly folder: string;
}

/**
 * Jobs of a state directory: `jobs/NAME/ATTEMPT/record.json` and, when it has ended, `result.json`. A folder takes its name
 * with its record in it, so of two processes that want the same attempt one gets it.
 */
export class JobStore {
  /** @param directory `jobs` of the state directory */
  constructor(readonly directory: string) {}

  /** How a job stands; null: there is none. Throws JobError `job-damaged`, `not-a-job`, and StateError. */
  async find(job: string): Promise<JobState | null> {
    const attempt = (await this.#attempts(job)).at(-1);
    if (attempt === undefined) return null;
    const folder = this.#folder(job, attempt);
    const record = await readRecord(path.join(folder, 'record.json'), job);
    const file = path.join(folder, 'result.json');
    const state = stateOf(record, await readResult(file, job));
    // The process may have written its result meanwhile.
    return state.state === 'died' ? stateOf(record, await readResult(file, job)) : state;
  }

  /** All jobs, by the time of their last begin; those that cannot be read are errors in the list. */
  async all(): Promise<{ readonly jobs: readonly JobState[]; readonly unreadable: readonly JobError[] }> {
    const names = (await namesIn(this.directory, (where) => readdir(where))).filter(isJobName);
    const jobs: JobState[] = [];
    const unreadable: JobError[] = [];
    for (const name of names) {
      try {
        const state = await this.find(name);
        if (state !== null) jobs.push(state);
      } catch (error) {
        if (!(error instanceof JobError)) throw error;
        unreadable.push(error);
      }
    }
    return { jobs: jobs.toSorted((a, b) => (a.record.startedAt < b.record.startedAt ? -1 : 1)), unreadable };
  }

  /**
   * Takes a job for this process, where it may be begun. Otherwise the state that stands against it. Throws StateError
   * `state-not-writable`.
   */
  async take(facts: Omit<JobRecord, 'attempt'>): Promise<TakenJob | JobState> {
    const { job } = facts;
    for (;;) {
      const state = await this.find(job);
      if (state !== null && !mayBeginAgain(state)) return state;
      const attempt = (state?.record.attempt ?? 0) + 1;
      const record: JobRecord = { ...facts, attempt };
      const folder = this.#folder(job, attempt);
      if (await this.#put(folder, record)) return { record, folder };
    }
  }

  /** Keeps the result: from now on the job has finished. Rejects with the error of the file system. */
  async finish({ folder }: TakenJob, result: JobResult): Promise<void> {
    await writeWhole(path.join(folder, 'result.json'), `${JSON.stringify(result)}\n`);
  }

  /**
   * Removes a job with all its attempts; runs and records stay. Throws JobError `job-unknown`, `job-running`, and `not-a-job` where the
   * folder has anything that runbook did not write: nothing is removed then.
   */
  async forget(job: string): Promise<void> {
    const state = await this.find(job).catch((error: unknown) => {
      // One that cannot be read is removed by its name.
      if (error instanceof JobError && error.code === 'job-damaged') return 'damaged' as const;
      throw error;
    });
    if (state === null) throw jobUnknown(job, this.directory);
    if (state !== 'damaged' && state.state === 'running') throw jobRunning(state);
    await this.#change(async () => {
      const folder = path.join(this.directory, job);
      const { files, folders } = await contentsOfJob(folder);
      const away = path.join(this.directory, `.${randomBytes(8).toString('hex')}`);
      await rename(folder, away);
      for (const file of files) await unlink(path.join(away, file));
      for (const inside of folders) await rmdir(path.join(away, inside));
      await rmdir(away);
      await syncDirectory(this.directory);
    });
  }

  /** Where the output of a process of this job goes; the folder is made. Throws StateError. */
  async outputFile(job: string, begin: string): Promise<string> {
    const folder = path.join(this.directory, job);
    await this.#change(() => makeDirectory(folder));
    return path.join(folder, `${begin}.out`);
  }

  #folder(job: string, attempt: number): string {
    return path.join(this.directory, job, String(attempt));
  }

  /** Oldest first. */
  async #attempts(job: string): Promise<number[]> {
    const names = await namesIn(path.join(this.directory, job), (where) => readdir(where));
    return names
      .filter((name) => /^[1-9][0-9]*$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** False: another process was faster. */
  async #put(folder: string, record: JobRecord): Promise<boolean> {
    const job = path.dirname(folder);
    const made = path.join(job, `.${randomBytes(8).toString('hex')}`);
    return this.#change(async () => {
      await makeDirectory(job);
      await mkdir(made, { mode: 0o700 });
      await writeFile(path.join(made, 'record.json'), `${JSON.stringify(record)}\n`, {
        mode: 0o600,
        flush: true,
      });
      try {
        await rename(made, folder);
      } catch (error) {
        await rm(made, { recursive: true, force: true });
        if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        throw error;
      }
      await syncDirectory(job);
      return true;
    });
  }

  async #change<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      requireOwnPlace(this.directory);
      return await act();
    } catch (error) {
      if (error instanceof StateError || error instanceof JobError) throw error;
      throw new StateError(
        'state-not-writable',
        `${this.directory} cannot be written to: ${causeText(error)}`,
        writeAdvice(error, this.directory),
        { directory: this.directory },
        { cause: error },
      );
    }
  }
}

/** The report of a host with thousands of units. */
const MOST_BYTES = 256 * 1024 * 1024;

async function readRecord(file: string, job: string): Promise<JobRecord> {
  const text = await readStateFile(file, MOST_BYTES);
  // A folder takes its number with its record in it.
  if (text === null) throw notAJob(path.dirname(file), 'it has no record.json');
  return soundOf(file, job, parseJobRecord(text));
}

/** null: it has not ended. */
async function readResult(file: string, job: string): Promise<JobResult | null> {
  const text = await readStateFile(file, MOST_BYTES);
  return text === null ? null : soundOf(file, job, parseJobResult(text));
}

function soundOf<Value>(file: string, job: string, parsed: ParsedDocument<Value>): Value {
  if (parsed.fault === null) return parsed.value;
  throw jobError('job-damaged', refusal('job-damaged', { file, job, what: parsed.message }));
}
