import { HIDDEN } from '../base/hidden.ts';

/** What a forge makes a link of, or a message to somebody, whatever stands before it; not in code. */
const REACHES_OUT = /@|:\/\/|\bwww\.|\bGH-\d/i;

/** Text as it is: nothing in it becomes a link, a mention, a heading, emphasis, HTML or a cell of a table. One line. */
export function mdText(text: string): string {
  if (REACHES_OUT.test(text)) return mdCode(text);
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>#|~!]/g, '\\$&');
}

/** A code span. In a table a `|` would end the cell even there. */
export function mdCode(text: string): string {
  const line = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 || line === '' ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** A table of cells that are Markdown already. */
export function mdTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Control characters and line breaks are for nobody who reads a ticket. */
const oneLine = (text: string): string => text.replaceAll(HIDDEN, ' ').replaceAll(/ +/g, ' ').trim();
