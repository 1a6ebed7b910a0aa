import type { Refusal } from '../base/refusal.ts';
import { jobDied } from '../jobs/job-error.ts';
import type { JobState } from '../jobs/job-state.ts';
import type { UnitProgress } from '../jobs/job-progress.ts';
import { documentOf, type DocumentDiagnostic } from '../report/documents.ts';
import { failureText } from '../report/failure-text.ts';
import { jobEntry, jobText } from '../report/job-text.ts';
import { reportText } from '../report/report-text.ts';
import { exitOf, type DeviceResult, type Exit } from '../run/facts/outcome.ts';
import type { Answer, CommonOptions } from './answer.ts';
import { inkOf, type Io } from './io.ts';

/** What the result of a run has, if it is one. */
interface ReportDocument {
  readonly devices?: readonly DeviceResult[];
  readonly run?: string | null;
  readonly error?: Refusal | null;
  readonly diagnostics?: readonly DocumentDiagnostic[];
}

/** The answer that the job gave, as `apply` would have given it in the foreground. Throws JobError `job-died`. */
export function answerOfJob(
  state: Exclude<JobState, { state: 'running' }>,
  { color }: CommonOptions,
  io: Io,
): Answer {
  if (state.state === 'died') throw jobDied(state);
  const { document } = state.result;
  const { devices, error = null, diagnostics = [] } = document as unknown as ReportDocument;
  const exit = document.exit as Exit;
  return {
    exit,
    document,
    text:
      devices === undefined
        ? ''
        : reportText(devices, exit, inkOf(io.stdout, io.env, color), false, state.record.run),
    notes:
      diagnosticLines(diagnostics) +
      (error === null ? '' : failureText(error, inkOf(io.stderr, io.env, color))),
  };
}

/** The files may have changed since: no line of them is shown. */
const diagnosticLines = (diagnostics: readonly DocumentDiagnostic[]): string =>
  diagnostics
    .map(
      ({ file, line, column, severity, message }) => `${file}:${line}:${column}: ${severity}: ${message}\n`,
    )
    .join('');

/** How a job stands, with the exit code of a shell: that of its run, 11 while it runs, 1 when it died. */
export function answerOfState(
  state: JobState,
  {
    command,
    units,
    begun,
  }: { readonly command: string; readonly units: readonly UnitProgress[]; readonly begun?: boolean },
  { color }: CommonOptions,
  io: Io,
  exit: Exit = exitOfJob(state),
): Answer {
  const error = state.state === 'died' ? jobDied(state).refusal : null;
  return {
    exit,
    document: documentOf('runbook.job/1', command, exit, {
      body: { ...(begun === undefined ? {} : { begun }), job: jobEntry(state, units) },
      error,
    }),
    text: jobText(state, units, inkOf(io.stdout, io.env, color)),
    notes: error === null ? '' : failureText(error, inkOf(io.stderr, io.env, color)),
  };
}

function exitOfJob(state: JobState): Exit {
  switch (state.state) {
    case 'running':
      return exitOf('BUSY');
    case 'died':
      return exitOf('FAILED');
    case 'finished':
      return state.result.document.exit as Exit;
  }
}
