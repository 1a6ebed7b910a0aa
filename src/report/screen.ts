import { systemClock, type Clock } from '../base/clock.ts';
import type { RunEvent } from '../run/facts/events.ts';
import { asciiText, createInk } from './ink.ts';
import { picture, type Size } from './picture.ts';
import { PlainLines } from './plain-lines.ts';
import { RunView } from './run-view.ts';

/** What a person sees while a run goes on. `start` and `stop` are called by the task list's renderer. */
export interface Screen {
  start(): void;
  handle(event: RunEvent): void;
  /** Draws the last state and leaves the cursor below it. Calling it twice does no harm. */
  stop(): void;
}

export interface ScreenOptions {
  /** stderr, as a rule. A failing write (a closed pipe, a lost terminal) must not throw: the run goes on. */
  readonly stream: { write(text: string): unknown };
  /** True: a moving picture; false: few plain lines. */
  readonly tty: boolean;
  /** Asked before each frame; 0 columns means 80, 0 rows 24. */
  readonly size: () => Size;
  readonly color: boolean;
  /** A report of all devices follows on the same terminal: the last picture does not say it twice. */
  readonly hasReport?: boolean;
  /** The locale has no signs beyond ASCII. */
  readonly ascii?: boolean;
  /** Plain lines begin with this time, in UTC; null: they do not. */
  readonly timestamp?: (() => Date) | null;
  readonly clock?: Clock;
  /** Calls `tick` every `ms` until the returned function is called; tests turn it by hand. */
  readonly every?: (ms: number, tick: () => void) => () => void;
}

const FRAME_MS = 125;
const LINE_TICK_MS = 1000;

/** A moving picture on a terminal, a few plain lines elsewhere. */
export function createScreen(options: ScreenOptions): Screen {
  return options.tty ? new PictureScreen(options) : new LineScreen(options);
}

/** No screen at all: for machines that read events, and for tests. */
export const silentScreen: Screen = {
  start: () => undefined,
  handle: () => undefined,
  stop: () => undefined,
};

/**
 * Redraws in place, 8 times a second at most, one write per frame. It sets no mode of the terminal (no hidden cursor,
 * no other buffer), so that there is nothing to restore whichever way the program ends.
 */
class PictureScreen implements Screen {
  readonly #options: ScreenOptions;
  readonly #clock: Clock;
  readonly #view = new RunView();
  #cancel: (() => void) | null = null;
  /** Lengths of the lines on the terminal, and what they looked like. */
  #shown: number[] = [];
  #frame = '';

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#cancel ??= (this.#options.every ?? everyInterval)(FRAME_MS, () => this.#draw());
  }

  handle(event: RunEvent): void {
    this.#view.handle(event, this.#clock.nowMs());
  }

  stop(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.#view.isOver = true;
    this.#draw();
    // The report comes below it, as a rule on the same terminal.
    if (this.#frame !== '') this.#options.stream.write('\n');
  }

  #draw(): void {
    if (this.#view.devices.size === 0) return;
    const { ascii = false, hasReport = false } = this.#options;
    const size = { ...this.#options.size(), ascii };
    const ink = createInk(this.#options.color);
    const lines = picture(this.#view, this.#clock.nowMs(), size, hasReport);
    const frame = lines.map(({ text, tone }) => `${ink(tone, text)}\x1b[K\n`).join('');
    if (frame === this.#frame) return;
    this.#options.stream.write(this.#toTop(size.columns) + frame + '\x1b[J');
    this.#frame = frame;
    this.#shown = lines.map(({ text }) => text.length);
  }

  /** Up to the first line of the last frame; a terminal made narrower has folded some of its lines. */
  #toTop(columns: number): string {
    const width = columns > 0 ? columns : 80;
    const up = this.#shown.reduce((rows, length) => rows + Math.max(1, Math.ceil(length / width)), 0);
    return up > 0 ? `\x1b[${up}A\r` : '';
  }
}

class LineScreen implements Screen {
  readonly #options: ScreenOptions;
  readonly #clock: Clock;
  readonly #view = new RunView();
  readonly #lines = new PlainLines(this.#view);
  #cancel: (() => void) | null = null;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#cancel ??= (this.#options.every ?? everyInterval)(LINE_TICK_MS, () =>
      this.#write(this.#lines.afterTime(this.#clock.nowMs())),
    );
  }

  handle(event: RunEvent): void {
    const nowMs = this.#clock.nowMs();
    this.#view.handle(event, nowMs);
    this.#write(this.#lines.afterEvent(event, nowMs));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const { ascii, timestamp = null, stream } = this.#options;
    const time = timestamp === null ? '' : `${timestamp().toISOString().slice(0, 19)}Z `;
    const text = lines.map((line) => `${time}${line}\n`).join('');
    stream.write(ascii === true ? asciiText(text) : text);
  }
}

/** unref: a screen never keeps the program alive. */
function everyInterval(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
}
