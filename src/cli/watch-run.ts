import { EventLines } from '../report/event-lines.ts';
import { createScreen, silentScreen, type Screen } from '../report/screen.ts';
import type { Emit } from '../run/facts/events.ts';
import type { CommonOptions } from './answer.ts';
import { isAscii, isCi, isService, wantsColor, type Io } from './io.ts';

/** Everybody who is told what a run does. */
export interface Watchers {
  readonly screen: Screen;
  readonly emit: Emit;
}

/** A screen on stderr, with `jsonl` the events on stdout, and whoever else wants to know (`tell`). */
export function watchersOf(
  { format, color, timestamps }: CommonOptions & { readonly timestamps: boolean | null },
  io: Io,
  tell: Emit,
): Watchers {
  const screen = screenOf({ format, color, timestamps }, io);
  const lines = format === 'jsonl' ? new EventLines((line) => io.stdout.write(line)) : null;
  return {
    screen,
    emit: (event) => {
      screen.handle(event);
      lines?.handle(event);
      tell(event);
    },
  };
}

/** The picture alone, for a command that has its own lines where there is no terminal. null: there is none. */
export function pictureOf({ format, color }: CommonOptions, io: Io): Screen | null {
  return isPicture(io) && format !== 'jsonl' ? screenOf({ format, color, timestamps: null }, io) : null;
}

const isPicture = ({ stderr, env }: Io): boolean => stderr.isTTY && env.TERM !== 'dumb' && !isCi(env);

function screenOf(
  {
    format,
    color,
    timestamps,
  }: Pick<CommonOptions, 'format' | 'color'> & { readonly timestamps: boolean | null },
  io: Io,
): Screen {
  const { stdout, stderr, env } = io;
  const tty = isPicture(io);
  // Events say the same as plain lines, and a picture over them on one terminal would garble both.
  if (format === 'jsonl' && (!tty || stdout.isTTY)) return silentScreen;
  return createScreen({
    stream: stderr,
    tty,
    // A pseudo terminal of a program has 0 columns.
    size: () => ({ columns: stderr.columns, rows: stderr.rows }),
    hasReport: stdout.isTTY && format === 'text',
    color: wantsColor(stderr, env, color),
    ascii: isAscii(env),
    timestamp: (timestamps ?? (isCi(env) || isService(env))) ? () => new Date() : null,
  });
}
