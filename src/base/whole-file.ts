import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { FileIdentity } from './durable-file.ts';
import { RunbookError } from './errors.ts';
import { causeText } from './errno.ts';
import { openPipe, pipeChunks } from './pipe.ts';

const CHUNK_BYTES = 1 << 16;
/** What was a file when it was looked at may be a pipe when it is opened: nothing waits in open(2). */
const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** `message` follows the name of the file. */
export class ReadError extends RunbookError<'too-large' | 'unreadable'> {}

export interface WholeFile {
  readonly bytes: Uint8Array;
  /** null: it came through a pipe. */
  readonly identity: FileIdentity | null;
}

/** The bytes of {@link readWholeFile}. */
export const readWhole = async (file: string, mostBytes: number): Promise<Uint8Array> =>
  (await readWholeFile(file, mostBytes)).bytes;

/**
 * The whole of a file, or what comes through a pipe. Anything else is refused unopened: a device that never ends, or
 * that does something when it is opened. Never waits in the main thread, where no signal could end the wait. Throws ReadError.
 */
export async function readWholeFile(file: string, mostBytes: number): Promise<WholeFile> {
  try {
    const { dev, ino, ...stats } = await kindOf(file);
    if (stats.isPipe) return { bytes: await wholePipe(file, mostBytes), identity: null };
    const handle = await open(file, READ_ONLY);
    try {
      const opened = await handle.stat({ bigint: true });
      if (opened.dev !== dev || opened.ino !== ino)
        throw new ReadError('unreadable', 'was replaced while it was opened');
      if (opened.size > mostBytes) throw tooLarge(Number(opened.size), mostBytes);
      return { bytes: await allOf(handle, mostBytes), identity: { dev, ino } };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof ReadError || code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${causeText(error)}`;
    throw new ReadError('unreadable', why, {}, { cause: error });
  }
}

async function kindOf(file: string): Promise<FileIdentity & { readonly isPipe: boolean }> {
  const stats = await stat(file, { bigint: true });
  if (stats.isDirectory()) throw new ReadError('unreadable', 'is a directory');
  if (!stats.isFIFO() && !stats.isFile()) throw new ReadError('unreadable', 'is neither a file nor a pipe');
  return { dev: stats.dev, ino: stats.ino, isPipe: stats.isFIFO() };
}

/** To its end, whatever it said of its size: files of /proc say 0. */
async function allOf(handle: FileHandle, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let sizeBytes = 0; ;) {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
    if (sizeBytes > mostBytes) throw tooLarge(null, mostBytes);
  }
}

async function wholePipe(file: string, mostBytes: number): Promise<Uint8Array> {
  const pipe = await openPipe(file);
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of pipeChunks(pipe, CHUNK_BYTES)) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > mostBytes) throw tooLarge(null, mostBytes);
    }
    return Buffer.concat(chunks);
  } finally {
    await pipe.close();
  }
}

const tooLarge = (sizeBytes: number | null, mostBytes: number): ReadError =>
  new ReadError('too-large', `is ${sizeBytes === null ? `more than ${mostBytes}` : sizeBytes} bytes long`);
