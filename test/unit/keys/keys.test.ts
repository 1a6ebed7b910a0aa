import * as assert from 'uvu/assert';
import playbookSchema from '../../../schemas/playbook.schema.json' with { type: 'json' };
import { objectsOf } from '../../../scripts/reference/schema-objects.ts';
import { suite } from '../../support/suite.ts';
import { REHEARSED_KEYS } from './rehearsed-keys.ts';
import { tryKey } from './rehearse-key.ts';

const test = suite('every key of the language, rehearsed for what it is good for');

const nameOf = (at: string, key: string): string => `${at} ${key}`.trimStart();

/** Keys that hold a value, and steps that are words; those that hold a mapping are rehearsed by what is in it. */
function keysOfTheLanguage(): string[] {
  const objects = objectsOf(playbookSchema);
  const places = objects.map(({ place }) => place.replace(/,.*$/, ''));
  const isMapping = (place: string, key: string): boolean => {
    const inside = `${place.replace(/,.*$/, '')}.${key}`.replace(/^\./, '');
    return places.includes(inside) || places.includes(`${inside}[]`);
  };
  const keys = objects.flatMap(({ place, keys }) =>
    keys.filter(({ name }) => !isMapping(place, name)).map(({ name }) => nameOf(place, name)),
  );
  const steps = playbookSchema.definitions.plainStep.enum.map((step) => nameOf('plays[].activate[]', step));
  return [...new Set([...keys, ...steps])];
}

test('there is a rehearsal for each, and none for a key that is not there', () => {
  const rehearsed = new Set(REHEARSED_KEYS.map(({ at, key }) => nameOf(at, key)));
  const all = keysOfTheLanguage();
  assert.ok(all.length > 100);
  assert.equal(
    all.filter((key) => !rehearsed.has(key)),
    [],
    'write a rehearsal for each',
  );
});

for (const row of REHEARSED_KEYS) {
  const { tries } = row;
  test(`${nameOf(row.at, row.key)}: ${row.shows}`, async () => {
    for (const one of tries) await tryKey(row, one);
  });
}

test.run();
