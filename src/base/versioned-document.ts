import { fieldOf, firstMismatch } from './shape.ts';
import type { Shape } from './shape.ts';

/** A kind of JSON document that begins with `"format": "runbook.NAME/VERSION"`. */
export interface DocumentKind {
  /** `runbook.unit/1`: what this version reads. */
  readonly format: string;
  /** With its article, for messages: `a record of a unit`. */
  readonly what: string;
  readonly shape: Shape;
  /** The version of runbook that wrote it; absent: its field `runbook`. */
  readonly writer?: (value: unknown) => unknown;
}

/**
 * Why a text is not such a document.
 *
 * - `not-json`, `other-kind`: it was never meant to be one.
 * - `other-version`: another version of runbook wrote it.
 * - `damaged`: something in it does not have its shape.
 */
export type DocumentFault = 'not-json' | 'other-kind' | 'other-version' | 'damaged';

export type ParsedDocument<Value> =
  | { readonly fault: null; readonly value: Value }
  /** `message` follows the name of the file. */
  | { readonly fault: DocumentFault; readonly message: string };

/**
 * Reads a versioned JSON document of one of these kinds: JSON, kind, version and shape, in this order. Other versions are told
 * apart before anything else is looked at: they are not damaged. Never throws.
 */
export function parseDocument<Value>(
  text: string,
  ...kinds: readonly [DocumentKind, ...DocumentKind[]]
): ParsedDocument<Value> {
  const parsed = parseJson(text);
  if (parsed.fault !== null) return parsed;
  const { value } = parsed;
  const found = fieldOf(value, 'format');
  const kind = kinds.find(({ format }) => format === found);
  if (kind !== undefined) {
    const pointer = firstMismatch(value, kind.shape);
    return pointer === null
      ? { fault: null, value: value as Value }
      : { fault: 'damaged', message: `is damaged at ${pointer}${writtenBy(value, kind)}` };
  }
  const other = kinds.find(({ format }) => typeof found === 'string' && found.startsWith(familyOf(format)));
  if (other !== undefined) {
    const by = writtenBy(value, other);
    return {
      fault: 'other-version',
      message: `has the format ${String(found)}${by}; this version reads ${other.format}`,
    };
  }
  const what = kinds.map((one) => one.what).join(' or ');
  const formats = kinds.map(({ format }) => format).join(' or ');
  return { fault: 'other-kind', message: `is not ${what} (format is not ${formats})` };
}

const familyOf = (format: string): string => format.slice(0, format.lastIndexOf('/') + 1);

function writtenBy(value: unknown, { writer }: DocumentKind): string {
  const wrote = writer === undefined ? fieldOf(value, 'runbook') : writer(value);
  return typeof wrote === 'string' ? `, written by runbook ${wrote}` : '';
}

/** Any JSON text. Never throws. */
export function parseJson(text: string): ParsedDocument<unknown> {
  try {
    return { fault: null, value: JSON.parse(text) };
  } catch (cause) {
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    return { fault: 'not-json', message: `is not JSON${why}` };
  }
}
