import { RunbookError } from '../base/errors.ts';
import { refusal } from '../base/refusal.ts';
import type { StopSignal } from '../run/facts/stop.ts';

/** What is almost ready may still be told whole. */
const GRACE_MS = 500;

/** A signal ended the command before it began anything, while it waited for something that may never come. */
export class StoppedEarly extends RunbookError<'stopped'> {
  constructor(readonly signal: StopSignal) {
    super('stopped', refusal('stopped', { signal }).message);
  }
}

/**
 * Waits of a command that has not begun anything yet: a mount that hangs, a pipe whose writer is silent, a device that does not
 * answer. Nothing is lost when they are left.
 */
export class EarlyWaits {
  #reject: (error: StoppedEarly) => void = () => undefined;
  readonly #stopped = new Promise<never>((_, reject) => (this.#reject = reject));
  #timer: NodeJS.Timeout | null = null;

  constructor() {
    // Also where nobody waits just now.
    this.#stopped.catch(() => undefined);
  }

  /** A signal came: whatever is waited for is left soon. */
  stop(signal: StopSignal): void {
    this.#timer ??= setTimeout(() => this.#reject(new StoppedEarly(signal)), GRACE_MS).unref();
  }

  /** The preparation is over: from now on a signal is for the run to obey. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#reject = () => undefined;
  }

  /** Like `work`, but rejects with StoppedEarly soon after a signal. */
  for<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#stopped]);
  }
}
