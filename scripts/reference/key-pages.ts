import lab from '../../schemas/lab.schema.json' with { type: 'json' };
import playbook from '../../schemas/playbook.schema.json' with { type: 'json' };
import { PERSONAS } from '../../src/simulator/personas.ts';
import { personaHealth } from './persona-health.ts';
import { code, page, table } from './markdown.ts';
import { objectsOf, type KeyFacts, type ObjectFacts } from './schema-objects.ts';

const FREE_KEYS =
  'Keys that begin with `x-` are free for people, in every mapping. `lint` reads one of them: `x-accept: {CODE: reason}` accepts a [warning](../lint.md).';

export function playbookKeysPage(): string {
  return page(
    'Keys of a playbook',
    'schemas/playbook.schema.json',
    `Unknown keys are errors. ${FREE_KEYS} Values that look like numbers and are text, revisions above all, stand in quotes.`,
    ...sections(objectsOf(playbook)),
    '## Words that accept a risk',
    'A risk is accepted by a word that names it, where it is taken, and never by a general "force". `lint` warns of most of them; `x-accept` says why it is meant.',
    table(['word', 'in', 'what may happen'], riskRows(objectsOf(playbook))),
  );
}

/** One row for each word, with all places where it may stand. */
function riskRows(objects: readonly ObjectFacts[]): string[][] {
  const rows = new Map<string, { readonly row: string[]; readonly places: string[] }>();
  for (const { place, keys } of objects) {
    for (const { name, risks } of keys) {
      for (const [word, risk] of risks) {
        const words = code(word === '' ? `${name}: …` : `${name}: ${word}`);
        const known = rows.get(words) ?? { row: [words, risk], places: [] };
        known.places.push(code(place));
        rows.set(words, known);
      }
    }
  }
  return [...rows.values()].map(({ row: [words, risk], places }) => [words!, places.join(', '), risk!]);
}

export async function labPage(): Promise<string> {
  const health = await personaHealth();
  return page(
    'Labs',
    'schemas/lab.schema.json and src/simulator/personas.ts',
    'A lab file describes a simulated host for `--lab FILE`, or for `runbook lab up`, which makes real `/dev/sgN` of its devices.',
    FREE_KEYS,
    ...sections(objectsOf(lab)),
    '## Personas',
    'The kinds of device that `persona` may name. Health is what `strategy.health: required` says of it as it is made: `refused` and `warned` of an enclosure that reports a failed part in page 02h, `not asked` of a device without this page.',
    table(
      ['persona', 'what it is', 'health'],
      Object.entries(PERSONAS).map(([name, { summary }]) => [code(name), summary, health.get(name) ?? '']),
    ),
  );
}

const sections = (objects: readonly ObjectFacts[]): string[] =>
  objects.flatMap(({ place, description, keys }) => [
    `## ${place === '' ? 'The file' : code(place)}`,
    ...(description === null ? [] : [description]),
    table(['key', 'value', 'meaning'], keys.map(keyRow)),
  ]);

function keyRow({ name, value, isRequired, description, fallback, examples }: KeyFacts): string[] {
  const parts = [
    ...(isRequired ? ['**Required.**'] : []),
    ...(description === null ? [] : [description]),
    ...(fallback === null ? [] : [`Default: ${code(fallback)}.`]),
    ...(examples.length === 0 ? [] : [`For example ${examples.map(code).join(', ')}.`]),
  ];
  return [code(name), value, parts.join(' ')];
}
