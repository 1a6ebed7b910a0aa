import { RunbookError } from '../base/errors.ts';
import type { ErrorContext } from '../base/errors.ts';
import type { LockHolder, Refusal } from '../base/refusal.ts';

const UNKNOWN_HOLDER: LockHolder = { run: null, pid: null, since: null };

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
  /** Who holds the lock; null: the code is not `locked`. */
  readonly holder: LockHolder | null;

  constructor(
    code: HostError['code'],
    message: string,
    context: ErrorContext = {},
    {
      next = null,
      holder = UNKNOWN_HOLDER,
      ...options
    }: ErrorOptions & { readonly next?: string | null; readonly holder?: LockHolder } = {},
  ) {
    super(code, message, context, options);
    this.next = next;
    this.holder = code === 'locked' ? holder : null;
  }

  override get refusal(): Refusal {
    return { ...super.refusal, ...(this.holder !== null && { lockedBy: this.holder }) };
  }
}
