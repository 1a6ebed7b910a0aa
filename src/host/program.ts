import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { PROGRAM_PATH } from '../base/program-file.ts';
import { HostError } from './host-error.ts';
import type { ProgramResult, ProgramUnit } from './host.ts';
import { copyOfImage } from './image-copy.ts';

const OUTPUT_BYTES = 65_536;
const TIMED_OUT = 124;
/** Between SIGTERM and SIGKILL, and again for pipes that a left-over child holds open. */
const GRACE_MS = 2000;
const ENVIRONMENT = { PATH: PROGRAM_PATH, LANG: 'C' };

/**
 * Runs a program without a shell, in `/`, with a fixed environment, no input, and in a session of its own: Ctrl-C on the terminal
 * is not meant for it. When the time is over, it and its children are ended. Throws HostError when it cannot be started.
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

function runIn(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[],
  timeoutMs: number,
  inherited: readonly number[],
): Promise<ProgramResult> {
  const [program, ...args] = argv;
  if (program === undefined || program === '') {
    return Promise.reject(
      new HostError('run-failed', 'run: the list is empty; its first entry names the program'),
    );
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', ...inherited],
      detached: true,
    });
    const output = new Tail(OUTPUT_BYTES);
    const pipes = [child.stdout, child.stderr];
    for (const pipe of pipes) pipe?.on('data', (bytes: Buffer) => output.add(bytes));
    let timedOut = false;
    const timers: NodeJS.Timeout[] = [];
    const later = (ms: number, act: () => void): void => void timers.push(setTimeout(act, ms));
    later(timeoutMs, () => {
      timedOut = true;
      killGroup(child.pid, 'SIGTERM');
      later(GRACE_MS, () => killGroup(child.pid, 'SIGKILL'));
    });
    child.on('error', (cause) => {
      timers.forEach(clearTimeout);
      reject(new HostError('run-failed', `${program}: cannot be started: ${cause.message}`, {}, { cause }));
    });
    child.on('exit', () => {
      // A daemon that it left behind may hold the pipes open for ever.
      later(GRACE_MS, () => pipes.forEach((pipe) => pipe?.destroy()));
    });
    child.on('close', (code, signal) => {
      timers.forEach(clearTimeout);
      const note = timedOut ? `\n[ended after ${timeoutMs / 1000} s]` : '';
      resolve({
        exitCode: timedOut ? TIMED_OUT : (code ?? 128 + signalNumber(signal)),
        output: output.text() + note,
        timedOut,
      });
    });
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // ESRCH: it ended by itself in the meantime
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
