import { RunbookError } from '../base/errors.ts';

/** The command line asks for something that cannot be (exit 2). */
export class UsageError extends RunbookError<'usage'> {
  constructor(
    message: string,
    /** One next step. */
    override readonly next: string,
  ) {
    super('usage', message);
  }
}
