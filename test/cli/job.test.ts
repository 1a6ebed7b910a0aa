import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson, type AnyDocument } from './document.ts';

const root = mkdtempSync(path.join(tmpdir(), 'runbook-job-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

interface Job {
  readonly job: string;
  readonly state: 'running' | 'finished' | 'died';
  readonly attempt: number;
  readonly run: string;
  readonly pid: number;
  readonly died: string | null;
  readonly result: { readonly code: number } | null;
  readonly units: readonly {
    readonly id: string;
    readonly doneBytes: number;
    readonly outcome: string | null;
  }[];
}

interface Answer {
  readonly exitCode: number | null;
  readonly begun: boolean;
  readonly job: Job;
  readonly jobs: readonly Job[];
  readonly document: AnyDocument;
}

/** A lab of its own, and the commands on it. */
function labNamed(name: string, lab = 'slow.lab.yml', playbook = 'one-at-a-time.yml') {
  const common = ['--lab', fixture(lab), '--lab-state', path.join(root, `${name}.state`)];
  const place = [...common, '--state-dir', path.join(root, name)];
  const ask = async (...words: string[]): Promise<Answer> => {
    const { exitCode, document } = await runJson([...words, ...place]);
    return { exitCode, document, ...(document as unknown as Pick<Answer, 'begun' | 'job' | 'jobs'>) };
  };
  const apply = ['apply', fixture(playbook), '--yes'];
  return {
    ask,
    place,
    start: (job: string, ...more: string[]) => ask(...apply, '--job', job, '--detach', ...more),
  };
}

const test = suite('jobs');

/** A job that stands still in the middle of its image, however slow this machine is. */
async function hanging(name: string, start?: (lab: ReturnType<typeof labNamed>) => Promise<unknown>) {
  const lab = labNamed(name, 'hangs.lab.yml');
  await (start === undefined ? lab.start('cards') : start(lab));
  for (;;) {
    const found = await lab.ask('job', 'list');
    if (found.jobs.length === 0) continue;
    const { job } = await lab.ask('job', 'wait', 'cards', '--for', '200ms');
    assert.is(job.state, 'running');
    if (job.units.some(({ doneBytes }) => doneBytes > 0)) return { ...lab, job };
  }
}

test('a job is begun once, has a result, and is forgotten', async () => {
  const { ask, start } = labNamed('once');
  const [one, two] = await Promise.all([start('cards'), start('cards')]);
  assert.equal([one.begun, two.begun].sort(), [false, true]);
  assert.is(one.job.run, two.job.run);
  assert.is(one.exitCode, 0);

  const end = await ask('job', 'wait', 'cards');
  assert.equal([end.job.state, end.exitCode, end.job.result?.code], ['finished', 0, 0]);
  assert.equal(
    end.job.units.map(({ outcome, doneBytes }) => [outcome, doneBytes]),
    [
      ['updated', 65_536],
      ['updated', 65_536],
    ],
  );
  const again = await start('cards');
  assert.equal([again.begun, again.job.attempt], [false, 1]);
  // Another playbook under the name, one that is not there too, is not what has ended well.
  for (const detach of [['--detach'], []]) {
    const other = await ask('apply', fixture('none.yml'), '--yes', '--job', 'cards', ...detach);
    assert.is(other.document.error?.code, 'job-of-another');
    assert.is(other.exitCode, 4);
  }
  const result = await ask('job', 'result', 'cards');
  assert.equal(
    result.document.devices?.map(({ outcome }) => outcome),
    ['updated', 'updated'],
  );
  const listed = (await ask('job', 'list')).jobs.map(({ job, state }) => [job, state]);
  assert.equal(listed, [['cards', 'finished']]);
  assert.is((await ask('job', 'forget', 'cards')).exitCode, 0);
  assert.equal((await ask('job', 'list')).jobs, []);
  assert.is((await ask('job', 'result', 'cards')).document.error?.code, 'job-unknown');
  const history = (await ask('history')).document as unknown as { runs: { run: string }[] };
  assert.equal(
    history.runs.map(({ run }) => run),
    [end.job.run],
  );
});

test('a job that runs has no result, and its units are locked; killed, it died, and may be begun again', async () => {
  const { ask, start, job } = await hanging('killed');
  // It leads a session of its own: field 6 of its stat is its number.
  const stat = readFileSync(`/proc/${job.pid}/stat`, 'utf8');
  assert.is(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]), job.pid);

  assert.is((await ask('job', 'wait', 'cards', '--for', '0s')).exitCode, 11);
  assert.is((await ask('job', 'result', 'cards')).document.error?.code, 'job-running');
  assert.is((await ask('job', 'forget', 'cards')).exitCode, 11);
  assert.equal([(await start('cards')).begun, job.attempt], [false, 1]);
  assert.is((await ask('apply', fixture('one-at-a-time.yml'), '--yes')).exitCode, 11);

  process.kill(job.pid, 'SIGKILL');
  const end = await ask('job', 'wait', 'cards');
  assert.equal([end.job.state, end.job.died, end.exitCode], ['died', 'process-gone', 1]);
  assert.is(end.document.error?.code, 'job-died');
  assert.is((await ask('job', 'result', 'cards')).exitCode, 1);

  const again = await start('cards');
  assert.equal([again.begun, again.job.attempt], [true, 2]);
  assert.is((await ask('job', 'wait', 'cards')).job.state, 'finished');
});

test('an end before the first byte may be begun again, and no other', async () => {
  const { ask, start } = labNamed('refused');
  await start('cards', '--only', 'sg9');
  assert.is((await ask('job', 'wait', 'cards')).exitCode, 10);
  assert.equal([(await start('cards')).begun, (await ask('job', 'wait', 'cards')).exitCode], [true, 0]);

  const mute = labNamed('mute', 'mute.lab.yml', 'cards.yml');
  await mute.start('cards');
  assert.is((await mute.ask('job', 'wait', 'cards')).exitCode, 12);
  assert.is((await mute.start('cards')).begun, false);
});

test('a job in the foreground has the same name and result', async () => {
  const { ask } = labNamed('front', 'three.lab.yml', 'cards.yml');
  const { document } = await ask('apply', fixture('cards.yml'), '--yes', '--job', 'here');
  const result = await ask('job', 'result', 'here');
  assert.equal(result.document.devices, document.devices);
});

test('a job outlives the session of the login that started it', async () => {
  let endLogin = (): Promise<unknown> => Promise.resolve();
  const { job } = await hanging('login', ({ place }) => {
    const words = ['apply', fixture('one-at-a-time.yml'), '--yes', '--job', 'cards', '--detach', ...place];
    const login = spawn('sh', ['-c', '"$@"; sleep 600', 'sh', process.execPath, program, ...words], {
      detached: true,
      stdio: 'ignore',
    });
    const over = new Promise((resolve) => login.on('close', resolve));
    process.on('exit', () => login.kill('SIGKILL'));
    endLogin = () => {
      for (const signal of ['SIGHUP', 'SIGKILL'] as const) process.kill(-login.pid!, signal);
      return over;
    };
    return Promise.resolve();
  });
  await endLogin();
  // Throws where there is no such process.
  process.kill(job.pid, 'SIGKILL');
});

test('old jobs are pruned with the history, and a damaged one does not hide the others', async () => {
  const { ask, start } = labNamed('old', 'three.lab.yml', 'cards.yml');
  await start('cards');
  await ask('job', 'wait', 'cards');
  await start('other');
  const { job } = await ask('job', 'wait', 'other');
  const [lab] = [path.join(root, 'old', 'lab')];
  const { directory } = (await ask('history')).document as unknown as { directory: string };
  assert.ok(directory.startsWith(lab));
  const record = path.join(directory, 'jobs', 'other', '1', 'record.json');
  const text = readFileSync(record, 'utf8');
  writeFileSync(record, text.replace(job.run, 'x').replace('"run"', '"ran"'));
  const listed = (await ask('job', 'list')).document as unknown as { jobs: Job[]; unreadable: unknown[] };
  assert.equal([listed.jobs.length, listed.unreadable.length], [1, 1]);
  assert.is((await ask('job', 'wait', 'other')).document.error?.code, 'job-damaged');

  const pruned = (await ask('history', '--prune', '0h')).document as unknown as {
    pruned: { jobs: string[] };
  };
  assert.equal(pruned.pruned.jobs, ['cards']);
  assert.is((await ask('job', 'forget', 'other')).exitCode, 0);
});

test('what is not a job is refused before anything is started', async () => {
  const { ask } = labNamed('wrong');
  const apply = ['apply', fixture('cards.yml')];
  const refused = async (...words: string[]) => (await ask(...apply, ...words)).exitCode;
  assert.is(await refused('--yes', '--detach'), 2);
  assert.is(await refused('--job', 'a', '--detach'), 2);
  assert.is(await refused('--yes', '--job', 'a/b', '--detach'), 2);
  assert.is((await ask('job', 'wait', 'a', '--for', 'soon')).exitCode, 2);
});

test.run();
