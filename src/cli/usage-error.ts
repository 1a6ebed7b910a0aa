import { RunbookError } from '../base/errors.ts';

/** The command line asks for something that cannot be (exit 2). */
export class UsageError extends RunbookError<'usage'> {
  constructor(
    message: string,
    /** One next step. */
    override readonly next: string,
    /** Help text that a person is shown in place of the message; null: the message is what helps. */
    readonly help: string | null = null,
  ) {
    super('usage', message);
  }
}
