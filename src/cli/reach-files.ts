import { stat } from 'node:fs/promises';

/**
 * Asks once for every file that the command line may name, in threads of the pool. On a mount that hangs this waits forever with the
 * main thread free, so that INT and TERM end the program: a signal cannot end a thread that waits in the kernel, and much of what
 * follows asks in the main thread. Never rejects.
 */
export async function reachFiles(argv: readonly string[], command: string | null): Promise<void> {
  const words = argv.flatMap((word) =>
    word.includes('=') ? [word, word.slice(word.indexOf('=') + 1)] : [word],
  );
  const paths = words.filter((word) => word !== '' && word !== command && !word.startsWith('-'));
  await Promise.allSettled(paths.map((path) => stat(path)));
}
