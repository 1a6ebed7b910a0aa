import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const test = suite('command line');

/** Command line, what stderr says. All end with 2 and an empty stdout. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  [
    '',
    /^Usage: runbook \[options\] \[command\]\n[^]*\n {2}plan \[options\] <playbook> {2}[^]*\nExit codes:\n/,
  ],
  ['--no-color', /^Usage: runbook \[options\] \[command\]\n/],
  ['lab', /^Usage: runbook lab \[options\] \[command\]\n[^]*\n {2}power-cycle /],
  [
    'aply x.yml',
    /unknown command 'aply'\n {2}code: [a-z-]+\n {2}next: Did you mean apply\? See runbook --help\./,
  ],
  ['plan', /missing required argument 'playbook'\n {2}code: [a-z-]+\n {2}next: See runbook plan --help\./],
  ['plan a.yml b.yml', /too many arguments for 'plan'/],
  [
    'plan a.yml --exitcode',
    /unknown option '--exitcode'\n {2}code: [a-z-]+\n {2}next: Did you mean --exit-code\?/,
  ],
  ['devices --format xml', /argument 'xml' is invalid/],
  [
    'schema plabook',
    /there is no schema 'plabook'\n {2}code: [a-z-]+\n {2}next: Give one of playbook, lab, report, events, trace\b/,
  ],
  ['devices --lab-state s.json', /there is no --lab\n {2}code: [a-z-]+\n {2}next: Add --lab FILE\./],
  [
    'devices --trace /does/not/exist',
    /--trace \/does\/not\/exist: cannot be written: no such file .*\(ENOENT\)/,
  ],
  ['devices --trace /dev/zero', /--trace \/dev\/zero: cannot be written: is a device/],
  [
    'plan a.yml --lab --exit-code',
    /--lab has no value: --exit-code comes after it\n {2}code: [a-z-]+\n {2}next: Write --lab VALUE/,
  ],
  ['apply a.yml --only --yes', /--only has no value: --yes comes after it/],
  [
    "plan a.yml --lab ''",
    /an empty word comes after --lab\n {2}code: [a-z-]+\n {2}next: Is a shell variable empty\?/,
  ],
  [
    'plan a.yml --valid-for 7',
    /--valid-for 7 is not a duration\n {2}code: [a-z-]+\n {2}next: Write 7d, 8h or 30m\./,
  ],
  ['plan a.yml --lab=', /an empty word comes after --lab/],
  ["status ''", /an empty word comes after status/],
  ['plan a.yml --out ./a.yml', /--out \.\/a\.yml: this command already uses the file/],
  ['plan a.yml --lab=b.yml --trace b.yml', /--trace b\.yml: this command already uses the file/],
  ['upgrade a.yml', /next: runbook plan PLAYBOOK shows .*; runbook apply PLAYBOOK does it\. See/],
  ['check a.yml', /next: runbook plan PLAYBOOK shows .* runbook validate PLAYBOOK checks the file alone\./],
  ['apply a.yml --dry-run', /next: runbook plan PLAYBOOK shows/],
  ['plan a.yml --limit=sg1', /next: plan, apply and verify take --only DEVICE\./],
  ['devices --json', /next: Every command takes --format json\./],
  ['apply a.yml --force', /next: Nothing is forced here/],
  [
    'apply a.yml --tak-over',
    /unknown option '--tak-over'\n {2}code: [a-z-]+\n {2}next: See runbook apply --help/,
  ],
  [
    'init --device sg1 --firmware a --revision 1 --xyzzy-plugh',
    /unknown option '--xyzzy-plugh'\n {2}code: [a-z-]+\n {2}next: See runbook init/,
  ],
  ['help nope', /unknown command 'nope'\n {2}code: [a-z-]+\n {2}next: Give one of validate, /],
];
for (const [line, said] of WRONG) {
  const args = line
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => (word === "''" ? '' : word));
  test(`"runbook ${line}" is exit 2 with a next step`, async () => {
    const { exitCode, stdout, stderr } = await runbook(args);
    assert.is(exitCode, 2);
    assert.is(stdout, '');
    assert.match(stderr, said);
  });
  test(`"runbook ${line}" is one JSON document where it is asked for`, async () => {
    if (line.includes('--format')) return;
    const { document } = await runJson(args);
    assert.is(document.format, 'runbook.error/1');
    assert.equal(document.exit, { code: 2, name: 'USAGE' });
    assert.is.not(document.error, null);
  });
}

test('apply without a terminal and without --yes is exit 2; a file that is missing is named first', async () => {
  const { exitCode, stderr } = await runbook(['apply', fixture('cards.yml')]);
  assert.is(exitCode, 2);
  assert.match(stderr, 'there is no terminal\n  code: usage\n  next: Add --yes.');
  const missing = await runbook(['apply', 'no-such.yml']);
  assert.is(missing.exitCode, 3);
  assert.match(missing.stderr, 'no-such.yml: error: there is no such file');
});

test('a format of the environment that is none is named by its variable', async () => {
  const { exitCode, stderr } = await runbook(['--help'], { env: { RUNBOOK_FORMAT: 'xml' } });
  assert.is(exitCode, 2);
  assert.match(stderr, 'RUNBOOK_FORMAT=xml is not a format of runbook');
  assert.match(stderr, 'next: Unset it, or set it to one of text, json');
});

test('--help and --version are answers, in JSON too', async () => {
  const help = await runbook(['--help']);
  assert.is(help.exitCode, 0);
  assert.match(help.stdout, 'Usage: runbook [options] [command]');
  assert.match(help.stdout, '12  accepted, but nothing shows that the new code runs');
  assert.not.match(help.stdout, '--sysfs');
  const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as { version: string };
  const { stdout } = await runbook(['--version']);
  assert.match(
    stdout,
    /^runbook \d+\.\d+\.\d+ \(commit .*; Node\.js [\d.]+, koffi \d+\.\d+\.\d+, (x64|arm64)\)\n$/,
  );
  assert.match(stdout, `runbook ${version} (`);
  assert.is((await runJson(['plan', '--help'])).document.format, 'runbook.help/1');
});

test('what is a file for programs is the same in every locale', async () => {
  for (const words of [
    ['schema', 'playbook'],
    ['completion', 'bash'],
  ]) {
    const [plain, utf8] = await Promise.all(
      ['C', 'C.UTF-8'].map((locale) => runbook(words, { env: { LC_ALL: locale } })),
    );
    assert.is(plain!.stdout, utf8!.stdout, words.join(' '));
  }
});

for (const name of ['playbook', 'lab', 'report', 'events', 'trace']) {
  test(`schema ${name} prints schemas/${name}.schema.json`, async () => {
    const { exitCode, stdout } = await runbook(['schema', name]);
    assert.is(exitCode, 0);
    assert.equal(
      JSON.parse(stdout),
      JSON.parse(readFileSync(inProject(`schemas/${name}.schema.json`), 'utf8')),
    );
  });
}

test('an unknown --format value is told as text', async () => {
  const { stdout, stderr } = await runbook(['validate', fixture('cards.yml'), '--format', 'yaml']);
  assert.is(stdout, '');
  assert.match(stderr, 'Allowed choices are text, json, jsonl, github, sarif');
});

test.run();
