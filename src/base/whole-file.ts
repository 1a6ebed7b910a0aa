import { readFileSync, statSync } from 'node:fs';
import { RunbookError } from './errors.ts';
import { causeText } from './errno.ts';
import { openPipe, pipeChunks } from './pipe.ts';

const PIPE_CHUNK_BYTES = 1 << 16;

/** `message` follows the name of the file. */
export class ReadError extends RunbookError<'too-large' | 'unreadable'> {}

/**
 * The whole of a file, or what comes through a pipe. Anything else is refused unopened: a device that never ends, or
 * that does something when it is opened. Throws ReadError.
 */
export async function readWhole(file: string, mostBytes: number): Promise<Uint8Array> {
  const tooLarge = (sizeBytes: number | null): ReadError =>
    new ReadError('too-large', `is ${sizeBytes === null ? `more than ${mostBytes}` : sizeBytes} bytes long`);
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw new ReadError('unreadable', 'is a directory');
    if (stat.isFIFO()) return await wholePipe(file, mostBytes, tooLarge);
    if (!stat.isFile()) throw new ReadError('unreadable', 'is neither a file nor a pipe');
    if (stat.size > mostBytes) throw tooLarge(stat.size);
    // At once: to start Node's thread pool for a small read takes longer than to check what is in it.
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof ReadError || code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${causeText(error)}`;
    throw new ReadError('unreadable', why, {}, { cause: error });
  }
}

async function wholePipe(
  file: string,
  mostBytes: number,
  tooLarge: (sizeBytes: null) => ReadError,
): Promise<Uint8Array> {
  const pipe = await openPipe(file);
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of pipeChunks(pipe, PIPE_CHUNK_BYTES)) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > mostBytes) throw tooLarge(null);
    }
    return Buffer.concat(chunks);
  } finally {
    await pipe.close();
  }
}
