import * as assert from 'uvu/assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook, runChild } from '../support/child.ts';
import { testWith } from '../support/programs.ts';
import { suite } from '../support/suite.ts';
import { runJson } from './document.ts';

const test = suite('completion');

let folder = '';
let bash = '';

test.before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbook-completion-'));
  for (const name of ['cards.yml', 'two words.yml', "it's.yml", 'shelf.bin']) {
    writeFileSync(path.join(folder, name), '');
  }
  mkdirSync(path.join(folder, 'state'));
  bash = (await runbook(['completion', 'bash'])).stdout;
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** What a real bash offers for the last of the words, which are those that bash itself would make of a line. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const script = `${bash}
    [[ $(complete -p runbook) == 'complete -F _runbook runbook' ]] || exit 9
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _runbook runbook "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    ((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}"
    exit 0`;
  const { exitCode, stdout, stderr } = await runChild(
    'bash',
    ['--norc', '-c', script, 'bash', 'runbook', ...words],
    { cwd: folder },
  );
  assert.is(exitCode, 0, stderr);
  assert.is(stderr, '');
  return stdout.split('\n').slice(0, -1);
}

/** Words before the cursor, and everything that is offered. */
const OFFERS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['pl'], ['plan']],
  [
    ['lab', ''],
    ['up', 'down', 'status', 'power-cycle'],
  ],
  [['lab', 'power'], ['power-cycle']],
  [['schema', 'j'], ['journal']],
  [['help', 'val'], ['validate']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  // Options: those of the command, and those that every command has.
  [['plan', '--exi'], ['--exit-code']],
  [['apply', '--exi'], []],
  [
    ['apply', '--no-'],
    ['--no-timestamps', '--no-color'],
  ],
  [['lab', 'down', '--a'], ['--all']],
  // The value of an option, in a word of its own or behind =, which bash takes for a word.
  [['plan', '--format', 'jsonl'], ['jsonl']],
  [['plan', '--format', '=', 'te'], ['text']],
  [['--format', 'json', 'val'], ['validate']],
  [['--lab', 'plan', 'validat'], ['validate']],
  [['plan', '--valid-for', ''], []],
  [['plan', '--state-dir', ''], ['state']],
  [['init', '--firmware', 'sh'], ['shelf.bin']],
  // Operands
  [['validate', 'c'], ['cards.yml']],
  [['validate', 'cards.yml', 't'], ['two words.yml']],
  [['plan', 'it'], ["it's.yml"]],
  [['plan', 'cards.yml', 'c'], []],
  [['plan', '--exit-code', 'c'], ['cards.yml']],
  [['plan', '--', 'c'], ['cards.yml']],
  [['history', ''], []],
];
for (const [words, all] of OFFERS) {
  testWith(test, 'bash')(`bash offers ${all.join(', ') || 'nothing'} after: ${words.join(' ')}`, async () =>
    assert.equal(await offered(...words), all),
  );
}

testWith(test, 'bash')('bash offers every command of the help, and no hidden option', async () => {
  const { stdout: help } = await runbook(['--help', '--no-color']);
  for (const command of await offered('')) assert.match(help, new RegExp(`^  ${command}( |$)`, 'm'));
  assert.equal(
    (await offered('plan', '--')).filter((word) => word === '--sysfs' || word === '--proc'),
    [],
  );
});

for (const shell of ['bash', 'zsh', 'fish']) {
  testWith(test, shell)(`${shell} reads its script without a word`, async () => {
    const file = path.join(folder, `runbook.${shell}`);
    writeFileSync(file, (await runbook(['completion', shell])).stdout);
    const read = await runChild(shell, ['-n', file]);
    assert.equal([read.exitCode, read.stdout, read.stderr], [0, '', '']);
  });
}

/** A line up to the cursor, and the words that fish offers. */
const FISH: readonly (readonly [string, readonly string[]])[] = [
  ['runbook pl', ['plan']],
  ['runbook lab ', ['down', 'power-cycle', 'status', 'up']],
  ['runbook plan --exi', ['--exit-code']],
  ['runbook apply --exi', []],
  ['runbook --lab plan validat', ['validate']],
  ['runbook plan --format json c', ['cards.yml']],
  ['runbook completion ', ['bash', 'fish', 'zsh']],
];
testWith(test, 'fish')('fish offers the same', async () => {
  const file = path.join(folder, 'state', 'runbook.fish');
  writeFileSync(file, (await runbook(['completion', 'fish'])).stdout);
  for (const [line, all] of FISH) {
    const env = { HOME: path.join(folder, 'state'), XDG_CONFIG_HOME: undefined, XDG_DATA_HOME: undefined };
    const words = ['--no-config', '-c', `source ${file}; complete -C "${line}"`];
    const finished = await runChild('fish', words, { cwd: folder, env });
    const offered = finished.stdout.split('\n').slice(0, -1);
    assert.equal(
      offered.map((text) => text.split('\t')[0]),
      all,
      `${line}: ${finished.stderr}`,
    );
  }
});

test('another shell is a usage error, and JSON holds the script', async () => {
  const { exitCode, stderr } = await runbook(['completion', 'tcsh']);
  assert.is(exitCode, 2);
  assert.match(stderr, 'Allowed choices are bash, zsh, fish');
  const { document } = await runJson(['completion', 'bash']);
  assert.is(document.format, 'runbook.completion/1');
  assert.is((document as unknown as { script: string }).script, bash);
});

test.run();
