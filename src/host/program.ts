import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { PROGRAM_PATH } from '../base/program-file.ts';
import { loadLibc, type Libc } from '../native/libc.ts';
import { ownChildren, processesOf } from './descendants.ts';
import { HostError } from './host-error.ts';
import type { ProgramResult, ProgramUnit } from './host.ts';
import { copyOfImage } from './image-copy.ts';

const OUTPUT_BYTES = 65_536;
const TIMED_OUT = 124;
/** Between SIGTERM and SIGKILL, and again for pipes that a left-over child holds open. */
const GRACE_MS = 2000;
const KILL_ROUNDS = 100;
const KILL_ROUND_MS = 20;
/** The variable by which the processes of a program are known. */
const MARK = 'RUNBOOK_PROGRAM';
const ENVIRONMENT = { PATH: PROGRAM_PATH, LANG: 'C' };

/**
 * Runs a program without a shell, in `/`, with a fixed environment, no input, and in a session of its own: Ctrl-C on the terminal
 * is not meant for it. When the time is over, all that it started is ended, also what went into a session of its own; of
 * programs that run at the same time, not what gave up parent, session and environment. Throws HostError when it cannot be started.
 */
export async function runProgram(
  argv: readonly string[],
  timeoutMs: number,
  about?: ProgramUnit,
): Promise<ProgramResult> {
  if (about === undefined) return runIn(ENVIRONMENT, argv, timeoutMs, []);
  const image = await copyOfImage(about.image);
  try {
    const environment = { ...ENVIRONMENT, ...about.environment, RUNBOOK_IMAGE: image.file };
    return await runIn(environment, argv, timeoutMs, about.lockDescriptors);
  } finally {
    await image.remove();
  }
}

async function runIn(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[],
  timeoutMs: number,
  inherited: readonly number[],
): Promise<ProgramResult> {
  const [program, ...args] = argv;
  if (program === undefined || program === '') {
    throw new HostError('run-failed', 'run: the list is empty; its first entry names the program');
  }
  const libc = await loadLibc();
  libc.adoptOrphans();
  const before = ownChildren();
  const mark = `${MARK}=${randomBytes(12).toString('hex')}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...environment, [MARK]: mark.slice(MARK.length + 1) },
      stdio: ['ignore', 'pipe', 'pipe', ...inherited],
      detached: true,
    });
    const output = new Tail(OUTPUT_BYTES);
    const pipes = [child.stdout, child.stderr];
    for (const pipe of pipes) pipe?.on('data', (bytes: Buffer) => output.add(bytes));
    let timedOut = false;
    const timers: NodeJS.Timeout[] = [];
    if (child.pid !== undefined) running.add(child.pid);
    const started = (): number[] => {
      const others = running.size > 1 ? null : new Set(before);
      return child.pid === undefined ? [] : processesOf({ leader: child.pid, environment: mark, others });
    };
    const later = (ms: number, act: () => void): void => void timers.push(setTimeout(act, ms));
    later(timeoutMs, () => {
      timedOut = true;
      signalAll(started(), 'SIGTERM');
      later(GRACE_MS, () => signalAll(started(), 'SIGKILL'));
    });
    child.on('error', (cause) => {
      timers.forEach(clearTimeout);
      running.delete(child.pid ?? 0);
      reject(new HostError('run-failed', `${program}: cannot be started: ${cause.message}`, {}, { cause }));
    });
    child.on('exit', () => {
      // A daemon that it left behind may hold the pipes open forever.
      later(GRACE_MS, () => pipes.forEach((pipe) => pipe?.destroy()));
    });
    const end = async (code: number | null, signal: NodeJS.Signals | null): Promise<void> => {
      timers.forEach(clearTimeout);
      const left = timedOut ? await endAll(started, libc) : 0;
      running.delete(child.pid ?? 0);
      const alive = left === 0 ? '' : `, but ${left} of its processes cannot be ended`;
      resolve({
        exitCode: timedOut ? TIMED_OUT : (code ?? 128 + signalNumber(signal)),
        output: output.text() + (timedOut ? `\n[ended after ${timeoutMs / 1000} s${alive}]` : ''),
        timedOut,
      });
    };
    child.on('close', (code, signal) => void end(code, signal));
  });
}

/** Process ids of the programs that are under way. */
const running = new Set<number>();

/** Ends what a program has started and left behind; new ones may come while others go. Returns how many stay alive. */
async function endAll(
  started: () => readonly number[],
  { forgetChild }: Pick<Libc, 'forgetChild'>,
): Promise<number> {
  const ended = new Set<number>();
  let left = started();
  for (let round = 0; left.length > 0 && round < KILL_ROUNDS; round++) {
    signalAll(left, 'SIGKILL');
    for (const pid of left) ended.add(pid);
    await new Promise((resolve) => setTimeout(resolve, KILL_ROUND_MS));
    left = started();
  }
  for (const pid of ended) forgetChild(pid);
  return left.length;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // ESRCH: it ended by itself in the meantime
    }
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

/** The last bytes of a stream: the end of an output says what went wrong. */
class Tail {
  #bytes = Buffer.alloc(0);
  #dropped = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Buffer): void {
    const all = Buffer.concat([this.#bytes, bytes]);
    const over = Math.max(0, all.length - this.#limit);
    this.#dropped += over;
    this.#bytes = all.subarray(over);
  }

  text(): string {
    const note = this.#dropped > 0 ? `[${this.#dropped} bytes before this left out]\n` : '';
    return note + this.#bytes.toString('utf8');
  }
}
