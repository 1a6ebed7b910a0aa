import { systemClock } from '../../base/clock.ts';
import { parseDuration } from '../../base/units.ts';
import { jobRunning, jobUnknown } from '../../jobs/job-error.ts';
import { progressOf } from '../../jobs/job-progress.ts';
import type { JobState } from '../../jobs/job-state.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { documentOf } from '../../report/documents.ts';
import { jobEntry, jobsText } from '../../report/job-text.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { answerOfJob, answerOfState } from '../job-answers.ts';
import { openState } from '../open-state.ts';
import { openJobs } from '../run-as-job.ts';
import { UsageError } from '../usage-error.ts';

const LOOK_EVERY_MS = 500;

/** `runbook job wait NAME [--for TIME]`: returns when the job has ended, or when the time is over; then it runs on. */
export async function waitForJob(
  job: string,
  options: CommonOptions & { readonly for: string | null },
  io: Io,
): Promise<Answer> {
  const store = openJobs(job, options, io);
  const forMs = options.for === null ? Infinity : parseDuration(options.for);
  if (forMs === null) throw new UsageError(`--for ${options.for} is not a duration`, 'Write 50s, 10m or 0s.');
  const until = systemClock.nowMs() + forMs;
  let state = await existing(store, job);
  while (state.state === 'running' && systemClock.nowMs() < until) {
    await systemClock.sleep(Math.min(LOOK_EVERY_MS, until - systemClock.nowMs()));
    state = await existing(store, job);
  }
  const units = await progressOf(openState(options, io).directory.runs, state.record.run);
  return answerOfState(state, { command: 'job wait', units }, options, io);
}

/** `runbook job result NAME`: the answer of the job, with its exit code. Throws JobError `job-running`, `job-died`. */
export async function jobResult(job: string, options: CommonOptions, io: Io): Promise<Answer> {
  const state = await existing(openJobs(job, options, io), job);
  if (state.state === 'running') throw jobRunning(state);
  return answerOfJob(state, options, io);
}

/** `runbook job list`: all jobs of this state directory that nobody has forgotten. */
export async function listJobs(options: CommonOptions, io: Io): Promise<Answer> {
  const { jobs, unreadable } = await openJobs(null, options, io).all();
  const exit = exitOf('OK');
  return {
    exit,
    document: documentOf('runbook.jobs/1', 'job list', exit, {
      body: {
        jobs: jobs.map((state) => jobEntry(state, [])),
        unreadable: unreadable.map(({ message, next }) => ({ message, next })),
      },
    }),
    text: jobsText(jobs, inkOf(io.stdout, io.env, options.color)),
    hint:
      unreadable.length === 0
        ? undefined
        : `runbook: not read: ${unreadable.map(({ message, next }) => `${message}. ${next}`).join('; ')}`,
  };
}

/** `runbook job forget NAME`: the result was seen. The run stays in the history. */
export async function forgetJob(job: string, options: CommonOptions, io: Io): Promise<Answer> {
  const store = openJobs(job, options, io);
  await openState(options, io).requireOwn();
  await store.forget(job);
  const exit = exitOf('OK');
  return {
    exit,
    document: documentOf('runbook.jobs/1', 'job forget', exit, { body: { jobs: [], unreadable: [] } }),
    text: `job ${job} is forgotten; its run is in: runbook history\n`,
  };
}

async function existing(store: JobStore, job: string): Promise<JobState> {
  const state = await store.find(job);
  if (state === null) throw jobUnknown(job, store.directory);
  return state;
}
