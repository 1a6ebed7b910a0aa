import { closeSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoName } from '../base/errno.ts';
import type { ServingCalls } from '../native/libc.ts';
import { ServedError } from './served-error.ts';

const { EINTR } = constants.errno;

/**
 * Waits for the kernel on any number of descriptors with one thread. A read of each would take a thread per unit, and
 * a thread that reads cannot be stopped: the process could not end while one unit is stuck.
 */
export class WakeUps {
  readonly #calls: ServingCalls;
  readonly #eventFd: number;
  readonly #actions = new Map<number, () => void>();
  #stopping = false;
  #ended = false;

  constructor(calls: ServingCalls) {
    this.#calls = calls;
    const { result, errno } = calls.eventFd();
    if (result < 0) {
      throw new ServedError(
        'kernel-refused',
        `eventfd: ${errnoName(errno)}`,
        'Close other programs, then try again.',
      );
    }
    this.#eventFd = result;
  }

  /** `action` runs whenever the descriptor can be read. It must read: a descriptor that stays readable wakes again at once. */
  add(fd: number, action: () => void): void {
    this.#actions.set(fd, action);
    this.#wake();
  }

  /** After this the action runs no more, and the descriptor may be closed. */
  remove(fd: number): void {
    this.#actions.delete(fd);
    this.#wake();
  }

  /** Until `stop`. Rejects with what an action throws: that is a bug, and commands are no longer answered. */
  async run(): Promise<void> {
    try {
      while (!this.#stopping) {
        const { result, errno, ready } = await this.#calls.poll([this.#eventFd, ...this.#actions.keys()]);
        if (result < 0 && errno === EINTR) continue;
        if (result < 0) throw new Error(`poll: ${errnoName(errno)}`);
        for (const fd of ready) {
          if (fd === this.#eventFd) readSync(fd, new Uint8Array(8));
          else this.#actions.get(fd)?.();
        }
      }
    } finally {
      this.#ended = true;
      closeSync(this.#eventFd);
    }
  }

  stop(): void {
    this.#stopping = true;
    this.#wake();
  }

  #wake(): void {
    if (this.#ended) return; // the number may belong to another file by now
    writeSync(this.#eventFd, new Uint8Array(new BigUint64Array([1n]).buffer));
  }
}
