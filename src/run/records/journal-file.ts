import type { FileHandle } from 'node:fs/promises';

/** Where lines end up; a test puts a full disk here. */
export interface LineSink {
  /** Writes all of it. */
  write(bytes: Uint8Array, positionBytes: number): Promise<void>;
  /** Afterwards it is there after a crash of the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A sink that writes to an open file; a short write is gone on with. Rejects with the errors of the file system. */
export function fileSink(handle: FileHandle): LineSink {
  return {
    write: async (bytes, positionBytes) => {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, positionBytes + done);
        done += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lines of one file, in the order in which they were given. What several devices want synced at the same time shares one
 * sync. What failed to be written is kept and written again, at its place, with the next line: a full disk leaves a
 * torn line for a while, and never a hole.
 */
export class JournalFile {
  readonly #sink: LineSink;
  /** Everything before this is synced. */
  #durableBytes = 0;
  /** What comes after `#durableBytes`. */
  #tail: Uint8Array[] = [];
  /** Lines of the tail that were written, as far as we know. */
  #writtenLines = 0;
  #waiters: Waiter[] = [];
  #wanted = false;
  #working: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /** The first error of a write or a sync; null: none so far. It stays, even when a later write goes well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Soon in the file, and not synced. */
  append(line: string): void {
    this.#tail.push(Buffer.from(`${line}\n`, 'utf8'));
    this.#work();
  }

  /** Resolves when everything appended so far is synced; rejects with the error of the system. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#work();
    });
  }

  /** Closes the file, which frees its lock. Never rejects. */
  async close(): Promise<void> {
    await this.sync().catch(() => undefined);
    await this.#sink.close().catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  #work(): void {
    this.#wanted = true;
    this.#working ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      // Lines and waiters that come during the write are for the next time round.
      const waiters = this.#waiters.splice(0);
      const lines = this.#tail.length;
      try {
        await this.#write(lines);
        if (waiters.length > 0) await this.#makeDurable(lines);
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        this.#failure ??= error;
        this.#writtenLines = 0; // nothing since the last sync is sure: all of it is written again
        for (const { reject } of waiters) reject(error);
      }
    }
    // In the same turn as the last look at `#wanted`: who wants something from here on begins again.
    this.#working = null;
  }

  async #write(lines: number): Promise<void> {
    const from = this.#writtenLines;
    if (from === lines) return;
    const before = lengthOf(this.#tail.slice(0, from));
    await this.#sink.write(Buffer.concat(this.#tail.slice(from, lines)), this.#durableBytes + before);
    this.#writtenLines = lines;
  }

  async #makeDurable(lines: number): Promise<void> {
    await this.#sink.sync();
    this.#durableBytes += lengthOf(this.#tail.slice(0, lines));
    this.#tail = this.#tail.slice(lines);
    this.#writtenLines = 0;
  }
}

function lengthOf(lines: readonly Uint8Array[]): number {
  return lines.reduce((sum, { length }) => sum + length, 0);
}
