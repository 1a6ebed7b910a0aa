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

/** Of /dev/null, /dev/full and the like (devices.txt of the kernel): no terminal is among them. */
const MEMORY_DEVICES = 1;

/** A terminal that hung up is still a character device, but not a terminal any more. */
function isLostTerminal(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    const major = (stats.rdev >> 8) & 0xfff;
    return stats.isCharacterDevice() && major !== MEMORY_DEVICES && !isatty(fd);
  } catch {
    return false; // closed from the start
  }
}
