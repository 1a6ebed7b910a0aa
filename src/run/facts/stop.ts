export type StopSignal = 'SIGINT' | 'SIGTERM';

/** A signal that a person is told of. SIGTSTP (^Z) is not a wish to end the run, and does not hold it up either. */
export type ToldSignal = StopSignal | 'SIGTSTP';

type Told = (signal: ToldSignal, effect: string) => void;

/**
 * A wish to stop, looked at in two places: before a device is begun, and right before its first chunk. From the first
 * byte to the verdict nobody looks at it (decisions.md#promises, 9).
 */
export class StopSwitch {
  #signal: StopSignal | null = null;
  #writing = 0;
  readonly #listeners = new Set<Told>();
  readonly #untold: Parameters<Told>[] = [];

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

  /** What a person is told of a signal; the run that is under way, or about to begin, hears and records it. */
  tell(signal: ToldSignal, effect: string): void {
    if (this.#listeners.size === 0) this.#untold.push([signal, effect]);
    for (const listener of this.#listeners) listener(signal, effect);
  }

  /** Hears everything that was told until now, and from now on, until what it returns is called. */
  listen(listener: Told): () => void {
    this.#listeners.add(listener);
    for (const told of this.#untold.splice(0)) listener(...told);
    return () => void this.#listeners.delete(listener);
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
