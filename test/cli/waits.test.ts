import * as assert from 'uvu/assert';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
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
import { suite } from '../support/suite.ts';
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
