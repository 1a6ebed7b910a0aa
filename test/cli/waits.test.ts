import * as assert from 'uvu/assert';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runbook } from '../support/child.ts';
import { program } from '../support/paths.ts';
import { testWith } from '../support/programs.ts';
import { missing, suite } from '../support/suite.ts';
import { fixture } from './document.ts';

const root = mkdtempSync(path.join(tmpdir(), 'runbook-waits-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

let count = 0;

/** A folder with a playbook whose image is beside it. */
function inFolder(): (name: string) => string {
  const folder = path.join(root, String(++count));
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'a.yml'), readFileSync(fixture('one-at-a-time.yml')));
  return (name) => path.join(folder, name);
}

interface Waiting {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string }>;
}

function apply(playbook: string): Waiting {
  const args = ['apply', playbook, '--yes', '--format', 'json', '--lab', fixture('slow.lab.yml')];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  const ended = new Promise<Awaited<Waiting['ended']>>((resolve) =>
    child.on('close', (exitCode) => resolve({ exitCode, stdout })),
  );
  return { child, ended };
}

/** Until the process has the file open. */
async function holds({ pid }: ChildProcess, file: string): Promise<void> {
  const opens = (fd: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === file;
    } catch {
      return false; // closed again meanwhile
    }
  };
  while (!readdirSync(`/proc/${pid}/fd`).some(opens)) await sleep(20);
}

function stoppedBy(signal: string, { exitCode, stdout }: Awaited<Waiting['ended']>): void {
  assert.is(exitCode, signal === 'SIGINT' ? 130 : 143, stdout);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
  assert.is(error.code, 'stopped');
  assert.match(error.message, `stopped by ${signal} before the first byte`);
}

const test = suite('waits that a signal ends');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends apply that waits for the writer of an image`, async () => {
    const at = inFolder();
    execFileSync('mkfifo', [at('PUF21000.bin')]);
    const writer = openSync(at('PUF21000.bin'), 'r+');
    const { child, ended } = apply(at('a.yml'));
    await holds(child, at('PUF21000.bin'));
    child.kill(signal);
    stoppedBy(signal, await ended);
    closeSync(writer);
  });
}

/** Whoever opens the file waits in the kernel, as on a mount that hangs; says `asked` when somebody does. */
const HOLD_LEASE = `
use Fcntl; $| = 1;
open(F, '+<', $ARGV[0]) or die; $SIG{IO} = sub { print "asked\\n" };
fcntl(F, 1024, F_WRLCK) or die; print "held\\n"; sleep 60 while 1;`;

testWith(test, 'perl')('TERM ends apply while a thread waits in the kernel for an image', async () => {
  const at = inFolder();
  writeFileSync(at('PUF21000.bin'), 'image');
  const holder = spawn('perl', ['-e', HOLD_LEASE, at('PUF21000.bin')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => holder.once('close', resolve));
  const says = async (word: string): Promise<void> => {
    for await (const piece of holder.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false }))
      if (String(piece).includes(word)) return;
    throw new Error(`the holder ended before it said ${word}`);
  };
  try {
    await says('held');
    const { child, ended } = apply(at('a.yml'));
    await says('asked');
    child.kill('SIGTERM');
    stoppedBy('SIGTERM', await ended);
  } finally {
    holder.kill('SIGKILL');
    await gone;
  }
});

const cannotMount =
  process.getuid?.() !== 0 || !existsSync('/dev/fuse')
    ? 'a file system that hangs: needs root and /dev/fuse'
    : null;
if (cannotMount !== null) missing('root', cannotMount);
const onHungMount =
  cannotMount === null
    ? testWith(test, 'python3', 'umount')
    : (title: string, body: () => Promise<void>) => test.skip(title, body);

onHungMount('INT and TERM end commands whose files lie on a mount that hangs', async () => {
  const mount = inFolder()('hung');
  mkdirSync(mount);
  const server = spawn('python3', [fixture('hung-mount.py'), mount], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => server.once('close', resolve));
  try {
    const [first] = (await once(server.stdout, 'data')) as [Buffer];
    assert.match(String(first), 'mounted');
    const [playbook, lab] = [fixture('one-at-a-time.yml'), fixture('slow.lab.yml')];
    const on = (name: string): string => path.join(mount, name);
    for (const [signal, args] of [
      ['SIGTERM', ['apply', on('a.yml'), '--yes', '--lab', lab]],
      ['SIGTERM', ['apply', playbook, '--yes', '--lab', on('a.lab.yml')]],
      ['SIGINT', ['apply', playbook, '--yes', '--lab', lab, '--state-dir', on('state')]],
      ['SIGTERM', ['apply', playbook, '--yes', '--lab', lab, '--lab-state', on('lab-state')]],
      ['SIGINT', ['apply', playbook, '--yes', '--lab', lab, '--trace', on('trace')]],
      ['SIGTERM', ['apply', playbook, '--yes', '--lab', lab, '--report', `json=${on('r.json')}`]],
      ['SIGTERM', ['plan', on('plan.json'), '--lab', lab]],
      ['SIGINT', ['verify', '--lab', on('b.lab.yml')]],
      ['SIGTERM', ['report', on('report.json')]],
      ['SIGTERM', ['validate', on('b.yml')]],
    ] as const) {
      const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
      const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
      await waitsInKernel(child);
      child.kill(signal);
      const [code, by] = await ended;
      assert.ok(
        by === signal || code === (signal === 'SIGINT' ? 130 : 143),
        `${args.join(' ')}: ${code} ${by}`,
      );
    }
  } finally {
    execFileSync('umount', ['--lazy', mount]);
    server.kill('SIGKILL');
    await gone;
  }
});

/** Until one of its threads waits for the mount. */
async function waitsInKernel({ pid }: ChildProcess): Promise<void> {
  const threads = `/proc/${pid}/task`;
  const waits = (thread: string): boolean => {
    try {
      return readFileSync(path.join(threads, thread, 'wchan'), 'latin1').includes('request_wait_answer');
    } catch {
      return false; // gone meanwhile
    }
  };
  while (!readdirSync(threads).some(waits)) await sleep(20);
}

test('a playbook and a lab that come through pipes are read once', async () => {
  const at = inFolder();
  for (const [name, from] of [
    ['a.yml', 'cards.yml'],
    ['a.lab.yml', 'three.lab.yml'],
  ] as const) {
    rmSync(at(name), { force: true });
    execFileSync('mkfifo', [at(name)]);
    writeFileSync(at(`${name}.text`), readFileSync(fixture(from)));
    spawn('sh', ['-c', 'exec cat "$0.text" > "$0"', at(name)], { stdio: 'ignore' });
  }
  const { exitCode, stderr } = await runbook(['apply', at('a.yml'), '--lab', at('a.lab.yml'), '--yes']);
  assert.is(exitCode, 0, stderr);
});

test('a trace into a pipe that nobody reads is refused', async () => {
  const at = inFolder();
  execFileSync('mkfifo', [at('trace')]);
  const { exitCode, stderr } = await runbook([
    'devices',
    '--probe',
    '--lab',
    fixture('three.lab.yml'),
    '--trace',
    at('trace'),
  ]);
  assert.is(exitCode, 2);
  assert.match(stderr, 'nobody reads from this pipe');
});

test('a reader of the trace that stops reading does not hold the commands up', async () => {
  const at = inFolder();
  execFileSync('mkfifo', [at('trace')]);
  const reader = openSync(at('trace'), 'r+'); // never reads; holds 64 KiB
  const { exitCode, stderr } = await runbook([
    ...['apply', fixture('cards.yml'), '--lab', fixture('three.lab.yml'), '--yes', '--trace', at('trace')],
  ]);
  closeSync(reader);
  assert.is(exitCode, 0, stderr);
  assert.match(stderr, 'the trace is incomplete');
});

test.run();
