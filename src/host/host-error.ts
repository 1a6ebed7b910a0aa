import { RunbookError } from '../base/errors.ts';

/** The host did not do what was asked of it: no command to a device was involved. */
export class HostError extends RunbookError<
  'rescan-failed' | 'in-use' | 'driver-failed' | 'run-failed' | 'locked' | 'lock-failed'
> {}
