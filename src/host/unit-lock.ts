import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { constants as os } from 'node:os';
import { errnoName } from '../base/errno.ts';
import { loadLibc } from '../native/libc.ts';
import { HostError } from './host-error.ts';
import type { UnitLock } from './host.ts';
import { isAlive } from './machine.ts';

/** The same for every run on this machine, whatever its state directory is (decisions.md#locks-and-the-system). */
const LOCK_DIRECTORY = '/run/lock/runbook';

/**
 * Takes the lock of a physical unit, without waiting. It is a flock: the kernel frees it when the process ends, however
 * it ends. The file stays, because removing it would let two runs lock two files of one name.
 *
 * Throws HostError: `locked`, which names the holder, or `lock-failed`.
 */
export async function lockUnit(
  unitId: string,
  directory: string = LOCK_DIRECTORY,
  run?: string,
): Promise<UnitLock> {
  const file = path.join(directory, fileNameOf(unitId));
  const fd = openLockFile(file);
  const { flock } = await loadLibc();
  const { result, errno } = flock(fd, 'exclusive');
  if (result < 0) {
    closeSync(fd);
    if (errno === os.errno.EWOULDBLOCK)
      throw new HostError('locked', `${unitId}: ${holderText(file)}`, { file });
    throw lockFailed(file, errnoName(errno));
  }
  // For whoever meets the lock; the lock itself does not depend on it.
  ftruncateSync(fd, 0);
  writeSync(fd, `${JSON.stringify({ pid: process.pid, run, since: new Date().toISOString() })}\n`);
  return {
    descriptors: [fd],
    release: () => {
      closeSync(fd);
      return Promise.resolve();
    },
  };
}

/** Ids are short and plain as a rule; whatever else a device says must not leave the directory. */
function fileNameOf(unitId: string): string {
  return encodeURIComponent(unitId).replaceAll('*', '%2A').slice(0, 200);
}

function openLockFile(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    // No O_TRUNC: the text in it belongs to the holder. O_NOFOLLOW: /run/lock is writable for everybody on some systems.
    return openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  } catch (error) {
    throw lockFailed(file, (error as NodeJS.ErrnoException).code ?? 'unknown error');
  }
}

function lockFailed(file: string, what: string): HostError {
  const denied = what === 'EACCES' || what === 'EPERM';
  const next = denied
    ? 'Run it as root: the locks of units belong to root.'
    : `See that ${path.dirname(file)} is a directory of root with room.`;
  const text = `${file}: the lock cannot be taken: ${denied ? `no permission (${what})` : what}`;
  return new HostError('lock-failed', text, { file }, { next });
}

function holderText(file: string): string {
  try {
    const { pid, run, since } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof pid === 'number') {
      if (!isAlive({ pid, startTicks: null }))
        return `a program started by process ${pid} is still working on this unit`;
      const told = [`process ${pid}`];
      if (typeof run === 'string') told.push(`run ${run}`);
      if (typeof since === 'string') told.push(`since ${since}`);
      return `another run is working on this unit: ${told.join(', ')}`;
    }
  } catch {
    // Just being written, or by somebody else's hand: the lock counts, not the text.
  }
  return 'another run is working on this unit';
}
