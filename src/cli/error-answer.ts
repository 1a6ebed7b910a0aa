import { RunbookError } from '../base/errors.ts';
import type { Refusal } from '../base/refusal.ts';
import { diagnosticsText } from '../report/diagnostics-text.ts';
import { documentOf } from '../report/documents.ts';
import { failureText } from '../report/failure-text.ts';
import type { Ink } from '../report/ink.ts';
import { EXIT_OF_SIGNAL, exitOf, type Exit, type ExitName } from '../run/facts/outcome.ts';
import type { Answer } from './answer.ts';
import { bugReport, stackText } from './bug.ts';
import { annotations, diagnosticsDocument } from './diagnostics-output.ts';
import { InvalidFiles } from './invalid-files.ts';
import { inkOf, type Io } from './io.ts';
import type { Scan } from './scan.ts';
import { JobError } from '../jobs/job-error.ts';
import { StoppedEarly } from './stopped-early.ts';
import { UsageError } from './usage-error.ts';

/** What an answer to an error depends on. */
export type ErrorSurroundings = Pick<Scan, 'command' | 'format' | 'verbose' | 'color'>;

/** Every way in which a command can end without an answer of its own. */
export async function errorAnswer(error: unknown, scan: ErrorSurroundings, io: Io): Promise<Answer> {
  const ink = inkOf(io.stderr, io.env, scan.color);
  if (error instanceof InvalidFiles) return invalidAnswer(error, scan, io, ink);
  const { exit, failure } = judgeError(error);
  const stack = exit.name === 'INTERNAL' && scan.verbose ? stackText(error) : '';
  return {
    exit,
    document: documentOf('runbook.error/1', scan.command, exit, { error: failure }),
    text: '',
    abandons: error instanceof StoppedEarly,
    notes: (error instanceof UsageError ? error.help : null) ?? failureText(failure, ink) + stack,
  };
}

async function invalidAnswer(
  { diagnostics, checked }: InvalidFiles,
  scan: ErrorSurroundings,
  io: Io,
  ink: Ink,
): Promise<Answer> {
  const findings = { command: scan.command, exit: exitOf('INVALID'), checked, diagnostics };
  return {
    exit: findings.exit,
    document: diagnosticsDocument(findings),
    text: (await annotations(findings, scan.format, io)) ?? '',
    notes: diagnosticsText(diagnostics, ink),
  };
}

const EXIT_OF_JOB: Partial<Record<JobError['code'], ExitName>> = {
  'job-running': 'BUSY',
  'job-died': 'FAILED',
};

function judgeError(error: unknown): { readonly exit: Exit; readonly failure: Refusal } {
  if (error instanceof StoppedEarly)
    return { exit: exitOf(EXIT_OF_SIGNAL[error.signal]), failure: error.refusal };
  if (error instanceof UsageError) return { exit: exitOf('USAGE'), failure: error.refusal };
  if (error instanceof JobError)
    return { exit: exitOf(EXIT_OF_JOB[error.code] ?? 'REFUSED'), failure: error.refusal };
  // Whatever is not caught by a run was met before its first byte.
  if (error instanceof RunbookError)
    return { exit: exitOf('REFUSED'), failure: (error as RunbookError).refusal };
  return { exit: exitOf('INTERNAL'), failure: bugReport(error) };
}
