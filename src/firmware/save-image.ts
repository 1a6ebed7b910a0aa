import { writeWhole } from '../base/durable-file.ts';
import { causeText } from '../base/errno.ts';
import { RunbookError } from '../base/errors.ts';

/** Why an image was not written. */
export class SaveError extends RunbookError<'file-exists' | 'file-not-written'> {
  constructor(
    code: 'file-exists' | 'file-not-written',
    message: string,
    /** One next step. */
    override readonly next: string,
  ) {
    super(code, message);
  }
}

/** Nobody else may read it, and nobody may execute it. */
const MODE = 0o600;

/** Writes a new file, and waits until it is on the disk. Never overwrites; leaves no half of a file. Throws SaveError. */
export async function saveImage(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(file, bytes, { target: 'new', mode: MODE });
  } catch (error) {
    throw saveError(file, error);
  }
}

function saveError(file: string, error: unknown): SaveError {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
    ? new SaveError(
        'file-exists',
        `${file} already exists; nothing is overwritten`,
        'Choose another name, or move it away.',
      )
    : notWritten(file, error);
}

const notWritten = (file: string, error: unknown): SaveError =>
  new SaveError(
    'file-not-written',
    `${file} cannot be written: ${causeText(error)}`,
    'Check the directory, its permissions and its free space.',
  );
