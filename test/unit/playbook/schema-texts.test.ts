import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

/** What is looked at of a schema here. */
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly enumDescriptions?: readonly string[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly examples?: readonly unknown[];
}

const readSchema = (name: string): Schema =>
  JSON.parse(readFileSync(inProject(`schemas/${name}.schema.json`), 'utf8')) as Schema;

/** Every part of a schema that stands for a value, with its place. */
function* parts(schema: unknown, place = ''): Generator<[string, Schema]> {
  if (typeof schema !== 'object' || schema === null) return;
  if (!Array.isArray(schema)) yield [place, schema];
  for (const [key, value] of Object.entries(schema)) {
    if (key !== 'examples' && key !== 'default') yield* parts(value, `${place}/${key}`);
  }
}

const test = suite('what editors show');

for (const name of ['playbook', 'lab']) {
  const root = readSchema(name);
  const resolved = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : { ...resolved(root.definitions![schema.$ref.replace('#/definitions/', '')]!), ...schema };

  test(`every key of a ${name} has a text for hover`, () => {
    const mute: string[] = [];
    for (const [place, { properties }] of parts(root)) {
      for (const [key, schema] of Object.entries(properties ?? {})) {
        const { description = '' } = resolved(schema);
        if (!/^[A-Za-z0-9"[`].*[.)]$/s.test(description) && !description.endsWith('..')) {
          mute.push(`${place}/properties/${key}: ${description}`);
        }
      }
    }
    assert.equal(mute, []);
  });
}

test('every word of a list of words in a playbook has its own text, for completion', () => {
  const wrong: string[] = [];
  for (const [place, { enum: words, enumDescriptions: texts }] of parts(readSchema('playbook'))) {
    if (words === undefined) continue;
    if (texts?.length !== words.length || !texts.every((text) => /^[A-Z0-9].*\.$/.test(text)))
      wrong.push(place);
  }
  assert.equal(wrong, []);
});

test('every form that a text must have in a playbook is shown by an example, and examples have it', () => {
  const wrong: string[] = [];
  for (const [place, { pattern, examples, default: given, title }] of parts(
    readSchema('playbook'),
  ) as Iterable<[string, Schema & { readonly default?: unknown; readonly title?: string }]>) {
    if (pattern === undefined || title === 'SHA-256') continue;
    const shown = [...(examples ?? []), ...(given === undefined ? [] : [given])];
    if (shown.length === 0) wrong.push(`${place}: no example`);
    for (const example of shown) {
      if (typeof example === 'string' && !new RegExp(pattern).test(example))
        wrong.push(`${place}: ${example}`);
    }
  }
  assert.equal(wrong, []);
});

test.run();
