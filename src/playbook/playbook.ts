import { createHash } from 'node:crypto';
import type { FirmwareWords, PlaybookWords, PlayWords } from '../generated/playbook.ts';
import { validatePlaybook } from '../generated/playbook-validator.js';
import { checkPlaybook } from './checks/play-checks.ts';
import type { Diagnostic } from './diagnostics.ts';
import { hasErrors, sortDiagnostics } from './diagnostics.ts';
import { deepFreeze, readWords, type Words } from './words.ts';
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
  /** Of a playbook with an error elsewhere: what is said rightly of its images, so that their mistakes come in the same round. */
  readonly sound: SoundImages | null;
}

export interface SoundImages {
  readonly document: YamlDocument;
  /** The `firmware` of a play each, and its place. */
  readonly firmware: readonly { readonly pointer: string; readonly words: FirmwareWords }[];
}

/** Text to checked words: stages 1 and 2 of the design. Never throws; all mistakes come at once. */
export function loadPlaybook(file: string, text: string): LoadedPlaybook {
  const { words, diagnostics: found } = readWords(file, text, validatePlaybook, 'runbook');
  if (words === null) return { playbook: null, diagnostics: sortDiagnostics(found), sound: null };
  checkPlaybook(words);
  const diagnostics = sortDiagnostics(found);
  if (hasErrors(diagnostics)) return { playbook: null, diagnostics, sound: soundImages(words, diagnostics) };
  const { document } = words;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    playbook: { file, sha256, words: deepFreeze(document.value as PlaybookWords), document },
    diagnostics,
    sound: null,
  };
}

function soundImages({ document, isSound }: Words, diagnostics: readonly Diagnostic[]): SoundImages {
  const plays = (document.value as { readonly plays?: unknown } | null)?.plays;
  // What is wrong with the name of a file has been said; it is not looked for as well.
  const isNamed = (pointer: string): boolean => diagnostics.every((told) => told.path !== `${pointer}/file`);
  const firmware = (Array.isArray(plays) ? plays : []).flatMap((play: unknown, index) => {
    const pointer = `/plays/${index}/firmware`;
    if (!isSound(pointer) || !isNamed(pointer)) return [];
    const words = (play as Partial<PlayWords> | null)?.firmware;
    return words === undefined ? [] : [{ pointer, words }];
  });
  return { document, firmware };
}
