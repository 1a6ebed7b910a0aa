import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Node resets its terminals at exit and aborts (SIGABRT) when one of them is gone, whatever the exit code was. A run
 * outlives its terminal, so a descriptor that was one and answers no more is led to /dev/null before the end.
 */
export function replaceLostTerminals(): void {
  for (const fd of [0, 1, 2]) {
    if (!isLostTerminal(fd)) continue;
    closeSync(fd);
    openSync('/dev/null', 'r+'); // takes the lowest free descriptor: the one just closed
  }
}

/** A terminal that hung up is still a character device, and no terminal any more. So is /dev/null: no harm. */
function isLostTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && !isatty(fd);
  } catch {
    return false; // closed from the start
  }
}
