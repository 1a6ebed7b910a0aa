import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { constants as os } from 'node:os';
import { errnoName } from '../base/errno.ts';
import { OthersCanWriteError } from '../base/own-directory.ts';
import { loadLibc } from '../native/libc.ts';
import { labLockFile, makeRunDirectory } from './lab-notes.ts';
import type { RunRoot } from './lab-notes.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError, reasonOf } from './served-error.ts';

export interface LabLock {
  readonly release: () => void;
}

/** Who holds it is the one that serves the lab, or cleans up after it. The kernel frees it when the holder dies. null: held. */
export async function tryLockLab(id: string, roots: RunRoot): Promise<LabLock | null> {
  const { flock } = await loadLibc();
  const file = labLockFile(id, roots);
  let fd: number;
  try {
    makeRunDirectory(roots);
    fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (cause) {
    const foreign = cause instanceof OthersCanWriteError;
    const next = foreign ? `Remove ${path.dirname(file)}; runbook makes it again.` : 'Run it as root.';
    throw new ServedError('not-permitted', `${file}: ${reasonOf(cause)}`, next, { cause });
  }
  const { result, errno } = flock(fd, 'exclusive');
  if (result === 0) return { release: () => closeSync(fd) };
  closeSync(fd);
  if (errno === os.errno.EWOULDBLOCK) return null;
  throw new ServedError('kernel-refused', `${file}: flock: ${errnoName(errno)}`, 'See the end of dmesg.');
}

/**
 * True for a process that was killed and cannot end: one of its threads waits for the kernel, and the kernel for the
 * answer that this process owed it. It holds its lock until then.
 */
export function isDying(pid: number, { proc }: Pick<LabRoots, 'proc'>): boolean {
  try {
    const stat = readFileSync(path.join(proc, String(pid), 'stat'), 'latin1');
    const [state = ''] = stat.slice(stat.lastIndexOf(')') + 2); // the name before it may hold anything
    return ['Z', 'X', 'x'].includes(state);
  } catch {
    return true;
  }
}
