import path from 'node:path';
import { RunbookError } from '../base/errors.ts';
import { refusal, type Refusal } from '../base/refusal.ts';
import type { JobState } from './job-state.ts';

type JobCode =
  | 'job-unknown'
  | 'job-of-another'
  | 'job-running'
  | 'job-died'
  | 'job-not-started'
  | 'job-damaged'
  | 'not-a-job';

/** Something about a job in the background. */
export class JobError extends RunbookError<JobCode> {
  override readonly next: string;

  constructor({ code, message, next }: Refusal & { readonly code: JobCode }) {
    super(code, message);
    this.next = next;
  }
}

/** The refusal of a job, with its code in the type. */
export const jobError = (code: JobCode, told: Refusal): JobError => new JobError({ ...told, code });

export const jobUnknown = (job: string, directory: string): JobError =>
  jobError('job-unknown', refusal('job-unknown', { job, directory }));

export const notAJob = (file: string, what: string): JobError =>
  jobError('not-a-job', refusal('not-a-job', { file, what }));

/** Throws JobError `job-of-another` where the job was begun with another file than this one. */
export function requireSameFile({ record: { job, file: what } }: JobState, file: string): void {
  if (path.resolve(file) === what) return;
  throw jobError('job-of-another', refusal('job-of-another', { job, what }));
}

export function jobRunning({ record }: JobState): JobError {
  const { job, process, startedAt: since } = record;
  return jobError('job-running', refusal('job-running', { job, pid: process.pid, since }));
}

export function jobDied({ record, how }: Extract<JobState, { state: 'died' }>): JobError {
  const { job, run, process } = record;
  const text =
    how === 'restarted'
      ? 'the host was restarted while it ran'
      : `process ${process.pid} ended without a result`;
  return jobError('job-died', refusal('job-died', { job, what: text, run }));
}
