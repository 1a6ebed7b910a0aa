import { refusal, type Refusal } from '../base/refusal.ts';
import { programText } from '../base/program-facts.ts';

/** Anything that reaches the command line without being a RunbookError is our mistake, and is called so. */
export function bugReport(error: unknown): Refusal {
  const what = error instanceof Error ? error.message : String(error);
  return refusal('bug', { version: programText(), what });
}

/** The stack, for -v only. */
export function stackText(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? `${error.stack}\n` : '';
}
