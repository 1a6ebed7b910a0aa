import { realTarget } from '../base/durable-file.ts';
import { WITH_VALUE } from './scan.ts';
import { UsageError } from './usage-error.ts';

/** Options whose file is written, and what was in it is gone. */
const WRITTEN: readonly string[] = ['--out', '--trace', '--lab-state'];

/**
 * What a parser takes as it comes, and nobody means: an option in the place of a value, an empty word (a variable of the
 * shell that is not set), and a file that is read and written. Throws UsageError.
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
  refuseReadAndWritten(words, argv);
}

/** Every path counts from it. */
function requireDirectory(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError('the current directory no longer exists', 'Change to a directory that exists.');
  }
}

function refuseReadAndWritten(words: readonly string[], argv: readonly string[]): void {
  for (const [index, word] of words.entries()) {
    const [option, inline] = splitOption(word);
    if (!WRITTEN.includes(option)) continue;
    const at = inline === null ? index + 1 : index;
    const file = inline ?? words[at];
    if (file === undefined) continue;
    const target = realTarget(file);
    const isUsed = argv.some(
      (other, place) =>
        place !== at && place !== index && realTarget(splitOption(other)[1] ?? other) === target,
    );
    if (isUsed) {
      throw new UsageError(
        `${option} ${file}: this command already uses the file`,
        'Use a different file for each option.',
      );
    }
  }
}

/** `--lab=FILE` in its parts; null: the word is no option with its value. */
function splitOption(word: string): [string, string | null] {
  const match = /^(--[a-z-]+)=(.*)$/s.exec(word);
  return match === null ? [word, null] : [match[1]!, match[2]!];
}
