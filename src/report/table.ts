import type { Ink, Tone } from './ink.ts';
import { printable } from './ink.ts';

/** One cell: its text, and a tone where it should stand out. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** Left-aligned columns two spaces apart; the last one is not padded. Widths are counted before colouring. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  ink: Ink,
  indent = '',
): string[] {
  const all: (readonly Cell[])[] =
    header.length > 0 ? [header.map((text) => ({ text, tone: 'dim' as const })), ...rows] : [...rows];
  const widths: number[] = [];
  for (const row of all) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length)));
  }
  return all.map((row) => {
    const cells = row.map((cell, i) => {
      const text = textOf(cell);
      const painted = typeof cell === 'string' ? text : ink(cell.tone, text);
      return i === row.length - 1 ? painted : painted + ' '.repeat(widths[i]! - text.length);
    });
    return (indent + cells.join('  ')).trimEnd();
  });
}

const textOf = (cell: Cell): string => printable(typeof cell === 'string' ? cell : cell.text);
