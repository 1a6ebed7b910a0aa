import { RunbookError } from '../../base/errors.ts';
import { NO_PROC } from '../../base/file-in-directory.ts';
import type { ErrorContext } from '../../base/errors.ts';

export type StateErrorCode =
  | 'state-not-writable'
  | 'state-not-readable'
  | 'others-can-write'
  | 'journal-exists'
  | 'journal-write-failed'
  | 'journal-damaged'
  | 'journal-newer'
  | 'unit-record-damaged'
  | 'unit-record-newer';

/** Something is wrong with what runbook keeps about its runs; `next` is the one thing to do. */
export class StateError extends RunbookError<StateErrorCode> {
  constructor(
    code: StateErrorCode,
    message: string,
    override readonly next: string,
    context: ErrorContext = {},
    options?: ErrorOptions,
  ) {
    super(code, message, context, options);
  }
}

/** The next step where a file or directory of the state could not be written. */
export function writeAdvice(error: unknown, place: string): string {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `Free some space for ${place}, or name another place with --state-dir.`;
    case 'EACCES':
    case 'EPERM':
      return 'Run it as root, or name a directory of your own with --state-dir.';
    case 'EROFS':
      return 'Name a directory on a writable file system with --state-dir.';
    case 'EIO':
      return `Check the kernel log (dmesg): the disk under ${place} fails. Name another place with --state-dir.`;
    case NO_PROC:
      return 'Mount it: mount -t proc proc /proc';
    default:
      return 'Name another directory with --state-dir.';
  }
}
