import { createInterface } from 'node:readline';
import type { Io } from './io.ts';

/** Is there a person to ask? Judged by the stream that the question goes to and the one that the answer comes from. */
export function canAsk({ stdin, stderr }: Io): boolean {
  return stdin.isTTY && stderr.isTTY;
}

const SIGNAL_MS = 50;

/** Asks on stderr; only `y` and `yes` are a yes. The end of input, a hang-up and `aborted` are a no. */
export function confirm(question: string, { stdin, stderr }: Io, aborted: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    // Not a terminal for readline: the line discipline of the kernel edits the line and turns ^C into a signal.
    const lines = createInterface({ input: stdin, terminal: false });
    let answer = false;
    let answered = false;
    aborted.addEventListener('abort', () => lines.close(), { once: true });
    lines.once('line', (line) => {
      answered = true;
      answer = /^\s*y(es)?\s*$/i.test(line);
      lines.close();
    });
    lines.once('close', () => {
      stdin.pause();
      // Nobody pressed Enter: what follows must not stand behind the question.
      if (!answered) stderr.write('\n');
      if (answered) resolve(answer);
      // A terminal that ends with ^C: the signal is heard a moment later than the end.
      else setTimeout(resolve, SIGNAL_MS, false);
    });
    stderr.write(`${question} [y/N] `);
  });
}
