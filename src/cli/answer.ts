import type { Exit } from '../run/outcome.ts';

/** What a command has to say. It is written once, at the very end, by `main`. */
export interface Answer {
  readonly exit: Exit;
  /** The one document of `--format json` and the last line of `jsonl`; null: the command has written it already. */
  readonly document: object | null;
  /** The same for a person; goes to stdout. */
  readonly text: string;
  /** Errors and hints for a person; goes to stderr, with `--format text` only. */
  readonly notes?: string;
  /** One line on stderr in every format: what would help, where nothing is wrong. */
  readonly hint?: string | undefined;
}

export type OutputFormat = 'text' | 'json' | 'jsonl';

export const OUTPUT_FORMATS: readonly OutputFormat[] = ['text', 'json', 'jsonl'];

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
