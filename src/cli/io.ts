import { causeText } from '../base/errno.ts';

/** The streams and surroundings of one run of the program. Only `src/cli` knows them. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const processIo = (): Io => ({
  // Node makes a stream when it is first asked for; stdin is for questions alone.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
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

/** Colour only for a person: a terminal, no --no-color, no NO_COLOR (https://no-color.org), not `dumb`. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: Io['env'], option: boolean): boolean {
  return option && stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
