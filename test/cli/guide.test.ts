import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { testWith } from '../support/programs.ts';
import { suite } from '../support/suite.ts';
import { shows, stepsOf, type Step } from './guide-steps.ts';

/** Pages whose commands a reader can type from the first to the last. */
const PAGES = ['docs/guide.md', 'docs/targets.md'];

const MARK = 'end of command';

/** What bash says of a command in the background, whenever it comes to it. */
const JOB_MESSAGE = /^\.\/\.typed: line \d+: +\d+ Killed .*\n/gm;

const test = suite('guide');
const typing = testWith(test, 'bash');
const folder = mkdtempSync(path.join(tmpdir(), 'runbook-guide-'));
// Each reader remembers for himself.
writeFileSync(
  path.join(folder, 'runbook'),
  `#!/bin/sh\nexec '${process.execPath}' '${program}' --state-dir="$READER_STATE" "$@"\n`,
  { mode: 0o755 },
);
test.after(() => rmSync(folder, { recursive: true, force: true }));

type Typed = Extract<Step, { kind: 'command' }>;

/** Types all commands into one shell, in a new directory with the files of the page. Returns what each printed. */
async function type(steps: readonly Step[]): Promise<string[]> {
  const cwd = mkdtempSync(path.join(folder, 'reader-'));
  for (const step of steps) if (step.kind === 'file') writeFileSync(path.join(cwd, step.name), step.text);
  const typed = steps.filter((step): step is Typed => step.kind === 'command');
  const script = [
    'shopt -s expand_aliases',
    'last=0',
    // $? of a command is that of the one before it, as at a prompt.
    ...typed.flatMap(({ command }) => ['(exit $last)', command, `last=$?; echo "${MARK}"`]),
  ].join('\n');
  const file = path.join(cwd, '.typed');
  writeFileSync(file, script);
  const { stdout, stderr } = await runChild('bash', ['-c', 'exec 2>&1; . ./.typed'], {
    cwd,
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      READER_STATE: path.join(cwd, '.state'),
      RUNBOOK_STATE_DIR: undefined,
      NO_COLOR: undefined,
    },
    timeoutMs: 180_000,
  });
  assert.is(stderr, '');
  return stdout.replaceAll(JOB_MESSAGE, '').split(`${MARK}\n`).slice(0, -1);
}

for (const page of PAGES) {
  const steps = stepsOf(readFileSync(inProject(page), 'utf8'));
  let printed: readonly string[] = [];

  typing(`${page} has commands that can be typed one after the other`, async () => {
    printed = await type(steps);
    const commands = steps.filter(({ kind }) => kind === 'command');
    assert.ok(commands.length > 9);
    assert.is(printed.length, commands.length, printed.at(-1));
  });

  for (const [i, { line, command, shown }] of steps
    .filter((step): step is Typed => step.kind === 'command')
    .entries()) {
    typing(`${page}:${line} shows what is printed by: ${command}`, () => {
      const real = printed[i] ?? '(not run)';
      if (!shows(shown, real)) assert.is(shown.join('\n'), real);
    });
  }
}

test.run();

const reading = suite('guide steps');

reading('finds files, commands and what they show', () =>
  assert.equal(
    stepsOf('text\n\n```yaml a.yml\nx: 1\n```\n\n```sh\nls\n```\n\n```console\n$ one\nout\n$ two\n```\n'),
    [
      { kind: 'file', name: 'a.yml', text: 'x: 1\n' },
      { kind: 'command', line: 12, command: 'one', shown: ['out'] },
      { kind: 'command', line: 14, command: 'two', shown: [] },
    ],
  ),
);

reading('takes … for anything, and nothing else', () => {
  assert.ok(shows(['a … c', '…', 'end'], 'a b c\n1\n2\nend\n'));
  assert.ok(shows(['…'], ''));
  assert.ok(shows([], '\n'));
  assert.not(shows(['a (b)'], 'a b\n'));
  assert.not(shows(['a'], 'a\nb\n'));
  assert.not(shows(['a', 'b'], 'a\n'));
});

reading.run();
