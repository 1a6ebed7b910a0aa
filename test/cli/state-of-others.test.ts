// Root, and a state directory that a second user can change: nothing is made, written or removed through what they left there.
import * as assert from 'uvu/assert';
import {
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderOfSecondUser, SECOND_USER, testAsRoot } from '../support/second-user.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const test = suite('state directories of others');
const asRoot = testAsRoot(test);

const folder = (): string => mkdtempSync(path.join(tmpdir(), 'runbook-state-'));

/** A link of the second user. */
function linkOfThem(link: string, target: string): void {
  symlinkSync(target, link);
  lchownSync(link, SECOND_USER, SECOND_USER);
}

const LAB = ['--lab', fixture('three.lab.yml')];
const APPLY = ['apply', fixture('cards.yml'), '--yes', ...LAB];

const all = (directory: string): string[] => readdirSync(directory, { recursive: true }).map(String).sort();

async function ask(state: string, ...words: string[]): Promise<{ exitCode: number | null; code: unknown }> {
  const { exitCode, document } = await runJson([...words, '--state-dir', state]);
  return { exitCode, code: document.error?.code };
}

const REFUSED = { exitCode: 4, code: 'others-can-write' };

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  apply: APPLY,
  'apply with a state of the lab': [...APPLY, '--lab-state', path.join(folder(), 'lab-state')],
  'apply as a job': [...APPLY, '--job', 'a'],
  'apply as a job in the background': [...APPLY, '--job', 'b', '--detach'],
  verify: ['verify', ...LAB],
  'history --prune': ['history', '--prune', '12h', ...LAB],
  'job forget': ['job', 'forget', 'a', ...LAB],
};

for (const [name, words] of Object.entries(COMMANDS)) {
  asRoot(`${name} makes nothing through a link of another user, nor where others can write`, async () => {
    const victim = folder();
    const way = folder();
    linkOfThem(path.join(way, 'q'), victim);
    assert.equal(await ask(path.join(way, 'q', 'new'), ...words), REFUSED);
    const state = folder();
    linkOfThem(path.join(state, 'lab'), victim);
    assert.equal(await ask(state, ...words), REFUSED);
    const theirs = folderOfSecondUser();
    assert.equal(await ask(theirs, ...words), REFUSED);
    assert.equal([all(victim), all(way), all(state), all(theirs)], [[], ['q'], ['lab'], []]);
  });
}

/** The state directory of the lab, after a run and a job that has ended. */
async function used(): Promise<{ readonly state: string; readonly root: string }> {
  const state = folder();
  assert.is((await ask(state, ...APPLY, '--job', 'a')).exitCode, 0);
  return { state, root: path.join(state, 'lab', readdirSync(path.join(state, 'lab'))[0]!) };
}

for (const [place, words] of [
  ['jobs', ['job', 'forget', 'a']],
  ['jobs', [...APPLY.slice(0, 3), '--job', 'c']],
  ['runs', ['history', '--prune', '0h']],
  ['runs', APPLY.slice(0, 3)],
  ['units', APPLY.slice(0, 3)],
] as const) {
  asRoot(`${words[0]} ${words[1]} leaves what a link of another user leads to: ${place}`, async () => {
    const { state, root } = await used();
    const victim = path.join(folder(), 'victim');
    renameSync(path.join(root, place), victim);
    linkOfThem(path.join(root, place), victim);
    const before = all(victim);
    assert.ok(before.length > 0);
    assert.equal(await ask(state, ...words, ...LAB), REFUSED);
    assert.equal(all(victim), before);
  });
}

test('job forget removes what runbook wrote there, and refuses a folder with anything else', async () => {
  const { state, root } = await used();
  const jobs = path.join(root, 'jobs');
  const forget = (job: string) => ask(state, 'job', 'forget', job, ...LAB);
  const NOT_A_JOB = { exitCode: 4, code: 'not-a-job' };

  // A number for a name does not make it an attempt.
  mkdirSync(path.join(jobs, 'backup', '2024'), { recursive: true });
  writeFileSync(path.join(jobs, 'backup', '2024', 'letter'), '');
  assert.equal(await forget('backup'), NOT_A_JOB);
  const { document } = await runJson(['job', 'list', '--state-dir', state, ...LAB]);
  const { unreadable } = document as unknown as { unreadable: { next: string }[] };
  assert.is(unreadable.length, 1);
  assert.not.match(unreadable[0]!.next, 'forget');

  for (const other of ['letter', '1/letter']) {
    const file = path.join(jobs, 'a', other);
    writeFileSync(file, '');
    assert.equal(await forget('a'), NOT_A_JOB, other);
    assert.ok(existsSync(path.join(jobs, 'a', '1', 'record.json')));
    renameSync(file, path.join(folder(), 'letter'));
  }
  mkdirSync(path.join(jobs, 'a', '2'));
  assert.equal(await forget('a'), NOT_A_JOB);
  renameSync(path.join(jobs, 'a', '2'), path.join(folder(), '2'));

  // What a process leaves that ended too early is runbook's own.
  writeFileSync(path.join(jobs, 'a', '0123456789ab.out'), '');
  writeFileSync(path.join(jobs, 'a', '1', '.0123456789abcdef'), '');
  mkdirSync(path.join(jobs, 'a', '.0123456789abcdef'));
  assert.is((await forget('a')).exitCode, 0);
  assert.equal(all(jobs), ['backup', 'backup/2024', 'backup/2024/letter']);
});

test.run();
