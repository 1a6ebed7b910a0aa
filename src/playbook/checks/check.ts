import type { PlayWords } from '../../generated/playbook.ts';
import type { DiagnosticCode } from '../diagnostic-codes.ts';
import type { Severity } from '../diagnostics.ts';

/** Tells a problem of a play; `path` is a JSON pointer of the whole file. */
export interface Tell {
  (
    path: string,
    code: DiagnosticCode,
    message: string,
    more?: { readonly hint?: string | null; readonly at?: 'key' | 'value'; readonly severity?: Severity },
  ): void;
}

/** What a careful operator would ask about one play, beyond what the schema can say. */
export interface PlayCheck {
  /** What it reads, relative to the play. With a mistake in one of these it is left out: it would speak of the same. */
  readonly reads: readonly string[];
  readonly check: (play: PlayWords, pointer: string, tell: Tell) => void;
}

/** A check of one section; `reads` is relative to it, as in PlayCheck. */
export interface SectionCheck<Section> {
  readonly reads: readonly string[];
  readonly check: (section: Section, pointer: string, tell: Tell) => void;
}
