import { HIDDEN } from '../../base/hidden.ts';

/** HTML or SVG that is safe as it is. Everything else that goes into a page is text, and is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Child = Markup | string | number | null | readonly Child[];

type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Without content, and without an end tag. */
const VOID: readonly string[] = ['meta', 'br', 'hr'];

/** An element. An attribute that is null or false is left out; one that is true has no value. */
export function h(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  const words = Object.entries(attributes).flatMap(([key, value]) =>
    value === null || value === false
      ? []
      : [value === true ? ` ${key}` : ` ${key}="${escaped(String(value))}"`],
  );
  const start = `<${name}${words.join('')}>`;
  return new Markup(VOID.includes(name) ? start : `${start}${markupText(children)}</${name}>`);
}

export const markupText = (child: Child): string => {
  if (child === null) return '';
  if (child instanceof Markup) return child.text;
  if (typeof child === 'object') return child.map(markupText).join('');
  return escaped(String(child));
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What a device or a file is called cannot become markup, and what is hidden in it is shown. */
const escaped = (text: string): string =>
  shown(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** `[U+202E]` for a character that shows nothing, or turns what follows. */
export const shown = (text: string): string =>
  text.replaceAll(
    HIDDEN,
    (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
  );
