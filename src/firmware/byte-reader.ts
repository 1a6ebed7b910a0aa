import { concatBytes } from '../base/bytes.ts';
import { cutOff } from './image-error.ts';

const NOTHING = new Uint8Array(0);

/** Reads pieces of any size from chunks of any size, forwards only; holds no more than one chunk and what is peeked at. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = NOTHING;
  #offsetBytes = 0;
  #ended = false;

  constructor(
    chunks: AsyncIterable<Uint8Array>,
    /** File and members, for errors. */
    readonly origin: string,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** How many bytes were taken. */
  get offsetBytes(): number {
    return this.#offsetBytes;
  }

  /** Bytes that are at hand, not taken yet; none: the end. */
  async some(): Promise<Uint8Array> {
    while (this.#held.length === 0 && !this.#ended) this.#held = await this.#next();
    return this.#held;
  }

  /** Takes bytes that were looked at. */
  drop(count: number): void {
    this.#held = this.#held.subarray(count);
    this.#offsetBytes += count;
  }

  /** The next `count` bytes, fewer only at the end; they are not taken. */
  async peek(count: number): Promise<Uint8Array> {
    if (this.#held.length < count) {
      const parts = [this.#held];
      for (let length = this.#held.length; length < count;) {
        const chunk = await this.#next();
        if (this.#ended) break;
        parts.push(chunk);
        length += chunk.length;
      }
      if (parts.length > 1) this.#held = concatBytes(...parts);
    }
    return this.#held.subarray(0, count);
  }

  /** Exactly `count` bytes; `what` they are, for the error of a file that was cut. */
  async take(count: number, what: string): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    if (bytes.length < count) throw cutOff(this.origin, what, this.#offsetBytes + bytes.length);
    this.drop(count);
    return bytes;
  }

  async skip(count: number, what: string): Promise<void> {
    await drain(this.exactly(count, what));
  }

  /** Exactly `count` bytes, as they come. */
  async *exactly(count: number, what: string): AsyncGenerator<Uint8Array, void> {
    for (let left = count; left > 0;) {
      const bytes = (await this.some()).subarray(0, left);
      if (bytes.length === 0) throw cutOff(this.origin, what, this.#offsetBytes);
      this.drop(bytes.length);
      left -= bytes.length;
      yield bytes;
    }
  }

  async *rest(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const bytes = await this.some();
      if (bytes.length === 0) return;
      this.drop(bytes.length);
      yield bytes;
    }
  }

  async skipRest(): Promise<void> {
    await drain(this.rest());
  }

  /** Lets go of what the chunks come from. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#chunks.return?.();
  }

  /** Nothing at the end, as often as it is asked. */
  async #next(): Promise<Uint8Array> {
    if (this.#ended) return NOTHING;
    const next = await this.#chunks.next();
    if (next.done !== true) return next.value;
    this.#ended = true;
    return NOTHING;
  }
}

/** Reads to the end; what comes is not needed, but it may be damaged. */
export async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

/** Bytes that are there already, as a reader wants them. */
// eslint-disable-next-line @typescript-eslint/require-await -- the reader takes only asynchronous chunks
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  if (bytes.length > 0) yield bytes;
}
