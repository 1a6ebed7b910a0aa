import { HIDDEN } from '../base/hidden.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { LintCode } from './lint/lint-codes.ts';
import type { SourceText, Span } from './source-text.ts';

export type Severity = 'error' | 'warning';

/** A problem in a file that a person wrote. Collected, never thrown: all of them are shown at once. */
export interface Diagnostic {
  readonly file: string;
  /** Line and column count from 1; 0 when the file could not be read at all. */
  readonly line: number;
  readonly column: number;
  /** JSON pointer of the value, `/plays/0/match/revision/1`; '' for the whole file. */
  readonly path: string;
  readonly code: DiagnosticCode | LintCode;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it; null where the message says it all. */
  readonly hint: string | null;
  /** The source line; null when there is none to show. */
  readonly source: string | null;
  /** How many characters of the source line are meant; at least 1. */
  readonly length: number;
}

export interface Problem<Code extends string = DiagnosticCode> {
  readonly code: Code;
  readonly path: string;
  readonly message: string;
  readonly hint?: string | null;
  readonly severity?: Severity;
}

/** Where a check leaves what it finds. */
export type Report = (problem: Problem) => void;

/** Places a problem in its source. */
export function diagnosticAt(
  source: SourceText,
  span: Span,
  problem: Problem<Diagnostic['code']>,
): Diagnostic {
  const { line, column } = source.positionOf(span.start);
  const text = source.lineAt(line);
  return {
    file: source.file,
    line,
    column,
    path: problem.path,
    code: problem.code,
    severity: problem.severity ?? 'error',
    message: problem.message,
    hint: problem.hint ?? null,
    source: text,
    length: Math.max(1, Math.min(span.end - span.start, text.length - column + 1)),
  };
}

/** About a file as a whole, where no line can be shown. */
export function diagnosticOfFile(
  file: string,
  problem: Omit<Problem<Diagnostic['code']>, 'path'>,
): Diagnostic {
  return {
    file,
    line: 0,
    column: 0,
    path: '',
    code: problem.code,
    severity: problem.severity ?? 'error',
    message: problem.message,
    hint: problem.hint ?? null,
    source: null,
    length: 1,
  };
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === 'error');

/** In the order of the file, and each once: what is wrong in an anchor is found again through every alias. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const placeOf = ({ file, line, column }: Diagnostic): string => `${file}\0${line}\0${column}`;
  // What else is wrong with a text comes from the quotes that are part of it.
  const quoted = new Set(diagnostics.filter(({ code }) => code === 'typographic-quotes').map(placeOf));
  return diagnostics
    .filter((told) => told.code === 'typographic-quotes' || !quoted.has(placeOf(told)))
    .toSorted(
      (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code),
    )
    .filter(({ file, line, column, code, message }) => {
      const key = `${file}\0${line}\0${column}\0${code}\0${message}`;
      return !seen.has(key) && seen.add(key);
    });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The form for people:
 *
 *     upgrade.yml:9:17: error: revision is … [quote]
 *        9 |     revision: 2.10
 *          |               ^^^^
 *          = write it in quotes: "2.10"
 */
export function formatDiagnostic(d: Diagnostic): string {
  const place = d.line === 0 ? d.file : `${d.file}:${d.line}:${d.column}`;
  const lines = [visible(`${place}: ${d.severity}: ${d.message} [${d.code}]`)];
  const gutter = ' '.repeat(Math.max(4, String(d.line).length));
  if (d.source !== null) {
    const { text, column, length } = window(d.source, d.column, d.length);
    // Tabs stay tabs in the line of the caret, so that it stands below its word in every terminal.
    const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
    lines.push(`${String(d.line).padStart(gutter.length)} | ${text}`);
    lines.push(`${gutter} | ${indent}${'^'.repeat(length)}`);
  }
  if (d.hint !== null) lines.push(visible(`${gutter} = ${d.hint}`));
  return lines.join('\n');
}

/** Words of a file, in a message: a control character would move somebody's cursor, or begin a line. */
export const visible = (text: string): string => text.replaceAll(HIDDEN, '\ufffd');

const WINDOW = 120;

/** A very long line is cut around the place; tabs stay, so that the caret does not move. */
function window(
  source: string,
  column: number,
  length: number,
): { text: string; column: number; length: number } {
  const from = source.length <= WINDOW ? 0 : Math.max(0, column - 1 - WINDOW / 2);

  const text = source
    .slice(from, from + WINDOW)
    .replaceAll(HIDDEN, (character) => (character === '\t' ? character : '\ufffd'));
  const at = column - from;
  return { text, column: at, length: Math.max(1, Math.min(length, text.length - at + 1)) };
}
