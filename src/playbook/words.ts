import type { SchemaError } from '../generated/schema-error.ts';
import type { Diagnostic, Problem } from './diagnostics.ts';
import { diagnosticAt } from './diagnostics.ts';
import { isAtOrBelow, schemaFindings } from './schema-errors.ts';
import { parseYaml } from './yaml.ts';
import type { YamlDocument } from './yaml-document.ts';

type Validator = ((value: unknown) => boolean) & { errors?: readonly SchemaError[] | null };

/** A file of words after the schema: its value may still be wrong in places; `isSound` says where not. */
export interface Words {
  readonly document: YamlDocument;
  /** Adds a problem, placed at its value, or at its key for what is missing. */
  readonly report: (problem: Problem, at?: 'key' | 'value') => void;
  /** Nothing at, above or below the pointer is missing or wrong. */
  readonly isSound: (pointer: string) => boolean;
}

/** The languages, by the key that names the version of each. */
const LANGUAGES = {
  runbook: { what: 'a playbook', hint: 'give it to plan, apply or validate' },
  lab: { what: 'a lab file', hint: 'give it with --lab' },
} as const;

export type Language = keyof typeof LANGUAGES;

/** A document that runbook wrote, by what its `format` begins with. */
const WRITTEN = [
  { format: 'runbook.plan-file/', what: 'a plan file', hint: 'give it to apply, or give the playbook' },
  { format: 'runbook.', what: 'an answer of runbook', hint: 'give the playbook or lab file itself' },
] as const;

/** A file of the other language, or one that runbook wrote, has one mistake, not one forevery key. */
function otherFile(document: YamlDocument, language: Language): Diagnostic | null {
  const { value } = document;
  if (typeof value !== 'object' || value === null) return null;
  const found = otherIn(value, language);
  if (found === null) return null;
  const { key, what, hint } = found;
  const message = `this is ${what}, but ${LANGUAGES[language].what} is needed`;
  const path = `/${key}`;
  return diagnosticAt(document.source, document.keySpan(path), { code: 'other-file', path, message, hint });
}

function otherIn(value: object, language: Language): { key: string; what: string; hint: string } | null {
  // A report has a key `runbook`, too: the version that wrote it.
  const { format } = value as { readonly format?: unknown };
  const written = WRITTEN.find((kind) => typeof format === 'string' && format.startsWith(kind.format));
  if (written !== undefined) return { key: 'format', what: written.what, hint: written.hint };
  const other = language === 'lab' ? 'runbook' : 'lab';
  const isOther = Object.hasOwn(value, other) && !Object.hasOwn(value, language);
  return isOther ? { key: other, ...LANGUAGES[other] } : null;
}

/** Fields that a device answers with: any byte can be in them. */
const TEXTS_OF_DEVICES = /^\/(devices|images)\/\d+\/(vendor|product|revision|serial|new-serial)$/;

/** Text to data that was held against its schema. `words` is null when there is nothing to build on. */
export function readWords(
  file: string,
  text: string,
  validate: Validator,
  language: Language,
): { readonly words: Words | null; readonly diagnostics: Diagnostic[] } {
  const parsed = parseYaml(file, text, language === 'lab' ? TEXTS_OF_DEVICES : undefined);
  const diagnostics = [...parsed.diagnostics];
  const { document } = parsed;
  if (document === null) return { words: null, diagnostics };
  const stranger = otherFile(document, language);
  if (stranger !== null) return { words: null, diagnostics: [...diagnostics, stranger] };
  const report = (problem: Problem, at: 'key' | 'value' = 'value'): void => {
    const span = at === 'key' ? document.keySpan(problem.path) : document.valueSpan(problem.path);
    diagnostics.push(diagnosticAt(document.source, span, problem));
  };
  const { problems, broken } = validate(document.value)
    ? { problems: [], broken: [] }
    : schemaFindings(document, validate.errors ?? []);
  for (const { at, ...problem } of problems) report(problem, at);
  const isSound = (pointer: string): boolean =>
    !broken.some((wrong) => isAtOrBelow(wrong, pointer) || isAtOrBelow(pointer, wrong));
  return { words: { document, report, isSound }, diagnostics };
}

/** Freezes plain data all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
