import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appears } from '../support/appears.ts';
import { killAfter } from '../support/child.ts';
import { program } from '../support/paths.ts';
import { testWith } from '../support/programs.ts';
import { suite } from '../support/suite.ts';
import { fixture } from './document.ts';

const PLAYBOOK = fixture('cards.yml');
const THREE = `--lab ${fixture('three.lab.yml')}`;

/**
 * Runs the program on a terminal of 100 columns, typing `typed` once the question is there, or what belongs to
 * a text when that text is there. */
function onTerminal(
  args: string,
  typed: string | null | readonly (readonly [at: string, text: string])[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ exitCode: number | null; screen: string }> {
  const command = `stty cols 100 rows 24; exec ${process.execPath} ${program} ${args}`;
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', NO_COLOR: undefined, ...env },
    });
    killAfter(child, 120_000);
    let screen = '';
    const left = typeof typed === 'string' ? [['[y/N] ', typed] as const] : [...(typed ?? [])];
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      screen += piece;
      if (left.length > 0 && screen.includes(left[0]![0])) child.stdin.write(left.shift()![1]);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, screen }));
  });
}

const terminal = suite('on a terminal');
/** util-linux's `script` runs a command on a pseudo terminal. */
const onPty = testWith(terminal, 'script');

onPty('apply shows the plan, asks, draws a picture, and reports', async () => {
  const { exitCode, screen } = await onTerminal(`apply ${PLAYBOOK} ${THREE}`, 'y\n');
  assert.is(exitCode, 0);
  const [before, after] = screen.split('Update 2 devices? [y/N] ');
  assert.match(before!, 'play hp-cards');
  assert.match(after!, '\x1b[K');
  assert.match(after!, /2 devices: 2 updated/);
  assert.match(after!, 'exit 0 (OK)');
  assert.not.match(screen, '\x1b[?', 'no terminal mode is changed');
});

onPty('"no", an empty line and the end of input write nothing and end with 4', async () => {
  for (const typed of ['n\n', '\n', '\x04']) {
    const { exitCode, screen } = await onTerminal(`apply ${PLAYBOOK} ${THREE}`, typed);
    assert.is(exitCode, 4, JSON.stringify(typed));
    assert.match(screen, 'nothing was written: not confirmed at the prompt');
    assert.match(screen, 'next: Run it again and answer y, or give --yes.');
    // The end of input types no line break.
    if (typed === '\x04') assert.match(screen, /\[y\/N\] [^\n]*\r?\n[^\n]*DEVICE/);
    assert.match(screen, '2 skipped');
  }
});

onPty('^C at the question ends with 130 and nothing written', async () => {
  const { exitCode, screen } = await onTerminal(`apply ${PLAYBOOK} ${THREE}`, '\x03');
  assert.is(exitCode, 130);
  assert.match(screen, 'stopped by SIGINT');
  assert.match(screen, '2 skipped');
});

onPty('^Z in the middle is answered in the picture, and the run goes on to its end', async () => {
  const slow = `apply ${fixture('one-at-a-time.yml')} --lab ${fixture('slow.lab.yml')}`;
  const { exitCode, screen } = await onTerminal(slow, [
    ['[y/N] ', 'y\n'],
    ['%', '\x1a'],
  ]);
  assert.is(exitCode, 0);
  assert.match(screen, 'SIGTSTP ignored');
  assert.match(screen, /2 devices: 2 updated/);
  assert.not.match(screen, '\x1b[?', 'no terminal mode is left behind');
});

onPty('verify shows a picture while it waits, and no lines beside it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-verify-picture-'));
  const lab = `--lab ${fixture('boots.lab.yml')} --lab-state ${folder}/lab`;
  const first = await onTerminal(
    `apply ${fixture('boots.yml')} --yes ${lab} --state-dir ${folder}/state`,
    null,
  );
  assert.is(first.exitCode, 6, first.screen);
  assert.is((await onTerminal(`lab power-cycle sg1 ${lab}`, null)).exitCode, 0);
  const { exitCode, screen } = await onTerminal(`verify ${lab} --state-dir ${folder}/state`, null);
  assert.is(exitCode, 0, screen);
  assert.match(screen, '\x1b[K');
  assert.match(screen, /1 device: 1 running/);
  assert.match(screen, /sg1 .*waiting|sg1 .*ready/);
  assert.not.match(screen, 'waits until it is');
  assert.match(screen, /GX03 +GX05 +\S*updated/);
});

onPty('nothing to do asks nothing', async () => {
  const { exitCode, screen } = await onTerminal(`apply ${PLAYBOOK} ${THREE} --only sg3`, null);
  assert.is(exitCode, 0);
  assert.not.match(screen, '[y/N]');
});

onPty('colours are there, and gone with NO_COLOR, --no-color and a dumb terminal', async () => {
  assert.match((await onTerminal(`plan ${PLAYBOOK} ${THREE}`, null)).screen, '\x1b[32mupdate');
  for (const [args, env] of [
    ['', { NO_COLOR: '1' }],
    ['--no-color', {}],
    ['', { TERM: 'dumb' }],
  ] as const) {
    const { screen } = await onTerminal(`plan ${PLAYBOOK} ${THREE} ${args}`, null, env);
    assert.not.match(screen, '\x1b', `${args} ${JSON.stringify(env)}`);
    assert.match(screen, 'update   sg1');
  }
});

onPty('a build gets lines even on a terminal, with the time, and colour where it forces it', async () => {
  const apply = `apply ${PLAYBOOK} ${THREE} --yes`;
  const { screen } = await onTerminal(apply, null, { CI: 'true', FORCE_COLOR: '1', LANG: 'C', LC_ALL: 'C' });
  assert.match(screen, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ sg1: check\r$/m);
  assert.not.match(screen, '\x1b[K');
  assert.match(screen, '\x1b[32mupdated');
  assert.match(screen, ' -> ');
  assert.match(screen, /^[\x00-\x7f]*$/);
  const without = await onTerminal(`${apply} --no-timestamps --no-color`, null, {
    CI: 'true',
    FORCE_COLOR: '1',
  });
  assert.match(without.screen, /^sg1: check\r$/m);
  assert.not.match(without.screen, '\x1b[');
});

onPty('a terminal that is lost in the middle neither stops the run nor changes its exit code', async () => {
  const exitFile = path.join(mkdtempSync(path.join(tmpdir(), 'runbook-lost-')), 'exit');
  const run = `${process.execPath} ${program} apply ${PLAYBOOK} --lab ${fixture('slow.lab.yml')} --yes`;
  const child = spawn(
    'script',
    ['-qec', `trap '' HUP; ${run}; echo $? > ${exitFile}.part; mv ${exitFile}.part ${exitFile}`, '/dev/null'],
    {
      env: { ...process.env, TERM: 'xterm' },
    },
  );
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    screen += piece;
    if (screen.includes('[#')) child.kill('SIGKILL'); // takes the other end of the terminal away
  });
  await new Promise((resolve) => child.on('close', resolve));
  await appears(exitFile);
  assert.is(readFileSync(exitFile, 'utf8'), '0\n');
});

terminal.run();
