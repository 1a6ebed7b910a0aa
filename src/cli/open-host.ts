import { closeSync, constants, openSync, statSync, writeFileSync, type Stats } from 'node:fs';
import { openDirectoryOf } from '../base/file-in-directory.ts';
import { causeText } from '../base/errno.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import type { Host } from '../host/host.ts';
import type { CommonOptions } from './answer.ts';
import { placeAdvice } from './place-advice.ts';
import { UsageError } from './usage-error.ts';

export interface OpenedHost {
  readonly host: Host;
  readonly clock: Clock;
  /** Images of the lab; undefined on the real host. */
  readonly labImages: ReadonlyMap<string, Uint8Array> | undefined;
  /** How many devices the threads of this process can serve at once; undefined: no limit. */
  readonly maximumConcurrent: number | undefined;
  /** See Libc; null: nothing is sent to real devices. */
  readonly ignoreSignal: ((signal: number) => () => void) | null;
  readonly close: () => Promise<void>;
}

/**
 * The host that a command works on: this machine, or with --lab a simulated one; with --trace everything that is sent is
 * written down. Throws UsageError and InvalidFiles.
 */
export async function openHost(
  options: CommonOptions,
  { opensDevices }: { readonly opensDevices: boolean },
): Promise<OpenedHost> {
  if (options.labState !== undefined && options.lab === undefined) {
    throw new UsageError('--lab-state keeps the state of a lab, but there is no --lab', 'Add --lab FILE.');
  }
  const trace = options.trace === undefined ? null : await openTrace(options.trace);
  const { host, labImages, maximumConcurrent, ignoreSignal } =
    options.lab === undefined ? await linuxHost(options, opensDevices) : await labHost(options.lab, options);
  const { tracedHost } = await import('../host/traced-host.ts');
  return {
    host: trace === null ? host : tracedHost(host, trace.write),
    clock: systemClock,
    labImages,
    maximumConcurrent,
    ignoreSignal,
    close: async () => {
      await host.close();
      trace?.close();
    },
  };
}

type Opened = Pick<OpenedHost, 'host' | 'labImages' | 'maximumConcurrent' | 'ignoreSignal'>;

async function linuxHost({ sysfs, proc }: CommonOptions, opensDevices: boolean): Promise<Opened> {
  let maximumConcurrent: number | undefined;
  let ignoreSignal: OpenedHost['ignoreSignal'] = null;
  if (opensDevices) {
    const { ioctlThreads, startLibc } = await import('../native/libc.ts');
    const libc = startLibc();
    maximumConcurrent = ioctlThreads(libc.pool);
    ignoreSignal = libc.ignoreSignal;
  }
  const { createLinuxHost } = await import('../host/linux-host.ts');
  const host = createLinuxHost({ sysfsRoot: sysfs, procRoot: proc });
  return { host, labImages: undefined, maximumConcurrent, ignoreSignal };
}

async function labHost(file: string, options: CommonOptions): Promise<Opened> {
  const { openLab } = await import('./lab.ts');
  return { ...(await openLab(file, options)), maximumConcurrent: undefined, ignoreSignal: null };
}

interface Trace {
  readonly write: (line: string) => void;
  readonly close: () => void;
}

/** Written at once, line by line: after a crash everything up to the command in flight is there. */
async function openTrace(file: string): Promise<Trace> {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFIFO()) return traceInto(file, await openForReader(file));
    if (stats !== undefined) refuseDevice(stats);
    const isFile = stats === undefined || stats.isFile();
    return traceInto(file, isFile ? openFile(file) : openSync(file, WRITES));
  } catch (error) {
    throw new UsageError(`--trace ${file}: cannot be written: ${causeText(error)}`, placeAdvice(error));
  }
}

/** Nothing that is written may wait for a reader: a device would wait with it. */
const WRITES = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** For a reader that is started together with us. */
const READER_WITHIN_MS = 5000;
const LOOK_AGAIN_MS = 10;

/** Not through a link of another user. */
function openFile(file: string): number {
  const { directoryFd, entry } = openDirectoryOf(file);
  try {
    const { O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    return openSync(entry, WRITES | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o666);
  } finally {
    closeSync(directoryFd);
  }
}

/** To open a pipe to which nobody listens would wait forever, and no signal could end it. */
async function openForReader(file: string): Promise<number> {
  const giveUpMs = systemClock.nowMs() + READER_WITHIN_MS;
  for (;;) {
    try {
      return openSync(file, WRITES);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      if (systemClock.nowMs() >= giveUpMs) throw new Error('nobody reads from this pipe');
      await systemClock.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** A trace that cannot go on, on a full disk for one, ends there: no device may be left in the middle because of it. */
function traceInto(file: string, fd: number): Trace {
  let problem: string | null = null;
  return {
    write: (line) => {
      if (problem !== null) return;
      try {
        writeFileSync(fd, line);
      } catch (error) {
        problem = causeText(error);
      }
    },
    close: () => {
      closeSync(fd);
      if (problem !== null)
        process.stderr.write(`runbook: --trace ${file}: the trace is incomplete: ${problem}\n`);
    },
  };
}

/** To open a tape or an sg node, or to write to it, is not harmless; a terminal and the null device are. */
function refuseDevice(stat: Stats): void {
  if (!(stat.isBlockDevice() || stat.isCharacterDevice())) return;
  const [major, minor] = [(stat.rdev >> 8) & 0xfff, stat.rdev & 0xff];
  if (TERMINALS.includes(major) || (major === MEMORY && SINKS.includes(minor))) return;
  throw new Error('is a device');
}

/** Majors and minors of Linux, Documentation/admin-guide/devices.txt. */
const TERMINALS = [4, 5, 136, 137, 138, 139, 140, 141, 142, 143];
const MEMORY = 1;
/** null and full */
const SINKS = [3, 7];
