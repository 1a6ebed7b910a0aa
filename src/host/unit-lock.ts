import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { constants as os } from 'node:os';
import { causeText, errnoName } from '../base/errno.ts';
import { openOwnDirectory, OthersCanWriteError, within } from '../base/own-directory.ts';
import type { LockHolder } from '../base/refusal.ts';
import { loadLibc } from '../native/libc.ts';
import { HostError } from './host-error.ts';
import type { UnitLock } from './host.ts';
import { isAlive } from './machine.ts';

/**
 * The same for every run on this machine, whatever its state directory is (decisions.md#locks-and-the-system). Nobody but root makes
 * anything in /run; /run/lock belongs to everybody on some systems.
 */
export const LOCK_DIRECTORY = '/run/runbook';
/** What we write into a lock, with room. */
const TEXT_BYTES = 1024;

/**
 * Takes the lock of a physical unit, without waiting. It is a flock: the kernel frees it when the process ends, however
 * it ends. The file stays, because removing it would let two runs lock two files of one name.
 *
 * Throws HostError: `locked`, which names the holder, `others-can-write`, or `lock-failed`.
 */
export async function lockUnit(
  unitId: string,
  directory: string = LOCK_DIRECTORY,
  run?: string,
): Promise<UnitLock> {
  const name = fileNameOf(unitId);
  const file = path.join(directory, name);
  const fd = openLockFile(directory, name);
  const { flock } = await loadLibc();
  const { result, errno } = flock(fd, 'exclusive');
  if (result < 0) {
    const holder = errno === os.errno.EWOULDBLOCK ? readHolder(fd) : null;
    closeSync(fd);
    if (holder !== null)
      throw new HostError('locked', `${unitId}: ${holderText(holder)}`, { file }, { holder });
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

function openLockFile(directory: string, name: string): number {
  const file = path.join(directory, name);
  let directoryFd: number | null = null;
  let fd: number;
  try {
    directoryFd = openOwnDirectory(directory);
    // No O_TRUNC: the text in it belongs to the holder. O_NONBLOCK: to open a pipe could take forever.
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    fd = openSync(within(directoryFd, name), flags, 0o600);
  } catch (error) {
    if (error instanceof OthersCanWriteError) throw notOurs(directory, error);
    const { code } = error as NodeJS.ErrnoException;
    throw lockFailed(file, causeText(error), code === 'EACCES' || code === 'EPERM');
  } finally {
    if (directoryFd !== null) closeSync(directoryFd);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw lockFailed(file, 'it is not a regular file');
}

function lockFailed(file: string, what: string, denied = false): HostError {
  const next = denied
    ? 'Run it as root: the locks of units belong to root.'
    : `See that ${path.dirname(file)} is a directory of root with room, and that only runbook writes there.`;
  return new HostError('lock-failed', `${file}: the lock cannot be taken: ${what}`, { file }, { next });
}

const notOurs = (directory: string, { message }: OthersCanWriteError): HostError =>
  new HostError(
    'others-can-write',
    `the locks of units in ${directory} are not root's alone: ${message}`,
    { file: directory },
    {
      next: `Make sure that no run is under way, then remove ${directory}; runbook makes it again.`,
    },
  );

/** What the holder wrote into the lock. The lock counts, and not the text: it may just be being written, or be another's. */
function readHolder(fd: number): LockHolder {
  let holder: Partial<Record<keyof LockHolder, unknown>> = {};
  try {
    const text = Buffer.alloc(TEXT_BYTES);
    const bytes = readSync(fd, text, 0, TEXT_BYTES, 0);
    holder = (JSON.parse(text.toString('utf8', 0, bytes)) ?? {}) as typeof holder;
  } catch {
    // It says nothing.
  }
  const { run, pid, since } = holder;
  return {
    run: typeof run === 'string' ? run : null,
    pid: Number.isSafeInteger(pid) && (pid as number) > 0 ? (pid as number) : null,
    since: typeof since === 'string' ? since : null,
  };
}

function holderText({ run, pid, since }: LockHolder): string {
  if (pid === null) return 'another run is working on this unit';
  if (!isAlive({ pid, startTicks: null }))
    return `a program started by process ${pid} is still working on this unit`;
  const told = [`process ${pid}`];
  if (run !== null) told.push(`run ${run}`);
  if (since !== null) told.push(`since ${since}`);
  return `another run is working on this unit: ${told.join(', ')}`;
}
