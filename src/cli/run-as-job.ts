import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { causeText } from '../base/errno.ts';
import { processIdentity, readBootId } from '../host/machine.ts';
import { jobRunning, requireSameFile } from '../jobs/job-error.ts';
import { isJobName, JOB_RECORD_FORMAT, type JobDocument } from '../jobs/job-record.ts';
import { JobStore } from '../jobs/job-store.ts';
import { newRunId } from '../run/records/run-id.ts';
import type { Answer, CommonOptions } from './answer.ts';
import { errorAnswer } from './error-answer.ts';
import type { Io } from './io.ts';
import { answerOfJob } from './job-answers.ts';
import { openState } from './open-state.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from '../base/program-facts.ts';

/** Which begin a process is for, told by the one that started it. */
export const BEGIN_VARIABLE = 'RUNBOOK_JOB_BEGIN';

interface Wanted {
  readonly job: string;
  readonly file: string;
  readonly options: CommonOptions;
  readonly io: Io;
}

/** The jobs that this command has to do with. Throws UsageError for a name that is none. */
export function openJobs(job: string | null, options: CommonOptions, io: Pick<Io, 'env'>): JobStore {
  if (job !== null && !isJobName(job)) {
    throw new UsageError(
      `${job} is not a name of a job`,
      'Use letters, digits, dots, dashes and underscores, up to 80 of them.',
    );
  }
  return new JobStore(openState(options, io).directory.jobs);
}

/**
 * Runs `apply` as a job in this process: its answer is kept under the name. A job that is running, or that has ended with
 * something that somebody has to see, is not begun again: its own answer is given.
 */
export async function runAsJob(
  { job, file, options, io }: Wanted,
  answerOf: (run: string) => Promise<Answer>,
): Promise<Answer> {
  const store = openJobs(job, options, io);
  await openState(options, io).requireOwn();
  const taken = await store.take({
    format: JOB_RECORD_FORMAT,
    job,
    begin: io.env[BEGIN_VARIABLE] ?? randomBytes(6).toString('hex'),
    run: newRunId(),
    startedAt: new Date().toISOString(),
    file: path.resolve(file),
    runbook: VERSION,
    sudoUser: io.env['SUDO_USER'] ?? null,
    bootId: readBootId(),
    process: processIdentity(),
  });
  if ('state' in taken) {
    requireSameFile(taken, file);
    if (taken.state === 'running') throw jobRunning(taken);
    return answerOfJob(taken, options, io);
  }
  const { format, verbose, color } = options;
  const answer = await answerOf(taken.record.run).catch((error: unknown) =>
    errorAnswer(error, { command: 'apply', format, verbose, color }, io),
  );
  try {
    const document = answer.document as unknown as JobDocument;
    await store.finish(taken, { finishedAt: new Date().toISOString(), document });
    return answer;
  } catch (error) {
    const hint = `runbook: the result of job ${job} was not kept: ${causeText(error)}`;
    return { ...answer, hint: answer.hint === undefined ? hint : `${answer.hint}\n${hint}` };
  }
}
