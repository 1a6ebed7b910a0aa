import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, StepResult } from './rig.ts';
import { TARGET_MODULES } from './served-lab.ts';
import { SERVED_LIBRARY } from './served-steps.ts';
import { DISK, MODULES, NEW_REVISION, STORY_STEPS, writeStory } from './story-steps.ts';
import { isGood, readTrace } from './trace-facts.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

interface Report {
  readonly devices: readonly {
    readonly paths: readonly string[];
    readonly outcome: string;
    readonly before: string;
    readonly after: string;
  }[];
  readonly exit: { readonly name: string };
}

const test = suite('the life of a playbook on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;
let imageSha256 = '';

const step = (name: string): StepResult => stepOf(guest, name);
const written = (name: string): string => readFileSync(path.join(directory, name), 'utf8');
const outcomes = ({ devices }: Report): string[] =>
  devices.map(({ paths, outcome, before, after }) => `${paths.join()} ${outcome} ${before} ${after}`);

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-story-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    imageSha256 = await writeStory(directory);
    guest = await runGuest({
      directory,
      modules: TARGET_MODULES,
      preparation: PROGRAM_LIBRARY + SERVED_LIBRARY,
      steps: STORY_STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('init writes a playbook from what the device says, with the hash of the image', () => {
    assert.is(step('up').exitCode, 0, step('up').stderr);
    assert.is(step('init').exitCode, 0, step('init').stderr);
    // What pin wrote last, which is what init wrote first.
    const playbook = written('disk.yml');
    assert.match(playbook, /product: "DISK"/);
    assert.match(playbook, /revision: \["0001"\]/);
    assert.match(playbook, /mode: dmc_offs_defer/);
    assert.match(playbook, /- activate_mc/);
  });

  test('a playbook that is pinned to another image is invalid, until pin has written the hash', () => {
    assert.is(step('other-pin').exitCode, 3);
    assert.match(step('other-pin').stderr + step('other-pin').stdout, /\[sha256\]|hash/i);
    assert.is(step('pin').exitCode, 0, step('pin').stderr);
    assert.match(written('disk.yml'), `sha256: "${imageSha256}"`);
    assert.is(step('validate').exitCode, 0, step('validate').stdout);
  });

  test('lint asks for the reason that init cannot know', () => {
    assert.is(step('lint').exitCode, 0);
    assert.match(step('lint').stdout + step('lint').stderr, /\[no-why\]/);
  });

  test('the rehearsal looks at nothing real, and ends well', () => {
    assert.is(step('rehearsal').exitCode, 0, step('rehearsal').stdout);
    assert.match(step('rehearsal').stdout, /as-expected .* 0 +updated/);
    assert.is(step('before').stdout, '0001\n', 'the real one is as before');
  });

  test('apply upgrades the device that the playbook was made from', () => {
    const report = JSON.parse(step('apply').stdout) as Report;
    assert.is(report.exit.name, 'OK', step('apply').stderr);
    assert.equal(outcomes(report), [`${DISK} updated 0001 ${NEW_REVISION}`]);
    assert.is(step('after').stdout, `${NEW_REVISION}\n`);
  });

  test('of two modules of one enclosure the second is begun when the first runs the new code', () => {
    step('modules');
    const report = JSON.parse(written('modules.json')) as Report;
    assert.is(report.exit.name, 'OK', written('modules.err'));
    assert.equal(
      outcomes(report),
      MODULES.map((node) => `${node} updated 0100 ${NEW_REVISION}`),
    );
    const records = readTrace(path.join(directory, 'modules.trace'));
    const pagesOf = (node: string): number[] =>
      [...records.keys()].filter((at) => records[at]!.device === node && records[at]!.cdb.startsWith('1d'));
    const [first, second] = MODULES.map(pagesOf) as [number[], number[]];
    const [lastOfFirst, firstOfSecond] = [Math.max(...first), Math.min(...second)];
    assert.ok(first.length > 1 && second.length > 1);
    assert.ok(
      lastOfFirst < firstOfSecond,
      `page ${lastOfFirst} of ${MODULES[0]}, ${firstOfSecond} of the other`,
    );
    const between = records
      .slice(lastOfFirst, firstOfSecond)
      .filter((record) => record.device === MODULES[0] && isGood(record))
      .map(({ cdb }) => cdb.slice(0, 2));
    for (const look of ['12', '00', '1c'])
      assert.ok(between.includes(look), `${look} is not in ${between.join()}`);
    assert.is(step('modules-after').stdout, `${NEW_REVISION}\n${NEW_REVISION}\n`);
  });

  test('leaves nothing behind', () => {
    assert.equal(step('down').stdout.trimEnd().split('\n').slice(1), ['nodes:', 'targets:']);
  });
} else {
  missing('kernel', problem);
  test.skip('init writes a playbook from what the device says, with the hash of the image');
}

test.run();
