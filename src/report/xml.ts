import { HIDDEN } from '../base/hidden.ts';

/** An element with attributes, and elements or one text in it. */
export interface Xml {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly content: readonly Xml[] | string;
}

export const xml = (name: string, attributes: Xml['attributes'], content: Xml['content'] = []): Xml => ({
  name,
  attributes,
  content,
});

/** A document of XML 1.0 in UTF-8. Text keeps its spaces; elements are indented. */
export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '').join('\n')}\n`;
}

function lines({ name, attributes, content }: Xml, indent: string): string[] {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeValue(String(value))}"`);
  const start = `${indent}<${name}${pairs.join('')}`;
  if (content.length === 0) return [`${start}/>`];
  if (typeof content === 'string') return [`${start}>${escapeText(content)}</${name}>`];
  return [`${start}>`, ...content.flatMap((child) => lines(child, `${indent}  `)), `${indent}</${name}>`];
}

/** A reader would make a line feed of a carriage return that stands as itself. */
function escapeText(text: string): string {
  return allowed(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

/** In a value, a reader makes a space of each line break and tab that stands as itself. */
function escapeValue(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** XML 1.0, production Char: other characters cannot be in a document, not even as a reference. Nobody could see the hidden ones. */
function allowed(text: string): string {
  const shown = text.replaceAll(HIDDEN, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'));
  return shown.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
