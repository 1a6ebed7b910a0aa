import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { causeText } from '../base/errno.ts';
import { OthersCanWriteError, requireOwn } from '../base/own-directory.ts';
import { HostError } from './host-error.ts';

export interface ImageCopy {
  readonly file: string;
  /** Never rejects. */
  remove(): Promise<void>;
}

/**
 * The bytes that were checked, in a read-only file that nobody else can reach: a program that opened the original would read
 * what is there by then. Throws HostError `run-failed`, and `others-can-write` for a TMPDIR in which others could put another file
 * in its place.
 */
export async function copyOfImage({
  name,
  bytes,
}: {
  readonly name: string;
  readonly bytes: Uint8Array;
}): Promise<ImageCopy> {
  let directory: string | null = null;
  const remove = async (): Promise<void> => {
    if (directory !== null) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  };
  try {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-image-')); // mode 0700
    requireOwn(directory);
    const file = path.join(directory, path.basename(name));
    await writeFile(file, bytes, { flag: 'wx', mode: 0o400 });
    return { file, remove };
  } catch (cause) {
    await remove();
    if (cause instanceof OthersCanWriteError) {
      const message = `the image is not copied to ${tmpdir()} for the program: ${cause.message}`;
      const next = 'Set TMPDIR to a directory that only root can change, or to /tmp with its sticky bit.';
      throw new HostError('others-can-write', message, {}, { cause, next });
    }
    const message = `the image cannot be copied to ${tmpdir()} for the program: ${causeText(cause)}`;
    throw new HostError('run-failed', message, {}, { cause });
  }
}
