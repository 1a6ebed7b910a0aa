import type { Diagnostic } from './diagnostics.ts';
import { diagnosticAt, sortDiagnostics } from './diagnostics.ts';
import type { Playbook } from './playbook.ts';
import { childPointer } from './yaml-document.ts';

interface NotBuilt {
  /** JSON pointer; `*` stands for one name. */
  readonly pattern: string;
  /** Only these values; absent: the key itself. */
  readonly when?: (value: unknown) => boolean;
  /** What the key would do, after "… is in the language, but not executed yet". */
  readonly what: string;
}

const isMany = (value: unknown): boolean => Array.isArray(value) && value.length > 1;

/** In a section of its own or in a list of them. */
const inSections = (key: string, what: string, when?: (value: unknown) => boolean): readonly NotBuilt[] =>
  ['/plays/*/download', '/plays/*/download/*'].map((section) => ({
    pattern: `${section}/${key}`,
    what,
    ...(when === undefined ? {} : { when }),
  }));

/** All that is checked, and refused before a device is opened. A line goes when the thing is built. */
export const NOT_BUILT: readonly NotBuilt[] = [];

/**
 * What a playbook asks for that is in the language and not executed yet, in the order of the file. `plan` and `apply`
 * refuse it: a key that was ignored would be a promise broken.
 */
export function notBuilt(playbook: Playbook): readonly Diagnostic[] {
  const { document, words } = playbook;
  const found = NOT_BUILT.flatMap(({ pattern, when, what }) =>
    matches(words, pattern.split('/').slice(1), '')
      .filter(({ value }) => when?.(value) ?? true)
      .map(({ pointer }) => {
        const key = pointer.slice(pointer.lastIndexOf('/') + 1);
        const word = when === undefined ? key : `${key}: ${document.writtenAt(pointer)}`;
        return {
          pointer,
          message: `${word.replace(/: $/, '')} is in the language, but not executed yet (${what})`,
        };
      }),
  );
  return sortDiagnostics(
    found.map(({ pointer, message }) =>
      diagnosticAt(document.source, document.keySpan(pointer), {
        code: 'not-built',
        path: pointer,
        message,
        hint: '`validate` takes it; `plan` and `apply` do not',
      }),
    ),
  );
}

/** The values at a pattern that are really there. */
function matches(
  value: unknown,
  names: readonly string[],
  pointer: string,
): readonly { readonly value: unknown; readonly pointer: string }[] {
  const [name, ...rest] = names;
  if (name === undefined) return [{ value, pointer }];
  if (typeof value !== 'object' || value === null) return [];
  if (name === '*') {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, index) => matches(item, rest, childPointer(pointer, index)));
  }
  if (!Object.hasOwn(value, name)) return [];
  return matches((value as Readonly<Record<string, unknown>>)[name], rest, childPointer(pointer, name));
}
