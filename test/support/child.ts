import './own-folder.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program } from './paths.ts';

export interface Finished {
  /** null: ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly cwd?: string;
  /** Laid over the environment of the test; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Text on stdin; without it stdin is empty. */
  readonly input?: string;
  /** After this time the child is killed (signal `SIGKILL` in the answer). */
  readonly timeoutMs?: number;
}

/** Runs a program to its end and collects what it printed. Rejects only when it cannot be started. */
export function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    killAfter(child, options.timeoutMs ?? 120_000);
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (piece: string) => (text[name] += piece));
    }
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, ...text }));
    child.stdin.on('error', () => undefined); // the child may end without reading
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Kills a child that takes longer. Instead of spawn's own `timeout`, whose timer goes on when the program could not be
 * started, and keeps this process alive.
 */
export function killAfter(child: ChildProcess, timeoutMs: number): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  for (const end of ['error', 'close']) child.on(end, () => clearTimeout(timer));
}

/** What a test's runs remember is not for this machine, nor for the next test file. */
const stateDirectory = mkdtempSync(path.join(tmpdir(), 'runbook-test-state-'));
process.on('exit', () => rmSync(stateDirectory, { recursive: true, force: true }));
process.env['RUNBOOK_STATE_DIR'] = stateDirectory;

/** Starts the built program as a user would, with a state directory of the test file, unless `env` names another one. */
export function runbook(args: readonly string[], options: ChildOptions = {}): Promise<Finished> {
  if (options.env?.['RUNBOOK_STATE_DIR'] !== undefined)
    return runChild(process.execPath, [program, ...args], options);
  const env = { ...options.env, RUNBOOK_STATE_DIR: undefined };
  return runChild(process.execPath, [program, `--state-dir=${stateDirectory}`, ...args], { ...options, env });
}
