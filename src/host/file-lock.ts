import { constants as os } from 'node:os';
import { loadLibc } from '../native/libc.ts';

/**
 * Takes the exclusive flock of an open file, without waiting. The kernel frees it when the last descriptor is closed, and
 * when the process dies, however it dies.
 *
 * @returns `unknown`: locks cannot be asked for here (no native library for this machine, or a file system without locks)
 */
export async function lockFile(fd: number): Promise<'taken' | 'held' | 'unknown'> {
  try {
    const { flock } = await loadLibc();
    const { result, errno } = flock(fd, 'exclusive');
    if (result >= 0) return 'taken';
    return errno === os.errno.EWOULDBLOCK ? 'held' : 'unknown';
  } catch {
    return 'unknown';
  }
}
