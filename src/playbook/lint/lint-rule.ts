import type { PlaybookWords, PlayWords, SectionWords } from '../../generated/playbook.ts';
import type { LintCode } from './lint-codes.ts';

/** Warns of a place; `path` is a JSON pointer of the whole file. */
export type Warn = (
  path: string,
  code: LintCode,
  message: string,
  more: { readonly hint: string; readonly at?: 'key' | 'value' },
) => void;

export type PlaybookRule = (words: PlaybookWords, warn: Warn) => void;

export type PlayRule = (play: PlayWords, pointer: string, warn: Warn) => void;

/** `sentBytes`: what the section sends; null: the image was not read. */
export type SectionRule = (
  section: SectionWords,
  facts: { readonly pointer: string; readonly sentBytes: number | null },
  warn: Warn,
) => void;
