import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** libuv takes no more, whatever UV_THREADPOOL_SIZE says. */
const LIBUV_MAXIMUM = 1024;
/** What libuv starts when it is told nothing. */
const LIBUV_DEFAULT = 4;
/** Threads beside those that wait for a device: files, the journal, name look-ups. */
const HEADROOM = 16;
/** Tasks left free in the cgroup for the programs that a playbook runs. */
const SPARE_TASKS = 32;
/** Descriptors of a device at work: its node, its lock, and what it looks at beside them. */
const FILES_PER_DEVICE = 4;
/** Descriptors beside those of devices: the loop's own, the journal, records, reports. */
const SPARE_FILES = 64;

export interface PoolLimits {
  /** sg nodes of this host: each may have one command in flight, and each command in flight holds a thread. */
  readonly sgNodes: number;
  /** Soft RLIMIT_NPROC; Infinity: unlimited. It counts all threads of the user, not only ours. */
  readonly rlimitNproc: number;
  /** Soft RLIMIT_NOFILE, which Node.js has set to the hard one; Infinity: unlimited. */
  readonly rlimitNofile: number;
  /** Tasks that our cgroup and those above it still allow (pids.max − pids.current, the smallest); Infinity: no limit. */
  readonly pidsLeft: number;
}

/**
 * Threads for libuv's pool: one per device that may be open at once and some for files, and no more than the system allows,
 * because libuv aborts the process when it cannot create one. With fewer threads than devices the run uses fewer at a time.
 */
export function poolSize({ sgNodes, rlimitNproc, rlimitNofile, pidsLeft }: PoolLimits): number {
  // How many threads the user runs elsewhere cannot be asked cheaply: take a quarter of what he may have.
  const allowed = Math.min(LIBUV_MAXIMUM, Math.floor(rlimitNproc / 4), pidsLeft - SPARE_TASKS);
  const opened = Math.floor((rlimitNofile - SPARE_FILES) / FILES_PER_DEVICE);
  return Math.max(LIBUV_DEFAULT, Math.min(Math.min(sgNodes, opened) + HEADROOM, allowed));
}

export interface PoolRoots {
  readonly sysfsRoot?: string | undefined;
  readonly procRoot?: string | undefined;
  readonly cgroupRoot?: string | undefined;
}

/**
 * Sets UV_THREADPOOL_SIZE for this host unless somebody has set it. libuv reads the variable once, when the first
 * asynchronous work is handed to the pool. Never throws.
 */
export function setPoolSize(env: NodeJS.ProcessEnv = process.env, roots: PoolRoots = {}): void {
  env['UV_THREADPOOL_SIZE'] ??= String(poolSize(readPoolLimits(roots)));
}

/** Reads the limits with a handful of synchronous reads; what cannot be read limits nothing. */
export function readPoolLimits({
  sysfsRoot = '/sys',
  procRoot = '/proc',
  cgroupRoot = '/sys/fs/cgroup',
}: PoolRoots): PoolLimits {
  const limits = textOf(path.join(procRoot, 'self/limits'));
  return {
    sgNodes: namesIn(path.join(sysfsRoot, 'class/scsi_generic')).length,
    rlimitNproc: limitOf(/^Max processes +(\S+)/m.exec(limits)?.[1]),
    rlimitNofile: limitOf(/^Max open files +(\S+)/m.exec(limits)?.[1]),
    pidsLeft: pidsLeft(textOf(path.join(procRoot, 'self/cgroup')), cgroupRoot),
  };
}

/** `/proc/self/cgroup` has a line `0::/path` (version 2) or `N:pids:/path` (version 1). Limits hold for all below. */
function pidsLeft(cgroups: string, cgroupRoot: string): number {
  let left = Infinity;
  for (const [, controllers = '', cgroup = '/'] of cgroups.matchAll(/^\d+:([^:]*):(\/.*)$/gm)) {
    if (controllers !== '' && !controllers.split(',').includes('pids')) continue;
    const root = controllers === '' ? cgroupRoot : path.join(cgroupRoot, 'pids');
    // path.join keeps a `..` (a process outside of its cgroup namespace) from leaving the root.
    for (let at = path.join('/', cgroup); ; at = path.dirname(at)) {
      const maximum = limitOf(textOf(path.join(root, at, 'pids.max')).trim());
      const current = Number(textOf(path.join(root, at, 'pids.current')));
      if (maximum - current < left) left = maximum - current;
      if (at === '/') break;
    }
  }
  return left;
}

function limitOf(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : Infinity; // `max`, `unlimited`, unreadable
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
