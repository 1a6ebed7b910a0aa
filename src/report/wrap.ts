import { stripVTControlCharacters } from 'node:util';
import type { Ink } from './ink.ts';

/** Stands for the blanks of a command that is to be copied as a whole. */
const GLUE = '\0';
const COMMAND = /\brunbook (?:(?:lab|job|history) )?[a-z-]+(?: (?:-\S+|[A-Z]{2,}\S*|\S*\d\S*))*/g;

/**
 * Text in lines of at most `columns` characters, broken at blanks only: a word longer than that keeps its line, and can
 * still be copied. `hang` is put before each line but the first.
 */
export function wrapWords(text: string, columns: number, hang = ''): string[] {
  if (widthOf(text) <= columns) return [text];
  const rest = text.trimStart();
  const lines: string[] = [];
  let line = text.slice(0, text.length - rest.length);
  let isEmpty = true;
  for (const word of rest.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line.trimEnd());
      line = hang + word;
    } else line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}

/** With less room than this beside a label, text goes below it. */
const LEAST_TEXT = 24;

/**
 * Lines of prose as the text of an answer: those too long for the terminal are broken between words, and what follows
 * stands a little further in, or below the text of its label. A command that may be copied is never broken.
 */
export function wrappedText(lines: readonly string[], { columns }: Pick<Ink, 'columns'>): string {
  return lines
    .flatMap((line) => wrapLine(line, columns))
    .map((line) => `${line}\n`)
    .join('');
}

function wrapLine(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const indent = /^ */.exec(line)![0].length;
  const label = /^ *[a-z]+ {2,}/.exec(line)?.[0].length ?? 0;
  const hang = label > 0 && columns - label >= LEAST_TEXT ? label : indent + 2;
  const glued = line.replace(COMMAND, (command) => command.replaceAll(' ', GLUE));
  return wrapWords(glued, columns, ' '.repeat(hang)).map((one) => one.replaceAll(GLUE, ' '));
}

/** A colour takes no room. */
const widthOf = (text: string): number => stripVTControlCharacters(text).length;
