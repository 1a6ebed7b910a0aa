import { RunbookError } from '../base/errors.ts';

/** The lab could not be served to the running kernel, or not be taken away again. */
export class ServedError extends RunbookError<
  'not-permitted' | 'no-module' | 'no-configfs' | 'kernel-refused' | 'not-servable' | 'already-up' | 'not-up'
> {
  constructor(
    code: ServedError['code'],
    message: string,
    /** One next step. */
    override readonly next: string,
    options?: ErrorOptions,
  ) {
    super(code, message, {}, options);
  }
}

/** `EBUSY` of a failed call of node:fs; the message of anything else. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

/** True for a failed call of node:fs with this errno name. */
export function hasCode(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof Error && 'code' in cause && codes.includes(String(cause.code));
}
