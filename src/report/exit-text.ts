import type { Exit, ExitName } from '../run/facts/outcome.ts';
import { EXIT_CODES } from '../run/facts/outcome.ts';

/** What each exit code means, for the help text, the report and the README. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  OK: 'done, or nothing to do',
  FAILED: 'a device failed after work on it began',
  USAGE: 'the command line is wrong',
  INVALID: 'the playbook or the lab file is wrong',
  REFUSED: 'a unit, or the whole run, was refused before its first byte',
  CHANGES: 'apply would change a device (plan --exit-code)',
  PENDING: 'written, but still waiting for an event',
  HALTED: 'the failure policy stopped the run',
  LOST: 'a device did not come back',
  FROZEN: 'a device must not be reset or powered off',
  NOMATCH: 'nothing matched',
  BUSY: 'another run holds the lock',
  UNVERIFIED: 'accepted, but nothing shows that the new code runs',
  INTERNAL: 'a bug in runbook',
  INTERRUPTED: 'stopped by INT at a safe point',
  TERMINATED: 'stopped by TERM at a safe point',
};

/** `exit 12 (UNVERIFIED): accepted, but nothing shows that the new code runs` */
export function exitText({ code, name }: Exit): string {
  return `exit ${code} (${name}): ${EXIT_MEANINGS[name]}`;
}

/** The table at the end of --help. */
export function exitCodesHelp(): string {
  const rows = Object.entries(EXIT_CODES).map(
    ([name, code]) => `  ${String(code).padStart(3)}  ${EXIT_MEANINGS[name as ExitName]}`,
  );
  return ['', 'Exit codes:', ...rows].join('\n');
}
