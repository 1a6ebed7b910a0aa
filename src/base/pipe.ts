import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { systemClock, type Clock } from './clock.ts';

/** For a writer that is started together with us; a pipe that has none by then counts as empty. */
const WRITER_WITHIN_MS = 5000;
const LOOK_AGAIN_MS = 10;

/**
 * Opens a pipe so that neither this nor a read ever waits in the kernel: a process that does can be left only by
 * SIGKILL. Read it with {@link pipeChunks}.
 */
export const openPipe = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_NONBLOCK);

/** What comes through a pipe until its writer closes it. Throws what read(2) says. */
export async function* pipeChunks(
  pipe: Pick<FileHandle, 'read'>,
  chunkBytes: number,
  clock: Clock = systemClock,
): AsyncGenerator<Uint8Array, void> {
  const giveUpMs = clock.nowMs() + WRITER_WITHIN_MS;
  let hasWriter = false;
  for (;;) {
    const bytes = await readNow(pipe, chunkBytes);
    // No bytes: the last writer closed it, or the first one is not there yet.
    if (bytes?.length === 0 && (hasWriter || clock.nowMs() >= giveUpMs)) return;
    hasWriter ||= bytes?.length !== 0;
    if (bytes !== null && bytes.length > 0) yield bytes;
    else await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** null: there is a writer, which has written nothing since. */
async function readNow(pipe: Pick<FileHandle, 'read'>, count: number): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(count);
  try {
    const { bytesRead } = await pipe.read(buffer, 0, count, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}
