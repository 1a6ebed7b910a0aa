import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import playbook from '../../../schemas/playbook.schema.json' with { type: 'json' };
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const test = suite('reference/risks');

interface Part {
  readonly enum?: readonly string[];
  readonly risks?: Readonly<Record<string, string>>;
}

/** Every schema of a key, with the name of the key or of its definition. */
function partsOf(value: unknown, name = ''): (readonly [name: string, part: Part])[] {
  if (typeof value !== 'object' || value === null) return [];
  return [[name, value], ...Object.entries(value).flatMap(([key, inner]) => partsOf(inner, key))];
}

const PARTS = partsOf(playbook);

/** Words by which a playbook takes something upon itself, and keys that do so with any value. */
const ACCEPTS = /accepted$|^ignore$|^skip$|^verbatim$|^manufacturing-data$|^may-change$/;
const KEYS = ['start-unit', 'reload-driver', 'max-failures', 'proceed-without'];

test('each word of the language that accepts a risk says which', () => {
  const silent = PARTS.flatMap(([name, { enum: words = [], risks = {} }]) =>
    words.filter((word) => ACCEPTS.test(word) && !(word in risks)).map((word) => `${name}: ${word}`),
  );
  assert.equal(silent, []);
  const keys = PARTS.filter(([name, { risks }]) => KEYS.includes(name) && risks === undefined);
  assert.equal(
    keys.map(([name]) => name),
    [],
  );
});

test('each risk is one of a word that exists, and has a row in the reference', () => {
  const page = readFileSync(inProject('docs/reference/keys.md'), 'utf8');
  const rows = page.slice(page.indexOf('## Words that accept a risk'));
  for (const [name, { enum: words, risks = {} }] of PARTS) {
    for (const [word, risk] of Object.entries(risks)) {
      if (name === 'risks') continue;
      assert.ok(word === '' ? words === undefined : words?.includes(word), `${name}: ${word}`);
      assert.ok(rows.includes(risk), `${name}: ${risk}`);
    }
  }
});

test.run();
