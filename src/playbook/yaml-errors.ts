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
    // What a decoder writes where the bytes are no UTF-8.
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
