// The only file that imports koffi, and only when libc is really needed.
import { readdirSync } from 'node:fs';
import type koffiModule from 'koffi';

/** Result of a call that sets errno; `errno` is 0 unless `result` is negative. */
export interface CallResult {
  readonly result: number;
  readonly errno: number;
}

/** Starts an ioctl in a thread of the pool. `holds`: everything that `argument` points to. */
export type Ioctl = (fd: number, request: number, argument: Buffer, holds: object) => Promise<CallResult>;

export interface ThreadPool {
  /** Threads of libuv's pool; each waits for one command, or for a file. */
  readonly threads: number;
  /**
   * No signal is ever delivered to these threads. False when something asynchronous ran before the pool was
   * started here: a signal may then interrupt SG_IO, and the kernel sends the command a second time
   * (scsi-microcode.md 7.8).
   */
  readonly signalsBlocked: boolean;
}

export interface Libc {
  readonly ioctl: Ioctl;
  /** Where the bytes lie. Valid as long as somebody holds them. */
  readonly addressOf: (bytes: Uint8Array) => bigint;
  /** Does not wait: EWOULDBLOCK when another process holds the lock. The kernel drops it when we die. */
  readonly flock: (fd: number, how: 'exclusive' | 'unlock') => CallResult;
  /** Ends the process at once. process.exit() waits for threads that wait for a device; this does not. Runs no exit handler. */
  readonly exitNow: (code: number) => never;
  readonly pool: ThreadPool;
}

const SIG_SETMASK = 2;
const SIGSET_BYTES = 128; // glibc's and musl's sigset_t
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** koffi keeps no reference to a Buffer while an asynchronous call runs. A call that never ends stays in here. */
const inFlight = new Set<object>();

let loading: Promise<Libc> | undefined;

/**
 * Loads libc and starts the thread pool, once. Must be the first asynchronous thing that a device command does.
 * Rejects with koffi's own error when its native library is missing.
 */
export function loadLibc(): Promise<Libc> {
  return (loading ??= load());
}

/** Starts libuv's threads with all signals blocked. The same as {@link loadLibc}, for who wants the threads alone. */
export async function startThreadPool(): Promise<ThreadPool> {
  return (await loadLibc()).pool;
}

/**
 * How many devices may have a command in flight at once: the threads that exist less some for files (a quarter, 16 at most).
 * More would queue behind commands that may take hours.
 */
export async function ioctlThreads(): Promise<number> {
  const { threads } = await startThreadPool();
  return Math.max(1, threads - Math.min(16, Math.ceil(threads / 4)));
}

/** Calls that have not come back. While there is one, process.exit() hangs: see `exitNow`. */
export function callsInFlight(): number {
  return inFlight.size;
}

async function load(): Promise<Libc> {
  const { default: koffi } = await import('koffi');
  // The default of 256 calls is too few for 256 devices, and nothing can be changed after the first load.
  koffi.config({
    max_async_calls: 4096,
    resident_async_pools: 32,
    async_stack_size: 65_536,
    async_heap_size: 4096,
  });
  // null: the libc that the process runs on. Works with musl, and what LD_PRELOAD puts in front is honoured.
  const libc = koffi.load(null);
  const pool = startPool(libc);
  const flock = libc.func('int flock(int fd, int operation)');
  const exit = libc.func('void _exit(int code)');
  const withErrno = (result: number): CallResult => ({ result, errno: result < 0 ? koffi.errno() : 0 });
  return {
    pool,
    ioctl: ioctlOf(koffi, libc),
    addressOf: (bytes) => koffi.address(bytes),
    flock: (fd, how) => withErrno(flock(fd, how === 'exclusive' ? LOCK_EX | LOCK_NB : LOCK_UN) as number),
    exitNow: (code) => {
      exit(code);
      throw new Error('_exit came back');
    },
  };
}

type Koffi = typeof koffiModule;
type Library = ReturnType<Koffi['load']>;

function ioctlOf(koffi: Koffi, libc: Library): Ioctl {
  // ioctl(2) is variadic, and koffi has no asynchronous form of variadic functions. On Linux x86-64 and arm64 a
  // fixed third argument travels in the same register.
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  return (fd, request, argument, holds) =>
    new Promise((resolve, reject) => {
      const hold = { argument, holds };
      inFlight.add(hold);
      try {
        // By hand: util.promisify loses errno, which is right only until the callback's first await.
        ioctl.async(fd, request, argument, (failure: Error | null, result: number) => {
          const errno = result < 0 ? koffi.errno() : 0;
          inFlight.delete(hold);
          if (failure) reject(failure);
          else resolve({ result, errno });
        });
      } catch (error) {
        inFlight.delete(hold); // nothing was started: too many calls, or an argument that koffi refuses
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
}

/**
 * libuv creates all its threads when the first work is submitted, and a thread inherits the signal mask of its
 * creator. SG_IO sleeps interruptibly: a signal in its thread ends the wait, and the restarted ioctl sends the command again.
 */
function startPool(libc: Library): ThreadPool {
  const setMask = libc.func('int pthread_sigmask(int how, const void *set, void *old)');
  const nothing = libc.func('int getpid()');
  const all = Buffer.alloc(SIGSET_BYTES, 0xff);
  const before = Buffer.alloc(SIGSET_BYTES);
  const known = taskCount();
  setMask(SIG_SETMASK, all, before);
  try {
    nothing.async(() => undefined);
  } finally {
    setMask(SIG_SETMASK, before, null);
  }
  const started = taskCount() - known;
  if (started > 0) return { threads: started, signalsBlocked: true };
  const asked = Number(process.env['UV_THREADPOOL_SIZE']);
  return { threads: asked > 0 ? Math.min(1024, asked) : 4, signalsBlocked: false };
}

function taskCount(): number {
  return readdirSync('/proc/self/task').length;
}
