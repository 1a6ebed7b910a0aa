import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { commandTree, everyOption } from '../../../src/cli/completion/offers.ts';
import { DEVICE_COMMANDS, scanArguments } from '../../../src/cli/scan.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';
import { program } from '../reference/program.ts';

const test = suite('argument scan');

const FORMATS: readonly (readonly [string, string])[] = [
  ['plan a.yml', 'text'],
  ['plan a.yml --format json', 'json'],
  ['--format=jsonl apply a.yml', 'jsonl'],
  ['--format json --format text devices', 'text'],
  ['--format xml devices', 'text'],
  ['validate -- --format json', 'text'],
  ['validate --format', 'text'],
  ['plan a.yml --lab --format json', 'json'],
  ['plan a.yml --lab --format=json', 'json'],
];
for (const [line, format] of FORMATS) {
  test(`"${line}" is answered as ${format}`, () => assert.is(scanArguments(line.split(' ')).format, format));
}

const COMMANDS: readonly (readonly [string, string | null])[] = [
  ['--lab plan apply x.yml', 'apply'],
  ['--only devices apply x.yml', 'apply'],
  ['-v --no-color schema', 'schema'],
  ['aply x.yml', null],
  ['', null],
];
for (const [line, command] of COMMANDS) {
  test(`"${line}" names the command ${command}`, () =>
    assert.is(scanArguments(line.split(' ')).command, command));
}

const OPENING: readonly (readonly [string, boolean])[] = [
  ['apply x.yml --yes', true],
  ['plan x.yml', true],
  ['devices --probe', true],
  ['devices', false],
  ['validate x.yml', false],
  ['apply --help', false],
  ['apply x.yml --lab lab.yml', false],
  ['--lab=lab.yml plan x.yml', false],
  ['doctor --lab=lab.yml --lab-state s.json', true],
];
for (const [line, opens] of OPENING) {
  test(`"${line}" ${opens ? 'pays' : 'does not pay'} for a thread pool`, () =>
    assert.is(scanArguments(line.split(' ')).opensDevices, opens));
}

test('knows every command that opens a host', () => {
  const directory = inProject('src/cli/commands');
  const opening = readdirSync(directory).filter((file) =>
    readFileSync(path.join(directory, file), 'utf8').includes("from '../open-host.ts'"),
  );
  // A file beside that of its command: verify-accept.ts.
  const commands = opening.map((file) => path.basename(file, '.ts').replace(/-accept$/, ''));
  assert.equal([...new Set(commands)].sort(), [...DEVICE_COMMANDS].sort());
});

test('knows every command, and every option that has a value', () => {
  for (const { words } of commandTree(program).slice(1)) {
    assert.is(scanArguments(words).command, words[0], words.join(' '));
  }
  for (const { option } of everyOption(program)) {
    if (option.value === null) continue;
    assert.is(scanArguments([option.long, 'plan', 'apply']).command, 'apply', option.long);
  }
});

test.run();
