import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { DEVICE_COMMANDS, scanArguments } from '../../src/cli/scan.ts';
import { runChild } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { scanned, sysfsTree, type SysfsTree } from '../support/sysfs-tree.ts';

/**
 * Says in $THREADS how many threads were started after this line, and how many of them no signal can reach. Node's own are there by
 * then.
 */
const COUNT_THREADS = `
const fs = require('node:fs');
const known = new Set(fs.readdirSync('/proc/self/task'));
const { THREADS, UV_THREADPOOL_SIZE } = process.env;
process.on('exit', () => {
  const started = fs.readdirSync('/proc/self/task').filter((task) => !known.has(task));
  const blocked = started.filter((task) =>
    /^SigBlk:\\tfffffffe7ffbfeff$/m.test(fs.readFileSync('/proc/self/task/' + task + '/status', 'latin1')));
  fs.writeFileSync(THREADS, JSON.stringify({ started: started.length, blocked: blocked.length }));
});
`;

/** Something asynchronous before the program: what an asynchronous first line of its own would be. */
const TOO_EARLY = `require('node:fs').stat('/', () => undefined);\n`;

/** 16 for files, and one for the device of the tree. */
const POOL = 17;
const PLAYBOOK = inProject('playbooks/upgrade-expanders.yml');

/** Each command that opens devices, with the options that make it do something asynchronous early. */
const LINES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  plan: [
    ['plan', PLAYBOOK],
    ['plan', PLAYBOOK, '--out', 'plan.json', '--trace', 'trace.jsonl'],
  ],
  apply: [
    ['apply', PLAYBOOK, '--yes'],
    ...['json', 'jsonl', 'junit', 'markdown', 'html'].map((kind) => [
      ...['apply', PLAYBOOK, '--yes', '--report', `${kind}=report`, '--trace', 'trace.jsonl'],
    ]),
  ],
  devices: [['devices', '--probe']],
  doctor: [['doctor']],
  status: [['status'], ['status', 'sg9876']],
  verify: [['verify'], ['verify', '--report', 'json=report', '--report', 'junit=report.xml']],
  init: [['init', '--device', 'sg9876', '--firmware', 'image.bin', '--revision', '2.10']],
};

const test = suite('first act');
let folder = '';
let tree: SysfsTree;

interface Threads {
  readonly started: number;
  readonly blocked: number;
}

async function threadsOf(words: readonly string[], hooks: readonly string[]): Promise<Threads> {
  const threads = path.join(folder, 'threads.json');
  rmSync(threads, { force: true });
  const { stderr } = await runChild(
    process.execPath,
    [...hooks.flatMap((hook) => ['--require', path.join(folder, hook)]), program, ...words],
    { cwd: folder, env: { THREADS: threads, UV_THREADPOOL_SIZE: String(POOL), RUNBOOK_STATE_DIR: folder } },
  );
  assert.ok(readdirSync(folder).includes('threads.json'), stderr);
  return JSON.parse(readFileSync(threads, 'utf8')) as Threads;
}

test.before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbook-first-act-'));
  writeFileSync(path.join(folder, 'count.cjs'), COUNT_THREADS);
  writeFileSync(path.join(folder, 'early.cjs'), TOO_EARLY);
  writeFileSync(path.join(folder, 'image.bin'), 'image');
  tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [{ hctl: '6:0:1:0', sg: 'sg9876', attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.08') }],
  );
});
test.after(() => {
  tree.remove();
  rmSync(folder, { recursive: true });
});

test('every command that opens devices is tried here', () => {
  assert.equal(Object.keys(LINES).sort(), [...DEVICE_COMMANDS].sort());
});

for (const line of Object.values(LINES).flat()) {
  test(`${line.map((word) => path.basename(word)).join(' ')}: no signal reaches any thread of the pool`, async () => {
    assert.ok(scanArguments(line).opensDevices);
    const threads = await threadsOf([...line, '--sysfs', tree.sysfsRoot], ['count.cjs']);
    assert.equal(threads, { started: POOL, blocked: POOL });
  });
}

test('threads that were started before the program can be told', async () => {
  const line = ['apply', PLAYBOOK, '--yes', '--sysfs', tree.sysfsRoot];
  assert.equal(await threadsOf(line, ['count.cjs', 'early.cjs']), { started: POOL, blocked: 0 });
});

test('commands that open no device start no thread', async () => {
  for (const line of [['--help'], ['validate', '--without-image', PLAYBOOK], ['devices']]) {
    assert.equal(await threadsOf(line, ['count.cjs']), { started: 0, blocked: 0 }, line.join(' '));
  }
});

test.run();
