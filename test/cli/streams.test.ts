import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild, runbook } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture } from './document.ts';

const PLAYBOOK = fixture('cards.yml');
const THREE = `--lab ${fixture('three.lab.yml')}`;

const PLAN = ['plan', PLAYBOOK, ...THREE.split(' ')];

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

pipes('a full disk below stdout, stderr or the trace ends no run, and is told', async () => {
  const inShell = (line: string) =>
    runChild('sh', ['-c', `exec "$0" "$@" ${line}`, process.execPath, program, ...PLAN]);
  const output = await inShell('> /dev/full');
  assert.is(output.exitCode, 2);
  assert.match(
    output.stderr,
    /^runbook: the output on stdout is incomplete: no space left on device \(ENOSPC\)\n {2}next: /m,
  );
  const document = await inShell('--format json > /dev/full');
  assert.is(document.exitCode, 2);
  const notes = await inShell('2> /dev/full');
  assert.is(notes.exitCode, 0);
  const apply = ['apply', PLAYBOOK, ...THREE.split(' '), '--yes'];
  const verdict = await runChild('sh', [
    '-c',
    'exec "$0" "$@" --format jsonl > /dev/full',
    process.execPath,
    program,
    ...apply,
  ]);
  assert.is(verdict.exitCode, 0, verdict.stderr);
  assert.match(verdict.stderr, 'the output on stdout is incomplete');
  // The report is lost, and that is told; the verdict stays.
  for (const format of ['text', 'json']) {
    const lost = await runChild('sh', [
      '-c',
      `exec "$0" "$@" --format ${format} > /dev/full`,
      process.execPath,
      program,
      ...apply,
    ]);
    assert.is(lost.exitCode, 0, lost.stderr);
    assert.match(lost.stderr, 'the output on stdout is incomplete');
  }
  const progress = await runChild('sh', [
    '-c',
    'exec "$0" "$@" 2> /dev/full',
    process.execPath,
    program,
    ...apply,
  ]);
  assert.is(progress.exitCode, 0);
  const traced = await runbook([...apply, '--trace', '/dev/full']);
  assert.is(traced.exitCode, 0, traced.stderr);
  assert.match(
    traced.stderr,
    /--trace \/dev\/full: the trace is incomplete: no space left on device \(ENOSPC\)/,
  );
});

pipes('a directory that was removed below the program is told', async () => {
  const line = 'd=$(mktemp -d) && cd "$d" && rmdir "$d" && exec "$0" "$@"';
  const { exitCode, stderr } = await runChild('sh', ['-c', line, process.execPath, program, 'plan', 'a.yml']);
  assert.is(exitCode, 2);
  assert.match(stderr, /^runbook: the current directory no longer exists\n {2}code: usage\n {2}next: /m);
});

pipes('the bundle works from any directory, beside nothing but its native libraries', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'runbook-alone-'));
  const empty = mkdtempSync(path.join(tmpdir(), 'runbook-empty-'));
  cpSync(inProject('dist'), home, { recursive: true });
  mkdirSync(path.join(empty, 'class/scsi_generic'), { recursive: true });
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
      '"type":"stop-requested","signal":"SIGINT","effect":"SIGINT: no other device is started; 1 device is',
    );
  },
);

pipes('a format is kept when stderr is a file', async () => {
  const { stdout } = await runbook(['plan', PLAYBOOK, ...THREE.split(' '), '--format', 'jsonl']);
  assert.is(stdout.split('\n').length, 2, 'one line and its line feed');
});

pipes.run();
