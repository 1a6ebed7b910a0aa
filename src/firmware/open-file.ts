import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { causeText } from '../base/errno.ts';
import { openPipe, pipeChunks } from '../base/pipe.ts';
import { ImageError } from './image-error.ts';

const READ_BYTES = 1 << 18;

/** A file or pipe that is open for reading. */
export interface OpenFile {
  readonly path: string;
  /** Null: a pipe, which ends when its writer says so, and cannot be read from another place. */
  readonly sizeBytes: number | null;
  /** From the beginning to the end; once. */
  readonly chunks: () => AsyncGenerator<Uint8Array, void>;
  /** Any part of a file; not for pipes. */
  readonly range: (startBytes: number, endBytes: number) => AsyncGenerator<Uint8Array, void>;
}

/** Opens a file or pipe, and makes sure that nobody changed it while it was used. Throws ImageError. */
export async function withFile<Result>(
  path: string,
  use: (file: OpenFile) => Promise<Result>,
): Promise<Result> {
  const fail = (error: unknown): never => {
    throw openError(path, error);
  };
  // Looked at before it is opened: opening a tape or an sg node is not always harmless.
  const kind = await stat(path, { bigint: true }).catch(fail);
  refuseKind(path, kind);
  const handle = await (kind.isFIFO() ? openPipe(path) : open(path, 'r')).catch(fail);
  try {
    const before = await handle.stat({ bigint: true });
    const read = { bytes: 0, ended: false };
    // A download that is still being written looks like a file that was cut: say rather what is the matter.
    const refuseChanged = async (): Promise<void> => {
      if (before.isFile()) compare(path, before, await handle.stat({ bigint: true }), read);
    };
    const result = await use({
      path,
      sizeBytes: before.isFile() ? Number(before.size) : null,
      chunks: () => counted(kind.isFIFO() ? allOfPipe(path, handle) : allOf(path, handle), read),
      range: (startBytes, endBytes) => rangeOf(path, handle, startBytes, endBytes),
    }).catch(async (error: unknown) => {
      await refuseChanged();
      throw error;
    });
    await refuseChanged();
    return result;
  } finally {
    await handle.close();
  }
}

/** One read() is not enough: an image that was cut in silence is the worst of all. */
async function* allOf(path: string, handle: FileHandle): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const bytes = await readSome(path, handle, READ_BYTES, null);
    if (bytes.length === 0) return;
    yield bytes;
  }
}

async function* allOfPipe(path: string, handle: FileHandle): AsyncGenerator<Uint8Array, void> {
  try {
    yield* pipeChunks(handle, READ_BYTES);
  } catch (error) {
    throw readError(path, error);
  }
}

async function* counted(
  chunks: AsyncGenerator<Uint8Array, void>,
  read: { bytes: number; ended: boolean },
): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of chunks) {
    read.bytes += bytes.length;
    yield bytes;
  }
  read.ended = true;
}

async function* rangeOf(
  path: string,
  handle: FileHandle,
  startBytes: number,
  endBytes: number,
): AsyncGenerator<Uint8Array, void> {
  for (let at = startBytes; at < endBytes;) {
    const bytes = await readSome(path, handle, Math.min(READ_BYTES, endBytes - at), at);
    if (bytes.length === 0) return;
    at += bytes.length;
    yield bytes;
  }
}

async function readSome(
  path: string,
  handle: FileHandle,
  count: number,
  position: number | null,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(count);
  const { bytesRead } = await handle.read(buffer, 0, count, position).catch((error: unknown) => {
    throw readError(path, error);
  });
  return buffer.subarray(0, bytesRead);
}

function refuseKind(path: string, stats: BigIntStats): void {
  if (stats.isDirectory()) throw new ImageError('directory', `${path} is a directory`);
  if (stats.isFile() || stats.isFIFO()) return;
  throw new ImageError('kind', `${path} is neither a file nor a pipe`);
}

/** A download that is still being written has a hash as well: that of half an image. */
function compare(
  path: string,
  before: BigIntStats,
  after: BigIntStats,
  read: { readonly bytes: number; readonly ended: boolean },
): void {
  const whole = !read.ended || BigInt(read.bytes) === after.size;
  if (before.size === after.size && before.mtimeNs === after.mtimeNs && whole) return;
  const sizes = `${before.size} bytes before, ${after.size} after, ${read.bytes} read`;
  throw new ImageError('changed', `${path} changed while it was read: ${sizes}`);
}

function openError(path: string, error: unknown): ImageError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new ImageError('missing', `there is no ${path}`);
  if (code === 'EISDIR') return new ImageError('directory', `${path} is a directory`);
  if (code === 'ENXIO') return new ImageError('kind', `${path} is neither a file nor a pipe`);
  return new ImageError('unreadable', `${path} cannot be opened: ${causeText(error)}`);
}

const readError = (path: string, error: unknown): ImageError =>
  new ImageError('unreadable', `${path} cannot be read: ${causeText(error)}`);
