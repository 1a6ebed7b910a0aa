import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild, runbook } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture } from './document.ts';

const PLAYBOOK = fixture('cards.yml');
const THREE = `--lab ${fixture('three.lab.yml')}`;

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
