import { RunbookError } from '../base/errors.ts';
import type { ErrorContext } from '../base/errors.ts';

/** The host did not do what was asked of it: no command to a device was involved. */
export class HostError extends RunbookError<
  | 'rescan-failed'
  | 'step-removes-disk'
  | 'driver-failed'
  | 'run-failed'
  | 'locked'
  | 'lock-failed'
  | 'others-can-write'
  | 'sysfs-not-mounted'
  | 'no-sg-driver'
  | 'host-unreadable'
> {
  /** Where the error itself knows best what helps. */
  override readonly next: string | null;

  constructor(
    code: HostError['code'],
    message: string,
    context: ErrorContext = {},
    { next = null, ...options }: ErrorOptions & { readonly next?: string | null } = {},
  ) {
    super(code, message, context, options);
    this.next = next;
  }
}
