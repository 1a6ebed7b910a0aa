import { RunbookError } from '../base/errors.ts';

/** Why a file is no image that could be sent. The message is a whole sentence; what to do is the reader's. */
export class ImageError extends RunbookError<
  'missing' | 'unreadable' | 'directory' | 'kind' | 'empty' | 'changed' | 'too-large'
> {}
