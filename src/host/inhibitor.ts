import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where logind runs, this directory exists (sd_booted and a session manager). */
const LOGIND = '/run/systemd/seats';
const PROGRAM = '/usr/bin/systemd-inhibit';
const READY_MS = 3000;

export interface InhibitorOptions {
  readonly root?: string;
  readonly program?: string;
}

/** There is a logind, and the program to ask it with. */
export const hasLogind = ({ root = '/', program = PROGRAM }: InhibitorOptions = {}): boolean =>
  existsSync(path.join(root, LOGIND)) && existsSync(program);

/**
 * Asks logind not to shut down or sleep until the returned function is called. The lock belongs to a child that copies its
 * input: it ends when we close the pipe, and also when we die. null: there is no logind, or it does not grant the lock;
 * nothing is prevented then, and the run goes on.
 */
export async function inhibitShutdown(
  why: string,
  { root = '/', program = PROGRAM }: InhibitorOptions = {},
): Promise<(() => void) | null> {
  if (!hasLogind({ root, program })) return null;
  const args = ['--what=shutdown:sleep', '--mode=block', '--who=runbook', `--why=${why}`, 'cat'];
  // A session of its own: Ctrl-C on the terminal is not meant for it.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  const release = (): void => {
    child.stdin.end();
    child.unref();
  };
  // cat is started once the lock is held, so its echo proves it.
  const held = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_MS);
    const settle = (value: boolean): void => {
      clearTimeout(timer);
      resolve(value);
    };
    child.stdout.once('data', () => settle(true));
    child.once('close', () => settle(false));
    child.stdin.write('held?\n');
  });
  if (held) return release;
  release();
  return null;
}
