import type { Ink, Tone } from './ink.ts';
import { printable } from './ink.ts';
import { wrapWords } from './wrap.ts';

/** One cell: its text, and a tone where it should stand out. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

interface TableLayout {
  readonly indent?: string;
  /** Columns that a narrow terminal can spare, the least wanted first; counted from 0. */
  readonly spare?: readonly number[];
}

const GAP = 2;
/** With less room than this the text of the last column stands below its row. */
const LEAST_TEXT = 24;

/**
 * Left-aligned columns two spaces apart. Where they do not fit the columns of the terminal, some are left out, and then
 * the last one is broken between its words: never within one. Widths are counted before colouring.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  ink: Ink,
  layout: TableLayout = {},
): string[] {
  const head = header.map((text) => ({ text, tone: 'dim' as const }));
  return renderRows(header.length > 0 ? [head, ...rows] : rows, ink, layout).flat();
}

/** The lines of each row of a table without a header. */
export function renderRows(
  rows: readonly (readonly Cell[])[],
  ink: Ink,
  { indent = '', spare = [] }: TableLayout = {},
): string[][] {
  let all = [...rows];
  let widths = widthsOf(all);
  for (const kept = widths.map((_, i) => i), left = [...spare]; lineLength(widths, indent) > ink.columns;) {
    const next = left.shift();
    if (next === undefined) break;
    const at = kept.indexOf(next);
    kept.splice(at, 1);
    all = all.map((row) => row.filter((_, i) => i !== at));
    widths = widthsOf(all);
  }
  return all.map((row) => rowLines(row, widths, ink, indent));
}

function rowLines(row: readonly Cell[], widths: readonly number[], ink: Ink, indent: string): string[] {
  const last = row.at(-1) ?? '';
  const head = row.slice(0, -1).map((cell, i) => {
    const text = textOf(cell);
    return paint(cell, text, ink) + ' '.repeat(widths[i]! - text.length);
  });
  const at = lineLength(widths.slice(0, -1), indent) + (head.length > 0 ? GAP : 0);
  const room = ink.columns - at;
  const text = textOf(last);
  const start = indent + head.map((cell) => cell + ' '.repeat(GAP)).join('');
  if (text.length <= room) return [(start + paint(last, text, ink)).trimEnd()];
  const isBelow = room < LEAST_TEXT;
  const hang = isBelow ? `${indent}    ` : ' '.repeat(at);
  const lines = wrapWords(text, ink.columns - hang.length).map((line) => paint(last, line, ink));
  return isBelow
    ? [start.trimEnd(), ...lines.map((line) => hang + line)]
    : lines.map((line, i) => (i === 0 ? start : hang) + line);
}

const paint = (cell: Cell, text: string, ink: Ink): string =>
  typeof cell === 'string' ? text : ink(cell.tone, text);

function widthsOf(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length)));
  }
  return widths;
}

const lineLength = (widths: readonly number[], indent: string): number =>
  indent.length + widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);

const textOf = (cell: Cell): string => printable(typeof cell === 'string' ? cell : cell.text);
