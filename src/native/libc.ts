// Functions of libc, by koffi.
import { readdirSync } from 'node:fs';
import { refusal } from '../base/refusal.ts';
import { loadKoffi, type Koffi } from './koffi.ts';
import { NativeError } from './native-error.ts';
import { setPoolSize } from './pool-size.ts';

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
   * (scsi-microcode.md#errors-of-sg_io).
   */
  readonly signalsBlocked: boolean;
}

export interface Libc {
  readonly ioctl: Ioctl;
  /** Where the bytes lie. Valid as long as somebody holds them. */
  readonly addressOf: (bytes: Uint8Array) => bigint;
  /** Does not wait: EWOULDBLOCK when another process holds the lock. The kernel drops it when we die. */
  readonly flock: (fd: number, how: 'exclusive' | 'unlock') => CallResult;
  /** The process takes no notice of a signal, in no thread, until the returned function is called. */
  readonly ignoreSignal: (signal: number) => () => void;
  /** From now on children of our children that lose their parent become ours, so that they can be found (Linux 3.4). */
  readonly adoptOrphans: () => CallResult;
  /** Lets go of a child that ended and that Node does not know. */
  readonly forgetChild: (pid: number) => void;
  /** Ends the process at once. process.exit() waits for threads that wait for a device; this does not. Runs no exit handler. */
  readonly exitNow: (code: number) => never;
  readonly pool: ThreadPool;
}

/** Memory that we share with the kernel. After `unmap` nobody may touch it any more: that would end the process. */
export interface SharedMemory {
  readonly memory: ArrayBuffer;
  readonly unmap: () => void;
}

/** What a program needs that answers commands instead of sending them. */
export interface ServingCalls {
  /** Maps a device from its beginning, for reading and writing. `shared` is null when the kernel refused. */
  readonly mapShared: (
    fd: number,
    sizeBytes: number,
  ) => { readonly shared: SharedMemory | null; readonly errno: number };
  /** Waits, in one thread of the pool, until some of the descriptors can be read; `ready` names these. A signal ends it with EINTR. */
  readonly poll: (fds: readonly number[]) => Promise<CallResult & { readonly ready: readonly number[] }>;
  /** A descriptor that becomes readable when 8 bytes are written to it: ends a poll from outside. */
  readonly eventFd: () => CallResult;
  /** `device` as stat(2) has it in st_rdev. */
  readonly makeCharacterDevice: (path: string, mode: number, device: number) => CallResult;
}

/** The libc that the process runs on. Works with musl, and what LD_PRELOAD puts in front is honoured. */
const RUNNING = null;
const SIG_IGN = 1n;
const SIG_SETMASK = 2;
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
const SIGSET_BYTES = 128; // glibc's and musl's sigset_t
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
const POLLIN = 1;
const POLLFD_BYTES = 8; // int fd; short events, revents
const EFD_CLOEXEC_NONBLOCK = 0x80800;
const S_IFCHR = 0o20000;

/** koffi keeps no reference to a Buffer while an asynchronous call runs. A call that never ends stays in here. */
const inFlight = new Set<object>();

let loaded: Libc | undefined;

/**
 * Starts the thread pool, with a thread for each device of this machine and with all signals blocked, and loads libc. The
 * first act of a process that opens devices: the entry calls it before it loads anything else. libuv starts its pool at
 * the first asynchronous call, whoever makes it; threads that it starts for somebody else are too few, take signals,
 * and are never used to write to a device ({@link ThreadPool.signalsBlocked}). Throws NativeError.
 */
export function startLibc(): Libc {
  if (loaded === undefined) setPoolSize();
  return (loaded ??= load());
}

/** libc as it was started; elsewhere it is loaded, and the thread pool started where it is not there yet. Rejects with NativeError. */
export function loadLibc(): Promise<Libc> {
  return new Promise((resolve) => resolve((loaded ??= load())));
}

/**
 * How many devices may have a command in flight at once: the threads that exist less some for files (a quarter, 16 at most).
 * More would queue behind commands that may take hours.
 */
export function ioctlThreads({ threads }: ThreadPool): number {
  return Math.max(1, threads - Math.min(16, Math.ceil(threads / 4)));
}

/**
 * Calls that have not come back. While there is one, process.exit() hangs: see `exitNow`.
 *
 * @public for the tests of the bundled library
 */
export function callsInFlight(): number {
  return inFlight.size;
}

/** The calls for serving, bound only here: what sends commands must not fail where one of these is missing. */
export function loadServingCalls(): Promise<ServingCalls> {
  return new Promise((resolve) => {
    const koffi = loadKoffi();
    resolve(servingCalls(koffi, koffi.load(RUNNING)));
  });
}

function load(): Libc {
  const koffi = loadKoffi();
  const libc = koffi.load(RUNNING);
  const pool = startPool(libc);
  const flock = libc.func('int flock(int fd, int operation)');
  const exit = libc.func('void _exit(int code)');
  const signal = libc.func('void *signal(int number, void *handler)');
  const withErrno = errnoAfter(koffi);
  return {
    pool,
    ioctl: ioctlOf(koffi, libc),
    addressOf: (bytes) => koffi.address(bytes),
    flock: (fd, how) => withErrno(flock(fd, how === 'exclusive' ? LOCK_EX | LOCK_NB : LOCK_UN) as number),
    ignoreSignal: (number) => {
      const before = signal(number, SIG_IGN) as bigint | null;
      return () => void signal(number, before);
    },
    adoptOrphans: () => {
      const prctl = libc.func(
        'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
      );
      return withErrno(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) as number);
    },
    forgetChild: (pid) => {
      libc.func('int waitpid(int pid, void *status, int options)')(pid, null, WNOHANG);
    },
    exitNow: (code) => {
      exit(code);
      throw new Error('_exit came back');
    },
  };
}

type Library = ReturnType<Koffi['load']>;

/** Call it right after the call itself: the next one overwrites errno. */
const errnoAfter =
  (koffi: Koffi) =>
  (result: number): CallResult => ({ result, errno: result < 0 ? koffi.errno() : 0 });

function ioctlOf(koffi: Koffi, libc: Library): Ioctl {
  // ioctl(2) is variadic, and koffi has no asynchronous form of variadic functions. On Linux x86-64 and arm64 a
  // fixed third argument travels in the same register.
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  return (fd, request, argument, holds) =>
    inThread(koffi, { argument, holds }, (done) => void ioctl.async(fd, request, argument, done));
}

/** Runs a call in a thread of the pool; what it points to is held until it comes back. */
function inThread(
  koffi: Koffi,
  hold: object,
  start: (done: (failure: Error | null, result: number) => void) => void,
): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    inFlight.add(hold);
    try {
      // By hand: util.promisify loses errno, which is right only until the callback's first await.
      start((failure, result) => {
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

function servingCalls(koffi: Koffi, libc: Library): ServingCalls {
  const mmap = libc.func(
    'void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
  );
  const munmap = libc.func('int munmap(void *address, size_t length)');
  const poll = libc.func('int poll(void *set, unsigned long count, int timeout)');
  const eventfd = libc.func('int eventfd(unsigned int initial, int flags)');
  const mknod = libc.func('int mknod(const char *path, unsigned int mode, unsigned long device)');
  const withErrno = errnoAfter(koffi);
  return {
    mapShared: (fd, sizeBytes) => {
      const address = mmap(null, sizeBytes, PROT_READ_WRITE, MAP_SHARED, fd, 0) as bigint;
      if (address === MAP_FAILED) return { shared: null, errno: koffi.errno() };
      const unmap = (): void => void munmap(address, sizeBytes);
      return { shared: { memory: koffi.view(address, sizeBytes), unmap }, errno: 0 };
    },
    poll: async (fds) => {
      const set = Buffer.alloc(fds.length * POLLFD_BYTES);
      for (const [index, fd] of fds.entries()) {
        set.writeInt32LE(fd, index * POLLFD_BYTES);
        set.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
      }
      const answer = await inThread(koffi, set, (done) => void poll.async(set, fds.length, -1, done));
      // Also an error, or a device that is gone, is something to read about.
      const ready = fds.filter((_, index) => set.readInt16LE(index * POLLFD_BYTES + 6) !== 0);
      return { ...answer, ready };
    },
    eventFd: () => withErrno(eventfd(0, EFD_CLOEXEC_NONBLOCK) as number),
    makeCharacterDevice: (path, mode, device) => withErrno(mknod(path, S_IFCHR | mode, device) as number),
  };
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
  try {
    return readdirSync('/proc/self/task').length;
  } catch (cause) {
    const { message } = refusal('proc-not-mounted');
    throw new NativeError('proc-not-mounted', message, {}, { cause });
  }
}
