import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { parseJunit } from '../unit/report/junit-document.ts';
import { obeys } from '../unit/report/schemas.ts';
import { CARD_LIBRARY, FOUR_CARDS } from './cards.ts';
import { CHUNK_BYTES, IMAGE_BYTES, writePlaybook } from './playbooks.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, GuestStep, StepResult } from './rig.ts';
import { byDevice, isWriteBuffer, readTrace } from './trace-facts.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

interface Document {
  readonly devices: readonly { readonly paths: readonly string[]; readonly outcome: string }[];
  readonly exit: { readonly code: number; readonly name: string };
}

const EXTENSIONS = { json: 'json', jsonl: 'jsonl', junit: 'xml', markdown: 'md' } as const;

/** All kinds of report of one command, in `$WORK/NAME.…`. */
const reports = (name: string): string =>
  Object.entries(EXTENSIONS)
    .map(([kind, extension]) => `--report ${kind}="$WORK/${name}.${extension}"`)
    .join(' ');

const STEPS: readonly GuestStep[] = [
  {
    name: 'updated',
    script: `
when_traced "$WORK/updated.trace" '"cdb":"3b0f' 1 set_revision 2.10 &
apply_playbook card updated --only /dev/sg0 ${reports('updated')}`,
  },
  {
    name: 'unverified',
    script: `set_revision 2.08; apply_playbook stays unverified --only /dev/sg1 ${reports('unverified')}`,
  },
  {
    name: 'verified',
    script: `set_revision 2.10; runbook verify --format json ${reports('verified')}`,
  },
  {
    // A file that cannot be written is told before any device is opened.
    name: 'nowhere',
    script: `set_revision 2.08
apply_playbook card nowhere --only /dev/sg2 --report junit="$WORK/nowhere/report.xml"`,
  },
];

const test = suite('report files on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

const step = (name: string): StepResult => stepOf(guest, name);
const kept = (name: string, kind: keyof typeof EXTENSIONS): string =>
  readFileSync(path.join(directory, `${name}.${EXTENSIONS[kind]}`), 'utf8');

/** What the step printed, and the same in its files. */
function documentOf(name: string): Document {
  const { stdout, stderr, exitCode } = step(name);
  const document = JSON.parse(stdout) as Document;
  assert.is(document.exit.code, exitCode, stderr);
  assert.equal(JSON.parse(kept(name, 'json')), document, 'json');
  const lines = kept(name, 'jsonl').trimEnd().split('\n');
  for (const line of lines.slice(0, -1)) obeys('events', JSON.parse(line));
  assert.equal(JSON.parse(lines.at(-1)!), document, 'jsonl');
  return document;
}

function outcomes(name: string, outcome: string): string[] {
  const { devices } = documentOf(name);
  return devices.filter((device) => device.outcome === outcome).flatMap(({ paths }) => paths);
}

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-reports-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await writePlaybook(directory, 'card', { seed: 1 });
    await writePlaybook(directory, 'stays', { seed: 2, verifyWithin: '2s' });
    guest = await runGuest({
      directory,
      modules: FOUR_CARDS,
      preparation: CARD_LIBRARY + PROGRAM_LIBRARY,
      steps: STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('apply upgrades a card and keeps its report in each kind', () => {
    assert.equal(outcomes('updated', 'updated'), ['/dev/sg0'], step('updated').stdout);
    assert.is(step('updated').exitCode, 0);
    const writes = byDevice(readTrace(path.join(directory, 'updated.trace')).filter(isWriteBuffer));
    assert.equal(
      [...writes].map(([node, records]) => [node, records.length]),
      [['/dev/sg0', IMAGE_BYTES / CHUNK_BYTES + 1]],
    );
    const lines = kept('updated', 'jsonl');
    assert.match(lines, /^\{.*"type":"run-started"/);
    assert.match(lines, `"doneBytes":${IMAGE_BYTES}`);
    assert.is(parseJunit(kept('updated', 'junit')).attributes['failures'], '0');
    assert.match(kept('updated', 'markdown'), /\*\*1 updated/);
  });

  test('apply keeps the report of a card that shows its old revision', () => {
    assert.equal(outcomes('unverified', 'unverified'), ['/dev/sg1'], step('unverified').stdout);
    assert.is(step('unverified').exitCode, 12);
    assert.is(parseJunit(kept('unverified', 'junit')).attributes['failures'], '1');
    assert.match(kept('unverified', 'markdown'), /\*\*1 unverified/);
  });

  test('verify looks at that card again and keeps its report in each kind', () => {
    assert.equal(outcomes('verified', 'updated'), ['/dev/sg1'], step('verified').stdout);
    assert.is(step('verified').exitCode, 0);
    assert.is(parseJunit(kept('verified', 'junit')).attributes['failures'], '0');
    assert.match(kept('verified', 'markdown'), /\*\*1 updated/);
  });

  test('a report that cannot be written is told before a device is opened', () => {
    assert.is(step('nowhere').exitCode, 2, step('nowhere').stdout);
    assert.match(step('nowhere').stdout, 'nowhere/report.xml: cannot be written');
    assert.not(existsSync(path.join(directory, 'nowhere.trace')));
  });
} else {
  missing('kernel', problem);
  test.skip('apply upgrades a card and keeps its report in each kind');
}

test.run();
