import type { Span } from './source-text.ts';
import type { YamlDocument, YamlNode } from './yaml-document.ts';

/** One replacement of characters; an insertion has an empty span. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** Keys that say where an image comes from; `sha256` is written behind the last of them. */
const IMAGE_KEYS = ['file', 'member', 'strip'] as const;

/**
 * The edit that makes `sha256` of the mapping at `pointer` this hash. Quotes that are there stay; others are added: a
 * hash of digits alone would be a number to YAML. Null: the mapping has none of the keys to write it behind.
 */
export function pinEdit(document: YamlDocument, pointer: string, sha256: string): Edit | null {
  const mapping = document.nodeAt(pointer);
  const { source } = document;
  const there = mapping.children?.get('sha256');
  if (there === undefined) return insertion(document, mapping, sha256);
  if (!there.absent) {
    const quote = source.text[there.span.start] === "'" ? "'" : '"';
    return { span: there.span, text: `${quote}${sha256}${quote}` };
  }
  const end = there.key!.end;
  const colon = /^[ \t]*:/.exec(source.text.slice(end));
  const at = end + (colon?.[0].length ?? 0);
  return { span: { start: at, end: at }, text: `${colon === null ? ':' : ''} "${sha256}"` };
}

function insertion({ source }: YamlDocument, mapping: YamlNode, sha256: string): Edit | null {
  const before = IMAGE_KEYS.map((key) => mapping.children?.get(key))
    .filter((node) => node?.key != null)
    .toSorted((a, b) => a!.key!.start - b!.key!.start)
    .at(-1);
  if (before?.key == null) return null;
  const key = before.key;
  const quoted = source.text[key.start] === '"';
  const pair = `${quoted ? '"sha256"' : 'sha256'}: "${sha256}"`;
  const valueEnd = endOfValue(source.text, before, key);
  if (isFlow(source.text, mapping, key))
    return { span: { start: valueEnd, end: valueEnd }, text: `, ${pair}` };
  const { line, column } = source.positionOf(key.start);
  const lineEnd = endOfLine(source.text, valueEnd);
  // `- file: x` begins an entry of a list: the dash is not repeated.
  const indent = source
    .lineAt(line)
    .slice(0, column - 1)
    .replaceAll(/[^ \t]/g, ' ');
  return { span: { start: lineEnd, end: lineEnd }, text: `${lineBreak(source.text)}${indent}${pair}` };
}

/** Where the value of a key ends in the text; that of an alias is its own name, not what it stands for. */
function endOfValue(text: string, node: YamlNode, key: Span): number {
  const alias = /^\s*:\s*\*[^\s,[\]{}]+/.exec(text.slice(key.end));
  if (alias !== null) return key.end + alias[0].length;
  return Math.max(node.span.end, key.end);
}

function isFlow(text: string, mapping: YamlNode, key: Span): boolean {
  if (text[mapping.span.start] !== '*') return text[mapping.span.start] === '{';
  return /[{,]\s*$/.test(text.slice(0, key.start));
}

function endOfLine(text: string, from: number): number {
  const rest = /[\r\n]/.exec(text.slice(from));
  return rest === null ? text.length : from + rest.index;
}

/** As the file ends its lines: the first one tells. */
const lineBreak = (text: string): string => /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';

/** All edits at once; every character outside of them stays. Equal ones, which aliases bring, are made once. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((a, b) => a.span.start - b.span.start);
  let result = '';
  let at = 0;
  let last: Edit | null = null;
  for (const edit of ordered) {
    if (last !== null && last.span.start === edit.span.start && last.text === edit.text) continue;
    result += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
    last = edit;
  }
  return result + text.slice(at);
}
