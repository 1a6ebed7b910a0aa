import path from 'node:path';
import { HIDDEN } from '../../base/hidden.ts';
import { otherWriter } from '../../base/other-writer.ts';
import { programFile } from '../../base/program-file.ts';
import { diagnosticAt, type Diagnostic } from '../diagnostics.ts';
import type { Playbook } from '../playbook.ts';
import { sectionsOf } from '../sections.ts';
import type { Warn } from './lint-rule.ts';

/** Of these an editor shows what they are. */
const PLAIN = /[\t\n\r]/;

/**
 * Characters that a reviewer does not see, comments included: text may read otherwise than it is (Trojan Source). One
 * warning for each line.
 */
export function hiddenCharacters({ document }: Pick<Playbook, 'document'>): readonly Diagnostic[] {
  const { source } = document;
  const found = new Map<number, Diagnostic>();
  for (const { 0: character, index } of source.text.matchAll(HIDDEN)) {
    const { line } = source.positionOf(index);
    if (PLAIN.test(character) || found.has(line)) continue;
    const name = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    const diagnostic = diagnosticAt(
      source,
      { start: index, end: index + character.length },
      {
        code: 'hidden-character',
        path: '',
        message: `${name} cannot be seen here, and may show the text around it in another order`,
        hint: 'remove it, or type the line again',
        severity: 'warning',
      },
    );
    found.set(line, diagnostic);
  }
  return [...found.values()];
}

/**
 * Root is going to obey the playbook, send the image and run the programs: is there somebody else who can change one of these? Files
 * that cannot be looked at are told by what reads them.
 */
export function foreignWriters({ file, words }: Pick<Playbook, 'file' | 'words'>, warn: Warn): void {
  const told = new Set<string>();
  const check = (pointer: string, what: string, at: string | null): void => {
    const other = at === null ? null : writerOf(at);
    if (other === null || told.has(`${what} ${other.entry}`)) return;
    told.add(`${what} ${other.entry}`);
    warn(pointer, 'others-can-write', `${what} can be changed by ${other.who}, at ${other.entry}`, {
      hint: `chown root and chmod go-w ${other.entry}, or move the file to a place of root`,
    });
  };
  const beside = (name: string): string => path.resolve(path.dirname(file), name);
  check('/runbook', 'this playbook', path.resolve(file));
  for (const [index, play] of words.plays.entries()) {
    const pointer = `/plays/${index}`;
    check(`${pointer}/firmware/file`, 'the image', beside(play.firmware.file));
    for (const { section, pointer: at } of sectionsOf(play, pointer)) {
      if (section.file !== undefined) check(`${at}/file`, 'the image', beside(section.file));
      if ('run' in section) check(`${at}/run`, 'the program', programFile(section.run[0] ?? ''));
    }
    for (const [number, step] of (play.activate ?? []).entries())
      if (typeof step === 'object' && step.run !== undefined)
        check(`${pointer}/activate/${number}/run`, 'the program', programFile(step.run[0] ?? ''));
  }
}

function writerOf(file: string): ReturnType<typeof otherWriter> {
  try {
    return otherWriter(file);
  } catch {
    return null;
  }
}
