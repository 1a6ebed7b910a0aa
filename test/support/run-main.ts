import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { scanArguments } from '../../src/cli/scan.ts';

export interface MainEnd {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Both, as it was written. */
  readonly said: string;
}

/** Runs a command line in this process, on streams that keep what is written. `isTTY` is asked of stdout. */
export async function runMain(
  words: readonly string[],
  isTTY: () => boolean = () => false,
): Promise<MainEnd> {
  const text = { out: '', err: '', said: '' };
  const stream = (name: 'out' | 'err', ask: () => boolean): unknown => ({
    on: () => undefined,
    write: (piece: string, written?: () => void) => {
      text[name] += piece;
      text.said += piece;
      written?.();
      return true;
    },
    get isTTY() {
      return ask();
    },
  });
  const stderr = stream('err', () => false);
  const io = { stdin: {}, stdout: stream('out', isTTY), stderr, env: { LANG: 'C.UTF-8' } } as unknown as Io;
  const exitCode = await main([...words], scanArguments(words), io);
  return { exitCode, ...text };
}
