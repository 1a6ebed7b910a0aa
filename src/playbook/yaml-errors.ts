import type { Diagnostic, Problem } from './diagnostics.ts';
import { diagnosticAt, diagnosticOfFile } from './diagnostics.ts';
import { SourceText } from './source-text.ts';

const MAX_TEXT_LENGTH = 1 << 20;

/** What is refused before a parser sees it; null: nothing. */
export function refusedText(file: string, text: string): Diagnostic | null {
  if (text.length > MAX_TEXT_LENGTH) {
    return diagnosticOfFile(file, {
      code: 'too-large',
      message: `the file has ${text.length} characters; the limit is ${MAX_TEXT_LENGTH}`,
      hint: 'is this the image, not the playbook?',
    });
  }
  const source = new SourceText(file, text);
  const marked = (character: string, problem: Omit<Problem, 'path'>): Diagnostic | null => {
    const start = source.text.indexOf(character);
    return start < 0 ? null : diagnosticAt(source, { start, end: start + 1 }, { ...problem, path: '' });
  };
  return (
    marked('\0', {
      code: 'nul',
      message: 'the text contains a NUL byte',
      hint: 'is this a text file at all?',
    }) ??
    // What a decoder writes where the bytes are not UTF-8.
    marked('\ufffd', { code: 'encoding', message: 'the file is not UTF-8 text', hint: 'save it as UTF-8' })
  );
}

/** Reasons of the parser that deserve their own code or a better word; the first that fits. */
const REASONS: readonly (readonly [string, Problem['code'], string | null, string | null])[] = [
  ['tab characters', 'tab', 'a tab in the indentation', 'YAML needs spaces there'],
  ['nesting exceeded', 'yaml', 'the file is nested too deeply', null],
  ['indentation of a mapping', 'yaml', null, 'check the indentation; text with ": " in it needs quotes'],
  ['deficient indentation', 'yaml', null, 'check the indentation, and that each [ { " is closed'],
  ['unexpected end', 'yaml', null, 'check that each [ { " is closed'],
  ['scalar tag', 'yaml', 'tags (!word) are not part of the language', null],
  ['sequence tag', 'yaml', 'tags (!word) are not part of the language', null],
  ['mapping tag', 'yaml', 'tags (!word) are not part of the language', null],
  ['complex keys', 'yaml', 'a key must be one word', null],
];

/** `reason` is what the parser said, `offset` where. */
export function yamlError(source: SourceText, reason: string, offset: number): Diagnostic {
  const lead = brokenLineAbove(source, reason, offset);
  if (lead !== null) return lead;
  // js-yaml has no codes, only sentences.
  // eslint-disable-next-line no-restricted-syntax
  const [, code, message, hint] = REASONS.find(([part]) => reason.includes(part)) ?? [
    null,
    'yaml',
    null,
    null,
  ];
  // At the end of the text there is nothing to point at; the last line that has something is a better place.
  const start = Math.min(offset, source.text.trimEnd().length);
  return diagnosticAt(
    source,
    { start, end: start + 1 },
    { code, path: '', message: message ?? `this is not YAML: ${reason}`, hint },
  );
}

/** Spaces that look like one, and are none to YAML. */
const ODD_SPACE = /[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]/;

/** The parser notices at the next line that the one above it has no value: the mistake is there. */
function brokenLineAbove(source: SourceText, reason: string, offset: number): Diagnostic | null {
  // js-yaml has no codes, only sentences.
  // eslint-disable-next-line no-restricted-syntax
  if (!/implicit key|mapping entry|key may not|simple key/i.test(reason)) return null;
  let { line } = source.positionOf(Math.min(offset, source.text.length));
  for (let at = line; at >= Math.max(1, line - 3); at--) {
    const found = source.lineAt(at);
    const odd = found.search(ODD_SPACE);
    if (odd >= 0) {
      const code = found.codePointAt(odd)!.toString(16).toUpperCase().padStart(4, '0');
      return atColumn(source, at, odd, 1, {
        message: `a space that is not one to YAML (U+${code}, a no-break space or the like)`,
        hint: 'delete it, and type an ordinary space',
      });
    }
  }
  for (line = Math.max(1, line - 1); line > 1 && source.lineAt(line).trim() === ''; line--);
  const text = source.lineAt(line);
  const [, indent = '', key, rest = ''] = /^(\s*(?:- )?)([A-Za-z][\w-]*)[ :](.*)$/.exec(text) ?? [];
  const value = rest.trim();
  if (key === undefined || value === '' || /:(\s|$)/.test(text)) return null;
  return atColumn(source, line, indent.length, key.length, {
    message: `there is no colon, or no space behind it, after ${key}`,
    hint: `write ${key}: ${value}`,
  });
}

function atColumn(
  source: SourceText,
  line: number,
  column: number,
  length: number,
  { message, hint }: { readonly message: string; readonly hint: string },
): Diagnostic {
  const start = source.offsetOf(line) + column;
  return diagnosticAt(source, { start, end: start + length }, { code: 'yaml', path: '', message, hint });
}
