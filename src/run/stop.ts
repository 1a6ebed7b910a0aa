export type StopSignal = 'SIGINT' | 'SIGTERM';

/**
 * A wish to stop, looked at in two places: before a device is begun, and right before its first chunk. From the first
 * byte to the verdict nobody looks at it (design.md, promise 9).
 */
export class StopSwitch {
  #signal: StopSignal | null = null;
  #writing = 0;

  get requested(): StopSignal | null {
    return this.#signal;
  }

  /** Devices between their first byte and their verdict. */
  get writing(): number {
    return this.#writing;
  }

  request(signal: StopSignal): void {
    this.#signal ??= signal;
  }

  /** Marks the time from first byte to verdict of one device; call what it returns at the verdict. */
  beginWriting(): () => void {
    this.#writing++;
    let ended = false;
    return () => {
      if (!ended) this.#writing--;
      ended = true;
    };
  }
}
