import type { Exit } from '../run/facts/outcome.ts';

/** What a command has to say. It is written once, at the very end, by `main`. */
export interface Answer {
  readonly exit: Exit;
  /** The one document of `--format json` and the last line of `jsonl`; null: the command has written it already. */
  readonly document: object | null;
  /** What goes to stdout in every other format: the same for a person, or for a program that annotates. */
  readonly text: string;
  /** `text` is a file for programs (a script, a schema, YAML): no sign of it is replaced, whatever the locale has. */
  readonly isFile?: boolean;
  /** Errors and hints for a person; goes to stderr, with `--format text` only. */
  readonly notes?: string;
  /** Something that may never end is still waited for: the process is left as soon as the answer is written. */
  readonly abandons?: boolean;
  /** One line on stderr in every format: what would help, where nothing is wrong. */
  readonly hint?: string | undefined;
}

export type OutputFormat = 'text' | 'json' | 'jsonl' | 'github' | 'sarif';

export const OUTPUT_FORMATS: readonly OutputFormat[] = ['text', 'json', 'jsonl', 'github', 'sarif'];

/** Formats for problems in files, and the commands whose whole answer is such problems. */
export const ANNOTATING_FORMATS: readonly OutputFormat[] = ['github', 'sarif'];
export const ANNOTATING_COMMANDS: readonly string[] = ['validate', 'lint'];

/** Options that every command has. */
export interface CommonOptions {
  readonly format: OutputFormat;
  readonly lab?: string;
  readonly labState?: string;
  /** Where runs and units are remembered. */
  readonly stateDir?: string;
  readonly trace?: string;
  /** False: --no-color was given. */
  readonly color: boolean;
  readonly verbose: boolean;
  /** Roots for tests. */
  readonly sysfs?: string;
  readonly proc?: string;
}
