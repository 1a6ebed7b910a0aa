import { open, rm } from 'node:fs/promises';
import path from 'node:path';
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
  const handle = await open(file, 'wx', MODE).catch((error: unknown) => {
    throw openError(file, error);
  });
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
    throw notWritten(file, error);
  }
}

/** Else the name may be gone after a power cut. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function openError(file: string, error: unknown): SaveError {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
    ? new SaveError(
        'file-exists',
        `${file} already exists; nothing is overwritten`,
        'Choose another name, or move it away.',
      )
    : notWritten(file, error);
}

function notWritten(file: string, error: unknown): SaveError {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  return new SaveError(
    'file-not-written',
    `${file} cannot be written (${reason})`,
    'Check the directory, its permissions and its free space.',
  );
}
