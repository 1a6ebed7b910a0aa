import type { RunEvent } from '../run/facts/events.ts';

/** A program that watches a run needs no line per chunk: at most one per device in this time, and the last one. */
const PROGRESS_EVERY_MS = 500;

/**
 * JSON Lines of a run (schemas/events.schema.json): each event with `at`, ISO 8601 in UTC, in front.
 * `write` gets whole lines with their newline.
 */
export class EventLines {
  readonly #write: (line: string) => void;
  readonly #now: () => Date;
  readonly #lastMs = new Map<string, number>();

  constructor(write: (line: string) => void, now: () => Date = () => new Date()) {
    this.#write = write;
    this.#now = now;
  }

  handle(event: RunEvent): void {
    const at = this.#now();
    if (event.type === 'progress' && event.doneBytes < event.totalBytes) {
      const nowMs = at.getTime();
      if (nowMs - (this.#lastMs.get(event.device) ?? -Infinity) < PROGRESS_EVERY_MS) return;
      this.#lastMs.set(event.device, nowMs);
    }
    this.#write(`${JSON.stringify({ at: at.toISOString(), ...event })}\n`);
  }
}
