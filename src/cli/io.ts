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
 * A reader that went away (EPIPE) or a terminal that is gone (EIO after a hang-up) must not end a run that writes to a
 * device: what cannot be shown is dropped, and the exit code still tells the truth.
 */
export function ignoreLostReaders(io: Pick<Io, 'stdout' | 'stderr'>): void {
  for (const stream of [io.stdout, io.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}

/** Colour only for a person: a terminal, no --no-color, no NO_COLOR (https://no-color.org), not `dumb`. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: Io['env'], option: boolean): boolean {
  return option && stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
