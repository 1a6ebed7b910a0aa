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

/** Text to data that was held against its schema. `words` is null when there is nothing to build on. */
export function readWords(
  file: string,
  text: string,
  validate: Validator,
): { readonly words: Words | null; readonly diagnostics: Diagnostic[] } {
  const parsed = parseYaml(file, text);
  const diagnostics = [...parsed.diagnostics];
  const { document } = parsed;
  if (document === null) return { words: null, diagnostics };
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
