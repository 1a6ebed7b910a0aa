import { createHash } from 'node:crypto';
import type { PlaybookWords } from '../generated/playbook.ts';
import { validatePlaybook } from '../generated/playbook-validator.js';
import { checkPlaybook } from './checks/play-checks.ts';
import type { Diagnostic } from './diagnostics.ts';
import { hasErrors, sortDiagnostics } from './diagnostics.ts';
import { deepFreeze, readWords } from './words.ts';
import type { YamlDocument } from './yaml-document.ts';

/** A playbook that is right as far as words can be: checked, frozen, with the place of every word. */
export interface Playbook {
  /** As given on the command line. */
  readonly file: string;
  /** SHA-256 of the text, lower-case hex. */
  readonly sha256: string;
  readonly words: PlaybookWords;
  readonly document: YamlDocument;
}

export interface LoadedPlaybook {
  /** Null when there is an error. */
  readonly playbook: Playbook | null;
  /** Sorted by place; warnings may come with a playbook. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Text to checked words: stages 1 and 2 of the design. Never throws; all mistakes come at once. */
export function loadPlaybook(file: string, text: string): LoadedPlaybook {
  const { words, diagnostics: found } = readWords(file, text, validatePlaybook, 'runbook');
  if (words === null) return { playbook: null, diagnostics: sortDiagnostics(found) };
  checkPlaybook(words);
  const diagnostics = sortDiagnostics(found);
  if (hasErrors(diagnostics)) return { playbook: null, diagnostics };
  const { document } = words;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    playbook: { file, sha256, words: deepFreeze(document.value as PlaybookWords), document },
    diagnostics,
  };
}
