import { failureAt, type FailureReport } from '../base/errors.ts';
import { VERSION } from './version.ts';

/** Anything that reaches the command line without being a RunbookError is our mistake, and is called so. */
export function bugReport(error: unknown): FailureReport {
  const what = error instanceof Error ? error.message : String(error);
  const next = 'Report it with the command line and what the same command prints with -v.';
  return failureAt('procedure', `this is a bug in runbook ${VERSION}: ${what}`, next);
}

/** The stack, for -v only. */
export function stackText(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? `${error.stack}\n` : '';
}
