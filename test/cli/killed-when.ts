import { spawn } from 'node:child_process';
import { program } from '../support/paths.ts';

/** Starts the program with events on its stdout, and kills it when they are `due`, and a little later. */
export function killedWhen(
  args: readonly string[],
  due: (events: string) => boolean,
  laterMs = 0,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args, '--format', 'jsonl'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let events = '';
    let isDue = false;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      events += piece;
      if (isDue || !due(events)) return;
      isDue = true;
      setTimeout(() => child.kill('SIGKILL'), laterMs);
    });
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}
