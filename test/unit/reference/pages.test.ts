import * as assert from 'uvu/assert';
import labSchema from '../../../schemas/lab.schema.json' with { type: 'json' };
import playbookSchema from '../../../schemas/playbook.schema.json' with { type: 'json' };
import { referencePages } from '../../../scripts/reference/pages.ts';
import { objectsOf } from '../../../scripts/reference/schema-objects.ts';
import { commandsOf } from '../../../src/cli/program/describe.ts';
import { DIAGNOSTIC_CODES } from '../../../src/playbook/diagnostic-codes.ts';
import { LINT_CODES } from '../../../src/playbook/lint/lint-codes.ts';
import { EXIT_CODES } from '../../../src/run/facts/outcome.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import { suite } from '../../support/suite.ts';
import { program } from './program.ts';

const pages = await referencePages('1.2.3');
const page = (name: string): string => pages.get(`docs/reference/${name}.md`)!;
/** Rows of all tables of a page, as cells without the spaces around. */
const rows = (name: string): string[][] =>
  page(name)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/(?<!\\)\| ?/)
        .map((cell) => cell.trim()),
    );

const test = suite('reference pages');

test('tell of every command, every option, code, outcome, exit and persona', () => {
  for (const { words, options } of commandsOf(program)) {
    assert.match(page('commands'), `### \`${words.join(' ')}\``);
    for (const { long } of options) assert.match(page('commands'), long);
  }
  for (const [code, meaning] of Object.entries(DIAGNOSTIC_CODES)) {
    assert.match(page('diagnostics'), `### \`${code}\`\n\n${meaning}\n`);
  }
  for (const code of Object.keys(LINT_CODES)) assert.match(page('diagnostics'), `(../lint.md#${code})`);
  const exits = rows('exit-codes').map(([code, name]) => `${code!} ${name!}`);
  for (const [name, code] of Object.entries(EXIT_CODES)) assert.ok(exits.includes(`${code} ${name}`), name);
  for (const persona of Object.keys(PERSONAS)) {
    assert.ok(
      rows('lab').some(([name]) => name === `\`${persona}\``),
      persona,
    );
  }
});

test('say what sense data, a host status and a status of page 0Eh lead to', () => {
  const row = (name: string): string[] => rows('errors').find(([first]) => first === name)!;
  assert.equal(row('`4/44/*`').slice(1, 3), [
    'internal failure of the target',
    'probe: `stop`; first, during, last: `freeze`',
  ]);
  assert.is(row('`6/29/*`')[2], 'probe, first: `send-again`; during: `restart`; last: `verify`');
  assert.is(row('DID_TIME_OUT (03h)')[1], '`unclear`');
  assert.match(row('83h')[2]!, 'Do not reset the enclosure');
});

test('each key is explained for itself, also where its value has the form of another', () => {
  for (const schema of [playbookSchema, labSchema]) {
    const names = new Map<string, Set<string>>();
    for (const { keys } of objectsOf(schema))
      for (const { name, description } of keys) {
        assert.ok(description !== null, name);
        names.set(description, (names.get(description) ?? new Set()).add(name));
      }
    const shared = [...names].filter(([, keys]) => keys.size > 1).map(([text, keys]) => [...keys, text]);
    assert.equal(shared, []);
  }
});

test('a key has its form, its default and examples as they are written in a playbook', () => {
  const objects = objectsOf(playbookSchema);
  const key = (place: string, name: string) =>
    objects.find((object) => object.place === place)!.keys.find((key) => key.name === name)!;
  assert.is(key('plays[].firmware', 'sha256').value, '64 hex digits');
  assert.is(key('plays[].firmware', 'revision').isRequired, true);
  assert.equal(key('plays[].firmware', 'revision').examples, ['"2.10"'], 'text that looks like a number');
  assert.is(key('plays[].download, via: write-buffer', 'bpw').value, 'size, `auto`, `whole`');
  assert.is(key('plays[].download, via: ses', 'subenclosure').value, 'number 0–255');
  assert.is(key('strategy', 'redundancy').fallback, 'required');
  assert.is(key('plays[]', 'expect').fallback, '1..');
});

test('a reference of a schema that leads nowhere is a mistake in the schema', () =>
  assert.throws(
    () => objectsOf({ properties: { a: { $ref: '#/definitions/gone' } } }),
    /the schema has no definition gone/,
  ));

test.run();
