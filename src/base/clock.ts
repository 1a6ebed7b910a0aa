/** Time as a parameter: every wait of the product goes through one of these, so that a test can turn it. */
export interface Clock {
  /** Milliseconds since some fixed start; never goes back. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Seconds that have passed since `startMs`, in tenths. */
export const secondsSince = (startMs: number, clock: Pick<Clock, 'nowMs'>): number =>
  Math.round((clock.nowMs() - startMs) / 100) / 10;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * A clock without waiting: when everybody sleeps, time jumps to the earliest sleeper. Two hours of polling take
 * a millisecond, in the right order.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #sleepers: { wakeMs: number; order: number; wake: () => void }[] = [];
  #order = 0;
  #scheduled = false;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ wakeMs: this.#nowMs + Math.max(0, ms), order: this.#order++, wake });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // setImmediate runs after every settled promise: whoever can go on without waiting has done so by then.
    setImmediate(() => {
      this.#scheduled = false;
      const next = this.#sleepers.sort((a, b) => a.wakeMs - b.wakeMs || a.order - b.order).shift();
      if (next === undefined) return;
      this.#nowMs = Math.max(this.#nowMs, next.wakeMs);
      next.wake();
      if (this.#sleepers.length > 0) this.#schedule();
    });
  }
}
