import { RunbookError } from '../base/errors.ts';

export type ImageErrorCode =
  | 'missing'
  | 'unreadable'
  | 'directory'
  | 'kind'
  | 'empty'
  | 'changed'
  | 'too-large'
  | 'web-page'
  /** Something else that is recognised; `verbatim` says that it is meant. */
  | 'foreign'
  /** A carrier where the image itself is wanted. */
  | 'package'
  /** A carrier, or something in it, that is not opened. */
  | 'unsupported'
  /** No such member, or one that holds no bytes. */
  | 'member'
  | 'strip'
  | 'cut'
  | 'damaged'
  | 'limit'
  | 'unsafe';

/** Why a file is not an image that could be sent: origin and cause in one sentence, and one next step where it is known. */
export class ImageError extends RunbookError<ImageErrorCode> {
  constructor(
    code: ImageErrorCode,
    message: string,
    /** Null: what to do follows from the code. */
    override readonly next: string | null = null,
  ) {
    super(code, message);
  }
}

/** `origin` is a file, and the members that lead into it: `x.rpm!fw/y.scexe`. */
export const damaged = (origin: string, cause: string): ImageError =>
  new ImageError('damaged', `${origin} is damaged: ${cause}`);

export const cutOff = (origin: string, what: string, atBytes: number): ImageError =>
  new ImageError('cut', `${origin} is cut off: it ends at byte ${atBytes}, within ${what}`);

export const unsupported = (origin: string, what: string, next: string | null = null): ImageError =>
  new ImageError('unsupported', `${origin} ${what}`, next);
