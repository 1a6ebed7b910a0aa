import * as assert from 'uvu/assert';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild, runbook } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture } from './document.ts';

const PLAYBOOK = fixture('cards.yml');
const THREE = `--lab ${fixture('three.lab.yml')}`;
/** util-linux's `script` runs a command on a pseudo terminal. */
const HAS_SCRIPT = spawnSync('script', ['--version']).status === 0;

/** Runs the program on a terminal of 100 columns, typing `typed` once the question is there. */
function onTerminal(
  args: string,
  typed: string | null,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ exitCode: number | null; screen: string }> {
  const command = `stty cols 100 rows 24; exec ${process.execPath} ${program} ${args}`;
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', NO_COLOR: undefined, ...env },
      timeout: 30_000,
    });
    let screen = '';
    let asked = false;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      screen += piece;
      if (asked || typed === null || !screen.includes('[y/N] ')) return;
      asked = true;
      child.stdin.write(typed);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, screen }));
  });
}

const terminal = suite('on a terminal');
const onPty = (title: string, body: () => Promise<void>): void =>
  HAS_SCRIPT ? terminal(title, body) : terminal.skip(title, body);

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
    assert.match(screen, '2 skipped');
  }
});

onPty('^C at the question ends with 130 and nothing written', async () => {
  const { exitCode, screen } = await onTerminal(`apply ${PLAYBOOK} ${THREE}`, '\x03');
  assert.is(exitCode, 130);
  assert.match(screen, 'stopped by SIGINT');
  assert.match(screen, '2 skipped');
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

terminal.run();

const pipes = suite('without a terminal');

pipes('a reader that goes away does not change the exit code', async () => {
  const child = spawn(
    process.execPath,
    [program, 'apply', PLAYBOOK, ...THREE.split(' '), '--yes', '--format', 'jsonl'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stdout.destroy();
  child.stderr.destroy();
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  assert.is(exitCode, 0);
});

pipes('the bundle works from any directory, beside nothing but its native libraries', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'runbook-alone-'));
  const empty = mkdtempSync(path.join(tmpdir(), 'runbook-empty-'));
  copyFileSync(program, path.join(home, 'runbook.cjs'));
  for (const name of readdirSync(inProject('dist'))) {
    if (/^(linux|musl)_/.test(name))
      cpSync(inProject('dist', name), path.join(home, name), { recursive: true });
  }
  const alone = (args: readonly string[]) =>
    runChild(process.execPath, [path.join(home, 'runbook.cjs'), ...args], { cwd: empty });
  assert.is((await alone(['schema', 'report'])).exitCode, 0);
  assert.is((await alone(['validate', PLAYBOOK, ...THREE.split(' ')])).exitCode, 0);
  // A device command loads koffi and starts the pool, even where there is no device.
  const { exitCode, stderr } = await alone(['devices', '--probe', '--sysfs', empty]);
  assert.is(exitCode, 0, stderr);
});

pipes(
  'INT between first byte and verdict finishes the device, begins no other, and ends with 130',
  async () => {
    const slow = ['--lab', fixture('slow.lab.yml')];
    const one = fixture('one-at-a-time.yml');
    const child = spawn(process.execPath, [program, 'apply', one, ...slow, '--yes', '--format', 'jsonl'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    let sent = false;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece;
      if (sent || !stdout.includes('"type":"progress"')) return;
      sent = true;
      child.kill('SIGHUP'); // a lost login ends nothing
      child.kill('SIGINT');
    });
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    const lines = stdout.trimEnd().split('\n');
    const report = JSON.parse(lines.at(-1)!) as { devices: { outcome: string; reason: string | null }[] };
    assert.is(exitCode, 130);
    assert.equal(
      report.devices.map(({ outcome }) => outcome),
      ['updated', 'skipped'],
    );
    assert.match(
      stdout,
      '"type":"stop-requested","signal":"SIGINT","effect":"SIGINT: no further device is begun; 1 device has',
    );
  },
);

pipes('a format is kept when stderr is a file', async () => {
  const { stdout } = await runbook(['plan', PLAYBOOK, ...THREE.split(' '), '--format', 'jsonl']);
  assert.is(stdout.split('\n').length, 2, 'one line and its line feed');
});

pipes.run();
