import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { concatBytes } from '../base/bytes.ts';
import { ImageError } from './image-error.ts';

/** All bytes of a firmware image, and their hash. Shared by every device that gets them: nobody writes to `bytes`. */
export interface FirmwareImage {
  readonly bytes: Uint8Array;
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
}

/** No expander, enclosure or drive takes more; a device or a pipe without an end must not fill the memory. */
export const MAX_IMAGE_BYTES = 256 * 1024 * 1024;

const READ_BYTES = 1 << 20;

export const imageOf = (bytes: Uint8Array): FirmwareImage => ({
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/**
 * Reads a file or pipe to its end. One read() is not enough: a pipe gives what is there, and an image that was cut in
 * silence is the worst of all. Throws ImageError.
 */
export async function readImage(path: string, maxBytes = MAX_IMAGE_BYTES): Promise<FirmwareImage> {
  const fail = (error: unknown): never => {
    throw openError(path, error);
  };
  // Looked at before it is opened: opening a tape or an sg node is not always harmless.
  refuseKind(path, await stat(path, { bigint: true }).catch(fail));
  const file = await open(path, 'r').catch(fail);
  try {
    const before = await file.stat({ bigint: true });
    if (before.isFile() && before.size > maxBytes) throw tooLarge(path, maxBytes);
    const bytes = await readToEnd(path, file, before.isFile() ? Number(before.size) : 0, maxBytes);
    if (before.isFile()) refuseChanged(path, before, await file.stat({ bigint: true }), bytes.length);
    if (bytes.length === 0) throw new ImageError('empty', `${path} is empty`);
    return imageOf(bytes);
  } finally {
    await file.close();
  }
}

/** `expectedBytes` saves a second copy where the size is known; the end is where read says so. */
async function readToEnd(
  path: string,
  file: FileHandle,
  expectedBytes: number,
  maxBytes: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let totalBytes = 0;
  // One byte more than expected, so that the read that finds the end needs no second buffer.
  let buffer: Uint8Array = new Uint8Array(expectedBytes === 0 ? READ_BYTES : expectedBytes + 1);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await file
      .read(buffer, filled, buffer.length - filled, null)
      .catch((error: unknown) => {
        throw new ImageError('unreadable', `${path} cannot be read: ${reasonOf(error)}`);
      });
    if (bytesRead === 0) break;
    filled += bytesRead;
    totalBytes += bytesRead;
    if (totalBytes > maxBytes) throw tooLarge(path, maxBytes);
    if (filled === buffer.length) {
      parts.push(buffer);
      buffer = new Uint8Array(READ_BYTES);
      filled = 0;
    }
  }
  const rest = buffer.subarray(0, filled);
  return parts.length === 0 ? rest : concatBytes(...parts, rest);
}

function refuseKind(path: string, stats: BigIntStats): void {
  if (stats.isDirectory()) throw new ImageError('directory', `${path} is a directory`);
  if (stats.isFile() || stats.isFIFO()) return;
  throw new ImageError('kind', `${path} is neither a file nor a pipe`);
}

/** A download that is still being written has a hash as well: that of half an image. */
function refuseChanged(path: string, before: BigIntStats, after: BigIntStats, bytesRead: number): void {
  if (before.size === after.size && before.mtimeNs === after.mtimeNs && BigInt(bytesRead) === after.size)
    return;
  const sizes = `${before.size} bytes before, ${after.size} after, ${bytesRead} read`;
  throw new ImageError('changed', `${path} changed while it was read: ${sizes}`);
}

const tooLarge = (path: string, maxBytes: number): ImageError =>
  new ImageError('too-large', `${path} is larger than ${maxBytes} bytes`);

function openError(path: string, error: unknown): ImageError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new ImageError('missing', `there is no ${path}`);
  if (code === 'EISDIR') return new ImageError('directory', `${path} is a directory`);
  if (code === 'ENXIO') return new ImageError('kind', `${path} is neither a file nor a pipe`);
  return new ImageError('unreadable', `${path} cannot be opened: ${reasonOf(error)}`);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM' ? 'permission denied' : (code ?? message);
}
