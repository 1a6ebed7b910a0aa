import { suggest } from '../base/suggest.ts';
import type { SchemaError } from '../generated/schema-error.ts';
import type { Problem } from './diagnostics.ts';
import { FORMS, modeName } from './schema-forms.ts';
import { isStepWord, ACTIVATION_STEPS } from './steps.ts';
import type { Form } from './schema-forms.ts';
import { nameOf } from './yaml-document.ts';
import type { YamlDocument } from './yaml-document.ts';

type Schema = Readonly<Record<string, unknown>>;

const formOf = (schema: Schema): Form | undefined => FORMS[String(schema['title'])];

const isModeSchema = (schema: Schema): boolean =>
  schema['title'] === 'Write buffer mode' || schema['title'] === 'Ses mode';

/** A value of another kind than wanted. */
export function typeProblem(document: YamlDocument, path: string, data: unknown, schema: Schema): Problem {
  const name = nameOf(path);
  const written = document.writtenAt(path);
  if (data === null && written === '')
    return { code: 'type', path, message: `${name} has no value`, hint: null };
  const isScalar = data === null || typeof data !== 'object';
  if (isModeSchema(schema) && typeof data === 'number') return modeNumber(path, written, data);
  const form = formOf(schema);
  if (form?.code === 'duration' && typeof data === 'number') return formProblem(document, path, data, schema);
  const wanted = schema['type'];
  if (wanted === 'string' && isScalar && schema['enum'] === undefined) return quote(path, written, data);
  if (schema['enum'] !== undefined) return enumProblem(document, path, data, schema);
  if (form !== undefined) return formProblem(document, path, data, schema);
  const message = `${name} must be ${KINDS[String(wanted)] ?? String(wanted)}, not ${kindOf(data)}`;
  return { code: 'type', path, message, hint: typeHint(wanted, data, written) };
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping of keys',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
};

function kindOf(data: unknown): string {
  if (data === null) return 'null';
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a mapping';
  return typeof data === 'string'
    ? 'text'
    : typeof data === 'number'
      ? `the number ${data}`
      : `a ${typeof data}`;
}

function typeHint(wanted: unknown, data: unknown, written: string): string | null {
  if (wanted === 'array' && typeof data === 'string') return `write a list: ["${data}"]`;
  if (wanted === 'array' && (typeof data === 'number' || typeof data === 'boolean'))
    return `write a list: ["${written}"]`;
  if (wanted === 'integer' && typeof data === 'string' && /^(0x[0-9a-f]+|\d+)$/i.test(data))
    return `write it without quotes: ${data}`;
  return null;
}

/** YAML has changed the value already, so only the source says what was meant. */
function quote(path: string, written: string, data: unknown): Problem {
  const kind = typeof data === 'number' ? 'a number' : data === null ? 'null' : 'a boolean';
  const changed = typeof data === 'number' && String(data) !== written ? `, ${data}` : '';
  const message = `${nameOf(path)} must be text, but YAML reads ${written} as ${kind}${changed}`;
  return { code: 'quote', path, message, hint: `write it in quotes: "${written}"` };
}

function modeNumber(path: string, written: string, mode: number): Problem {
  const name = modeName(mode);
  const hint =
    name === null
      ? 'this number is not a download mode'
      : name === 'activate_mc'
        ? 'this is activate_mc, which is a step under activate'
        : `write ${name}`;
  return { code: 'mode-number', path, message: `write modes by name, not by number: ${written}`, hint };
}

/** None of the words that are taken. */
export function enumProblem(document: YamlDocument, path: string, data: unknown, schema: Schema): Problem {
  const words = schema['enum'] as readonly string[];
  const written = document.writtenAt(path) || kindOf(data);
  const text = typeof data === 'string' ? data : written;
  if (isModeSchema(schema) && /^(0x[0-9a-f]+|\d+)$/i.test(text))
    return modeNumber(path, written, Number(text));
  const message = `${nameOf(path)} cannot be ${text}`;
  return { code: 'word', path, message, hint: wordHint(text, words, schema) };
}

function wordHint(text: string, words: readonly string[], schema: Schema): string {
  if (isModeSchema(schema) && text === 'activate_mc') return 'activate_mc is a step: write it under activate';
  if (schema['title'] === 'Ses mode' && /^dmc/.test(text)) return `page 0Eh has ${words.join(', ')}`;
  if (schema['title'] === 'Plain step' && isStepWord(text))
    return `it needs a value: ${ACTIVATION_STEPS[text].example}`;
  const near = suggest(text, words);
  const all = words.length === 1 ? `write ${words[0]!}` : `one of ${words.join(', ')}`;
  return near === null ? all : `did you mean ${near}? (${all})`;
}

export function constProblem(document: YamlDocument, path: string, schema: Schema): Problem {
  const wanted = String(schema['const']);
  const message = `${nameOf(path)} ${document.writtenAt(path)} is unknown`;
  return { code: 'version', path, message, hint: `this version reads ${wanted}` };
}

/** A text or number that does not have the form that its key wants. */
export function formProblem(document: YamlDocument, path: string, data: unknown, schema: Schema): Problem {
  const form = formOf(schema) ?? { code: 'format', wanted: `like ${String(schema['pattern'])}`, hint: null };
  const written = document.writtenAt(path);
  const shown = written === '' ? kindOf(data) : written.includes('\n') ? 'this' : written;
  const message = `${nameOf(path)} must be ${form.wanted}, not ${shown}`;
  if (form.code === 'duration' && typeof data === 'number') {
    return {
      code: 'duration',
      path,
      message: `${nameOf(path)} ${written} has no unit`,
      hint: `write ${written}s if you mean seconds`,
    };
  }
  if (form.code === 'size' && typeof data === 'string')
    return { code: 'size', path, message, hint: sizeHint(data) ?? form.hint };
  if (schema['title'] === 'SHA-256' && typeof data === 'string') {
    return {
      code: form.code,
      path,
      message: `${nameOf(path)} must be 64 hex digits; this has ${data.length} characters`,
      hint: form.hint,
    };
  }
  return { code: form.code, path, message, hint: form.hint };
}

/** Suffixes of sg_write_buffer that people have in their fingers, and that mean something else than they look like. */
function sizeHint(text: string): string | null {
  const match = /^(\d+)(c|w|b|kb|kd|mb|gb|ki|mi|g|gib|m|k|kib|mib)$/i.exec(text);
  if (match === null) return null;
  const count = Number(match[1]);
  const unit = match[2]!.toLowerCase();
  const bytes = UNITS[unit];
  return bytes === undefined ? null : `if ${text} is ${count * bytes} bytes, write ${count * bytes}`;
}

const UNITS: Readonly<Record<string, number>> = {
  c: 1,
  w: 2,
  b: 512,
  k: 1024,
  kb: 1000,
  kd: 1000,
  kib: 1024,
  ki: 1024,
  m: 1 << 20,
  mb: 1_000_000,
  mib: 1 << 20,
  mi: 1 << 20,
  g: 1 << 30,
  gb: 1_000_000_000,
  gib: 1 << 30,
};

/** Too small, too large, too few, too many. */
export function limitProblem(
  document: YamlDocument,
  path: string,
  { keyword, params, parentSchema }: SchemaError,
): Problem {
  const name = nameOf(path);
  const limit = String(params['limit']);
  const written = document.writtenAt(path);
  switch (keyword) {
    case 'minimum':
    case 'maximum': {
      const { minimum, maximum } = parentSchema as { minimum?: number; maximum?: number };
      const range = maximum === undefined ? `at least ${minimum!}` : `from ${minimum!} to ${maximum}`;
      const hint = parentSchema['title'] === 'Bytes per write' ? 'whole sends all in one command' : null;
      return { code: 'range', path, message: `${name} must be ${range}, not ${written}`, hint };
    }
    case 'uniqueItems': {
      const { i, j } = params as { i: number; j: number };
      return {
        code: 'count',
        path: `${path}/${Math.max(i, j)}`,
        message: `${name} lists ${document.writtenAt(`${path}/${Math.max(i, j)}`)} twice`,
        hint: null,
      };
    }
    case 'minItems':
    case 'minProperties':
      return {
        code: 'count',
        path,
        message: `${name} is empty; it must have at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`,
        hint: null,
      };
    case 'minLength':
      return { code: 'format', path, message: `${name} is empty`, hint: null };
    default:
      return { code: 'format', path, message: `${name} does not fit the schema (${keyword})`, hint: null };
  }
}
