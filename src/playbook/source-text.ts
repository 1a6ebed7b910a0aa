/** A range of characters in a file, end-exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text of a file that a person wrote, with lines as editors count them: LF, CRLF and CR end a line. */
export class SourceText {
  readonly #lineStarts: readonly number[];

  /** Without a byte order mark. */
  readonly text: string;

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.text = text.replace(/^\ufeff/, '');
    const starts = [0];
    for (const match of this.text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
    this.#lineStarts = starts;
  }

  /** Line and column, both counted from 1; the column counts UTF-16 units as editors do. */
  positionOf(offset: number): { readonly line: number; readonly column: number } {
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - this.#lineStarts[low]! + 1 };
  }

  /** Where a line begins; `line` counts from 1. */
  offsetOf(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }

  /** One line without its end; '' beyond the last. `line` counts from 1. */
  lineAt(line: number): string {
    const start = this.#lineStarts[line - 1];
    if (start === undefined) return '';
    const end = this.#lineStarts[line] ?? this.text.length;
    return this.text.slice(start, end).replace(/(?<![\r\n])[\r\n]+$/, '');
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }
}
