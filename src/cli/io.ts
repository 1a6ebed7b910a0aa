import { causeText } from '../base/errno.ts';
import { asciiText, createInk, type Ink } from '../report/ink.ts';

/** The streams and surroundings of one run of the program. Only `src/cli` knows them. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the process at once, although one of its threads waits for a file or a device. */
  readonly leave: (code: number) => Promise<void>;
}

export const processIo = (): Io => ({
  // Node makes a stream when it is first asked for; stdin is for questions alone.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  leave: async (code) => {
    try {
      (await (await import('../native/libc.ts')).loadLibc()).exitNow(code);
    } catch {
      process.kill(process.pid, 'SIGKILL');
    }
  },
});

/**
 * A reader that went away (EPIPE), a terminal that is gone (EIO after a hang-up) or a full disk must not end a run that
 * writes to a device: what cannot be shown is dropped. Returns a question, to be asked after the last write: why is
 * stdout not complete? null: it is, or its reader went away.
 */
export function keepWriting({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>): () => Promise<string | null> {
  let problem: string | null = null;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') problem ??= causeText(error);
  });
  stderr.on('error', () => undefined);
  return async () => {
    // The error of a write comes after it, and before that of the next one.
    await new Promise<void>((resolve) => {
      stdout.write('', () => {
        setImmediate(resolve);
      });
    });
    return problem;
  };
}

type OutputStream = { readonly isTTY?: boolean; readonly columns?: number };

/** How text for a person looks on a stream: its colours, and the columns that a table may fill. */
export const inkOf = (stream: OutputStream, env: Io['env'], color: boolean): Ink =>
  createInk(wantsColor(stream, env, color), columnsOf(stream, env));

/** A pseudo terminal of a program has 0 columns. What goes to a file or a pipe is as wide as it is, unless COLUMNS says. */
function columnsOf({ isTTY, columns }: OutputStream, env: Io['env']): number {
  if (isTTY === true) return columns || 80;
  return /^[1-9]\d*$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : Infinity;
}

/**
 * Colour only for a person: a terminal, no --no-color, no NO_COLOR (https://no-color.org), not `dumb`. FORCE_COLOR wants it
 * wherever the text goes, or with 0 nowhere; like Node itself it comes before NO_COLOR.
 */
export function wantsColor(stream: OutputStream, env: Io['env'], option: boolean): boolean {
  if (!option) return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** Terminals that may have no arrows and no frames whatever the locale says: the fonts of the console, and `dumb`. */
const PLAIN_TERMINALS: readonly string[] = ['linux', 'dumb'];

/** The locale has ASCII alone: the first of these that is set says so (POSIX); none is the locale C. */
export function isAscii(env: Io['env']): boolean {
  if (PLAIN_TERMINALS.includes(env.TERM ?? '')) return true;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return !/utf-?8/i.test(locale ?? '');
}

/** Text for a person in the signs that the locale has. */
export const inLocale = (text: string, env: Io['env']): string => (isAscii(env) ? asciiText(text) : text);

/** A machine reads the log of a build, even where it gives it a terminal. */
export const isCi = (env: Io['env']): boolean => !['', '0', 'false'].includes(env.CI ?? '');

/** systemd sets the one for what it starts, the other where the journal reads along. */
export const isService = (env: Io['env']): boolean =>
  (env.INVOCATION_ID ?? '') !== '' || (env.JOURNAL_STREAM ?? '') !== '';
