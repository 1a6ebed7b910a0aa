import type { Diagnostic } from '../diagnostics.ts';
import { diagnosticAt, sortDiagnostics } from '../diagnostics.ts';
import type { Playbook } from '../playbook.ts';
import type { ResolvedPlaybook } from '../resolved.ts';
import { sectionsOf } from '../sections.ts';
import { pointerNames } from '../yaml-document.ts';
import type { Warn } from './lint-rule.ts';
import { foreignWriters, hiddenCharacters } from './file-rules.ts';
import { doubtfulImages } from './image-rule.ts';
import { PLAY_RULES } from './play-rules.ts';
import { PLAYBOOK_RULES } from './playbook-rules.ts';
import { SECTION_RULES } from './section-rules.ts';

/**
 * What a careful reviewer would ask about a playbook that is right. Only warnings; what `x-accept` of a mapping names,
 * with a reason, is not told for anything in that mapping.
 *
 * @param resolved the images; null: they were not read, and nothing is said of their sizes
 */
export function lintPlaybook(
  { document, words }: Playbook,
  resolved: ResolvedPlaybook | null,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [...hiddenCharacters({ document })];
  const warn = warningIn({ document, words }, found);
  for (const rule of PLAYBOOK_RULES) rule(words, warn);
  for (const [index, play] of words.plays.entries()) {
    const playPointer = `/plays/${index}`;
    for (const rule of PLAY_RULES) rule(play, playPointer, warn);
    for (const [number, { section, pointer }] of sectionsOf(play, playPointer).entries()) {
      const sentBytes = resolved?.plays[index]?.download[number]?.image.length ?? null;
      for (const rule of SECTION_RULES) rule(section, { pointer, sentBytes }, warn);
    }
  }
  return sortDiagnostics(found);
}

/**
 * Images that look like something else: `plan` warns of them, too. Not asked of a lab, whose images are stand-ins.
 */
export function imageWarnings(playbook: Playbook, resolved: ResolvedPlaybook): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = warningIn(playbook, found);
  for (const [index, play] of playbook.words.plays.entries()) {
    const images = resolved.plays[index]!.download.map(({ image }) => image);
    doubtfulImages(play, `/plays/${index}`, images, warn);
  }
  return sortDiagnostics(found);
}

/** Who else can change what root obeys, sends or runs: `lint` and `plan` say so, where they run as root. */
export function writerWarnings(playbook: Playbook): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (process.geteuid?.() === 0) foreignWriters(playbook, warningIn(playbook, found));
  return sortDiagnostics(found);
}

const warningIn =
  ({ document, words }: Pick<Playbook, 'document' | 'words'>, found: Diagnostic[]): Warn =>
  (path, code, message, { hint, at = 'value' }) => {
    if (isAccepted(words, path, code)) return;
    const span = at === 'key' ? document.keySpan(path) : document.valueSpan(path);
    found.push(diagnosticAt(document.source, span, { code, path, message, hint, severity: 'warning' }));
  };

/** `x-accept: {CODE: reason}` in a mapping on the way to the place. A reason is text, and not empty. */
export function isAccepted(words: unknown, path: string, code: Diagnostic['code']): boolean {
  let at = words;
  for (const name of ['', ...pointerNames(path)]) {
    if (name !== '') at = (at as Readonly<Record<string, unknown>>)[name];
    if (typeof at !== 'object' || at === null) return false;
    const accepted: unknown = (at as Readonly<Record<string, unknown>>)['x-accept'];
    if (typeof accepted !== 'object' || accepted === null || !Object.hasOwn(accepted, code)) continue;
    const reason = (accepted as Readonly<Record<string, unknown>>)[code];
    if (typeof reason === 'string' && reason.trim() !== '') return true;
  }
  return false;
}
