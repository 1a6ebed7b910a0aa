import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isExecutable } from '../../base/program-facts.ts';
import { refusal } from '../../base/refusal.ts';
import { jobError, requireSameFile } from '../../jobs/job-error.ts';
import { progressOf } from '../../jobs/job-progress.ts';
import { mayBeginAgain, type JobState } from '../../jobs/job-state.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { launch, type Launched } from '../../jobs/launch.ts';
import { systemClock } from '../../base/clock.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { Io } from '../io.ts';
import { answerOfState } from '../job-answers.ts';
import { openState } from '../open-state.ts';
import { BEGIN_VARIABLE, openJobs } from '../run-as-job.ts';

/** How long a started program may take until it has taken its job: much longer than any machine needs. */
const START_MS = 120_000;
const LOOK_EVERY_MS = 50;

/**
 * `apply --job NAME --detach`: starts the same command line in the background, and returns when its process has taken the
 * job. A job that is running, or that has a result, is not begun again. `begun` in the answer tells which it was.
 */
export async function startJob(job: string, file: string, options: CommonOptions, io: Io): Promise<Answer> {
  const store = openJobs(job, options, io);
  const state = openState(options, io);
  await state.requireOwn();
  const before = await store.find(job);
  const answer = async (now: JobState, begun: boolean): Promise<Answer> => {
    const units = await progressOf(state.directory.runs, now.record.run);
    return answerOfState(now, { command: 'apply', units, begun }, options, io, exitOf('OK'));
  };
  if (before !== null && !mayBeginAgain(before)) {
    requireSameFile(before, file);
    return answer(before, false);
  }
  await state.prepare();
  const begin = randomBytes(6).toString('hex');
  const output = await store.outputFile(job, begin);
  const failed = (what: string): Error =>
    jobError('job-not-started', refusal('job-not-started', { job, what, output }));
  let launched: Launched;
  try {
    launched = await launch(
      {
        job,
        begin,
        argv: foregroundCommand(),
        cwd: process.cwd(),
        environment: { ...environmentOf(io), [BEGIN_VARIABLE]: begin },
        output,
      },
      { isRoot: process.getuid?.() === 0 },
    );
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
  const now = await takenJob(store, job, before, launched);
  if (now === null) throw failed(await lastLine(output));
  return answer(now, now.record.begin === begin);
}

/** The job as soon as a process has taken it; null: the program ended without it, or none came. */
async function takenJob(
  store: JobStore,
  job: string,
  before: JobState | null,
  { ended }: Launched,
): Promise<JobState | null> {
  const program = { isOver: false };
  const over = (): void => void (program.isOver = true);
  ended.then(over, over);
  const until = systemClock.nowMs() + START_MS;
  for (;;) {
    const wasOver = program.isOver;
    const now = await store.find(job);
    if (now !== null && now.record.begin !== before?.record.begin) return now;
    if (wasOver || systemClock.nowMs() > until) return null;
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}

/** This command line without `--detach`, for the program that runs now: a bundle, or an executable of its own. */
function foregroundCommand(): readonly string[] {
  const words = process.argv.slice(2);
  const end = words.indexOf('--');
  const kept = words.filter((word, index) => word !== '--detach' || (end >= 0 && index > end));
  return [
    process.execPath,
    ...process.execArgv,
    ...(isExecutable() ? [] : [path.resolve(process.argv[1] ?? '')]),
    ...kept,
  ];
}

/** What a run depends on; the rest of a login is not for the background. */
const KEPT = /^(?:PATH|HOME|USER|LOGNAME|TZ|LANG|LC_.*|TMPDIR|XDG_STATE_HOME|SUDO_.*|RUNBOOK_.*)$/;

const environmentOf = ({ env }: Pick<Io, 'env'>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => KEPT.test(entry[0]) && entry[1] !== undefined,
    ),
  );

async function lastLine(output: string): Promise<string> {
  const text = await readFile(output, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1) || 'its program ended without a word';
}
