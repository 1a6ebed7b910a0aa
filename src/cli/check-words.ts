import { WITH_VALUE } from './scan.ts';
import { UsageError } from './usage-error.ts';

/**
 * What a parser takes as it comes, and nobody means: an option in the place of a value, and an empty word (a variable of the shell
 * that is not set). Throws UsageError.
 */
export function checkWords(argv: readonly string[]): void {
  requireDirectory();
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (WITH_VALUE.includes(word) && next !== undefined && /^--./.test(next)) {
      throw new UsageError(
        `${word} has no value: ${next} comes after it`,
        `Write ${word} VALUE. If the value begins with --, write ${word}=--….`,
      );
    }
  }
  const empty = argv.findIndex((word) => word === '' || /^--[a-z-]+=$/.test(word));
  if (empty >= 0) {
    const after = argv[empty] === '' ? (argv[empty - 1] ?? 'runbook') : argv[empty]!.slice(0, -1);
    throw new UsageError(
      `an empty word comes after ${after}`,
      'Is a shell variable empty? Set it, or remove the word.',
    );
  }
}

/** Every path counts from it. */
function requireDirectory(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError('the current directory no longer exists', 'Change to a directory that exists.');
  }
}
