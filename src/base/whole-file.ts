import {
  close,
  closeSync,
  constants,
  fstat,
  fstatSync,
  open,
  openSync,
  read,
  readSync,
  stat,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { promisify } from 'node:util';
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

/**
 * Who waits for the file. `main`: at once, which takes less time than to start Node's thread pool. `pool`: for a command whose pool
 * was started anyway; where a mount hangs, the main thread stays free to hear a signal.
 */
export type Waits = 'main' | 'pool';

/** The bytes of {@link readWholeFile}. */
export const readWhole = async (file: string, mostBytes: number): Promise<Uint8Array> =>
  (await readWholeFile(file, mostBytes)).bytes;

/**
 * The whole of a file, or what comes through a pipe. Anything else is refused unopened: a device that never ends, or
 * that does something when it is opened. Throws ReadError.
 */
export async function readWholeFile(
  file: string,
  mostBytes: number,
  waits: Waits = 'pool',
): Promise<WholeFile> {
  try {
    const calls = CALLS[waits];
    const before = await calls.stat(file);
    if (before.isDirectory()) throw new ReadError('unreadable', 'is a directory');
    if (before.isFIFO()) return { bytes: await wholePipe(file, mostBytes), identity: null };
    if (!before.isFile()) throw new ReadError('unreadable', 'is neither a file nor a pipe');
    const fd = await calls.open(file);
    try {
      const { dev, ino, size } = await calls.fstat(fd);
      if (dev !== before.dev || ino !== before.ino)
        throw new ReadError('unreadable', 'was replaced while it was opened');
      if (size > mostBytes) throw tooLarge(Number(size), mostBytes);
      return { bytes: await allOf(fd, calls, mostBytes), identity: { dev, ino } };
    } finally {
      await calls.close(fd);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof ReadError || code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${causeText(error)}`;
    throw new ReadError('unreadable', why, {}, { cause: error });
  }
}

interface Calls {
  readonly stat: (file: string) => BigIntStats | Promise<BigIntStats>;
  readonly open: (file: string) => number | Promise<number>;
  readonly fstat: (fd: number) => BigIntStats | Promise<BigIntStats>;
  /** The number of bytes that came; 0 at the end. */
  readonly read: (fd: number, into: Uint8Array) => number | Promise<number>;
  readonly close: (fd: number) => unknown;
}

const CALLS: Readonly<Record<Waits, Calls>> = {
  main: {
    stat: (file) => statSync(file, { bigint: true }),
    open: (file) => openSync(file, READ_ONLY),
    fstat: (fd) => fstatSync(fd, { bigint: true }),
    read: (fd, into) => readSync(fd, into),
    close: closeSync,
  },
  pool: {
    stat: (file) => promisify(stat)(file, { bigint: true }),
    open: (file) => promisify(open)(file, READ_ONLY),
    fstat: (fd) => promisify(fstat)(fd, { bigint: true }),
    read: async (fd, into) => (await promisify(read)(fd, into, 0, into.length, null)).bytesRead,
    close: promisify(close),
  },
};

/** To its end, whatever it said of its size: files of /proc say 0. */
async function allOf(fd: number, calls: Calls, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let sizeBytes = 0; ;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const bytes = await calls.read(fd, chunk);
    if (bytes === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, bytes));
    sizeBytes += bytes;
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
    if (chunks.length === 0) throw new ReadError('unreadable', 'is a pipe through which nothing came');
    return Buffer.concat(chunks);
  } finally {
    await pipe.close();
  }
}

const tooLarge = (sizeBytes: number | null, mostBytes: number): ReadError =>
  new ReadError('too-large', `is ${sizeBytes === null ? `more than ${mostBytes}` : sizeBytes} bytes long`);
