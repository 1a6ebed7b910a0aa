import * as assert from 'uvu/assert';
import { readdirSync, readFileSync } from 'node:fs';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { LanguageServer, type CompletionItem, type Position } from './language-server.ts';

const FOLDER = inProject('playbooks');
const shipped = readdirSync(FOLDER).filter((name) => name.endsWith('.yml'));
const textOf = (name: string): string => readFileSync(inProject('playbooks', name), 'utf8');
const TEXT = textOf('upgrade-expanders.yml');

/** A document beside the shipped ones: its first line leads to the schema in the same way. */
const beside = (name: string): string => inProject('playbooks', name);

/** The place behind the first occurrence of a piece of text. */
function behind(text: string, piece: string): Position {
  const end = text.indexOf(piece) + piece.length;
  assert.ok(end >= piece.length, piece);
  const lines = text.slice(0, end).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

const shown = ({ documentation = '' }: CompletionItem): string =>
  typeof documentation === 'string' ? documentation : documentation.value;

const test = suite('yaml-language-server');
let server: LanguageServer;
test.before(async () => {
  server = await LanguageServer.start();
});
test.after(async () => {
  await server.stop();
});

test('has nothing to say against a shipped playbook or lab', async () => {
  assert.ok(shipped.length >= 4);
  for (const name of shipped) {
    assert.match(
      textOf(name),
      /^# yaml-language-server: \$schema=\.\.\/schemas\/(playbook|lab)\.schema\.json\n/,
      name,
    );
    assert.equal(await server.open(beside(name), textOf(name)), [], name);
  }
});

test('shows what a key means', async () => {
  const file = beside('hover.yml');
  await server.open(file, TEXT);
  for (const [piece, text] of [
    ['  bpw', 'Bytes per chunk'],
    ['redundancy', 'what is behind the unit must be reachable another way'],
    ['  via', 'The command that sends the image'],
    ['wait-ready', 'Waits until the device answers and is ready'],
  ] as const) {
    assert.match(await server.hover(file, behind(TEXT, piece)), text);
  }
});

test('offers the names of the modes, each with what it does', async () => {
  const file = beside('modes.yml');
  const text = TEXT.replace(/mode: dmc_offs_defer.*/, 'mode: ');
  await server.open(file, text);
  const items = await server.complete(file, behind(text, '      mode: '));
  assert.equal(items.map(({ label }) => label).sort(), [
    'dmc',
    'dmc_offs',
    'dmc_offs_defer',
    'dmc_offs_ev_defer',
    'dmc_offs_save',
    'dmc_save',
  ]);
  assert.match(shown(items.find(({ label }) => label === 'dmc_offs_defer')!), '0Eh: in chunks; saved');
});

test('offers the keys that are not there yet', async () => {
  const file = beside('keys.yml');
  const text = `${TEXT.replace(/\nstrategy:[\s\S]*/, '\n')}strategy:\n  concurrent: 4\n  \n`;
  await server.open(file, text);
  const items = await server.complete(file, behind(text, '  concurrent: 4\n  '));
  const labels = items.map(({ label }) => label);
  assert.ok(
    ['canary', 'max-failures', 'redundancy', 'on-refusal'].every((key) => labels.includes(key)),
    labels.join(),
  );
  assert.not(labels.includes('concurrent'));
  assert.match(shown(items.find(({ label }) => label === 'canary')!), 'Units that go first');
});

/** What is wrong, and the word that is marked. */
const WRONG: readonly (readonly [string, string, string])[] = [
  ['bpw: 4096', 'bqw: 4096', 'bqw'],
  ['mode: dmc_offs_defer', 'mode: dmc_offs_defered', 'dmc_offs_defered'],
  ["revision: '2.10'", 'revision: 2.10', '2.10'],
  ['via: write-buffer', 'via: write-buffr', 'write-buffr'],
];
for (const [index, [right, wrong, word]] of WRONG.entries()) {
  test(`marks ${wrong}`, async () => {
    const text = TEXT.replaceAll('"', "'").replace(right, wrong);
    assert.match(text, wrong);
    const found = await server.open(beside(`wrong-${index}.yml`), text);
    const marked = found.map(({ range: { start, end } }) =>
      text
        .split('\n')
        [start.line]!.slice(start.character, end.line === start.line ? end.character : undefined),
    );
    assert.ok(marked.includes(word), JSON.stringify(found));
  });
}

test('asks nobody for a schema: that of the first line is a file', () => {
  const strangers = server.asked.filter(
    (method) => !/^(workspace\/configuration|client\/registerCapability)$/.test(method),
  );
  assert.equal(strangers, []);
});

test.run();
