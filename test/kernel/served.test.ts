import * as assert from 'uvu/assert';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, StepResult } from './rig.ts';
import {
  CHUNK_BYTES,
  IMAGE_BYTES,
  NEW_REVISION,
  SERVED_COUNT,
  TARGET_MODULES,
  node,
  writeLab,
  writeServedPlaybook,
} from './served-lab.ts';
import { SERVED_LIBRARY, SERVED_STEPS } from './served-steps.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

interface Unit {
  readonly sgNode: string;
  readonly id: string;
  readonly revision: string;
}

/** Each command has its own part of it. */
interface Document {
  readonly exit: { readonly code: number; readonly name: string };
  readonly error: { readonly message: string };
  readonly devices: readonly {
    readonly paths: readonly string[];
    readonly outcome: string;
    readonly before: string;
    readonly after: string;
    readonly bytes: number;
    readonly chunks: number;
  }[];
  readonly labs: readonly { readonly up: boolean; readonly result: string }[];
}

const test = suite('served lab on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

const step = (name: string): StepResult => stepOf(guest, name);

/** What the step printed, without its last line feed; what went wrong comes with a failed comparison. */
const lines = (name: string): string[] => step(name).stdout.trimEnd().split('\n');

function document(name: string): Document {
  const { stdout, stderr } = step(name);
  try {
    return JSON.parse(stdout) as Document;
  } catch {
    throw new Error(`step ${name} printed no JSON:\n${stdout}\n${stderr}`);
  }
}

/** A report of apply: node → outcome and the revisions around it. */
function outcomes(name: string): Record<string, string> {
  const { devices } = document(name);
  return Object.fromEntries(
    devices.map(({ paths, outcome, before, after }) => [paths.join(), `${outcome} ${before} ${after}`]),
  );
}

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-served-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await bundleForGuest('test/kernel/guest-contract.ts', path.join(directory, 'contract.cjs'), directory);
    await writeLab(directory);
    await writeServedPlaybook(directory, 'card', {
      match: '{type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ["2.06", "2.08"]}',
      download: `{via: write-buffer, mode: dmc_offs_defer, bpw: ${CHUNK_BYTES}, otherwise: {when: mode-not-supported, mode: dmc_offs_save}}`,
      activate: '[activate_mc, wait-ready: 30s]',
    });
    await writeServedPlaybook(directory, 'disk', {
      match: '{type: disk, vendor: LAB, product: DISK, revision: ["0001"]}',
      download: '{via: write-buffer, mode: dmc_offs_save, bpw: 65536}',
      activate: '[wait-ready: 30s, power-cycle]',
      within: '5s',
    });
    guest = await runGuest({
      directory,
      modules: TARGET_MODULES,
      preparation: PROGRAM_LIBRARY + SERVED_LIBRARY,
      steps: SERVED_STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('brings up every device of the lab as an sg node, in the order of the lab', () => {
    assert.is(step('up').exitCode, 0, step('up').stderr);
    const nodes = lines('up').map((line) => /(\/dev\/sg\d+) *$/.exec(line)?.[1]);
    assert.equal(
      nodes,
      Array.from({ length: SERVED_COUNT }, (_, index) => `/dev/sg${index}`),
    );
    assert.match(step('up').stdout, /enclosu HP +HP SAS EXP Card +2\.08/);
    assert.match(step('up').stdout, /disk +LAB +DISK +0001/);
    assert.match(step('up').stdout, /enclosu LAB +SES SHELF +0100/);
  });

  test('reads the nickname of a shelf as sg_ses does', () => {
    assert.match(step('nickname').stdout, /^ *nickname: rack 7, top *$/m, step('nickname').stderr);
    // Of the unit, and of its place in the picture.
    assert.ok(Number(lines('nickname').at(-1)) >= 1);
  });

  test('refuses a lab that is up already, with a code of its own', () => {
    assert.is(step('twice').exitCode, 11);
    const { error } = document('twice');
    assert.match(error.message, /is up already, served by process \d+/);
  });

  test('takes an image from sg_write_buffer byte for byte, and activates it when told to', () => {
    assert.equal(lines('peer'), ['exit 0', '2.08', 'exit 0', NEW_REVISION], step('peer').stderr);
  });

  test('refuses an image with one wrong bit at its end: sg_write_buffer fails, the revision stays', () => {
    const [exit, revision] = lines('damaged');
    assert.is(exit, 'exit 5'); // ILLEGAL REQUEST
    assert.is(revision, '2.08');
  });

  test('takes a whole image in one command', () => {
    assert.equal(lines('whole'), ['exit 0', NEW_REVISION], step('whole').stderr);
  });

  test('gives the sense data of a fault of the lab to the initiator', () => {
    const { stdout, stderr } = step('refused');
    assert.is(stdout, 'exit 3\n2.08\n'); // HARDWARE ERROR
    assert.match(stderr, /Hardware Error/i);
  });

  test('takes images from sg_ses_microcode, and refuses what the real shelves refuse', () => {
    // Without --non the peculiar one answers the second page with 5/26/00.
    const exits = ['exit 0', 'exit 0', 'exit 0', 'exit 5', 'exit 0', 'exit 0'];
    assert.equal(lines('ses'), exits, step('ses').stderr);
  });

  test('shows sg_ses_microcode the status that each kind of shelf ends with', () => {
    const { stdout } = step('ses-status');
    const found = [...stdout.matchAll(/microcode status: .*\[0x(\w+)\]$/gm)].map(([, status]) => status);
    // shelf, immediate, deferred, non, then the three of the triple one: 0, 2, 1.
    assert.equal(found, ['12', '10', '13', '10', '0', '0', '10'], stdout);
    // The shelf waits for its power; the second subenclosure has its own revision, and the primary one keeps its.
    const revisions = [...stdout.matchAll(/^(\d[\d.]+)$/gm)].map(([, revision]) => revision);
    assert.equal(revisions, ['0100', NEW_REVISION, NEW_REVISION, NEW_REVISION, '0100'], stdout);
    const modules = [...stdout.matchAll(/product: (SHELF \w+) +rev: (\S+)/g)].map(([, ...row]) =>
      row.join(' '),
    );
    assert.equal(modules, ['SHELF PSU 0030', `SHELF IOM ${NEW_REVISION}`]);
  });

  test('keeps the transport contract over the kernel, large data to the device included', () => {
    const { stdout, stderr, exitCode } = step('contract');
    const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { passed: number; total: number };
    assert.is(result.passed, result.total, `${stdout}\n${stderr}`);
    assert.ok(result.total >= 8);
    assert.is(exitCode, 0);
  });

  test('runbook upgrades two cards over the kernel, the older one by its other mode', () => {
    assert.is(document('card').exit.name, 'OK', step('card').stdout);
    assert.equal(outcomes('card'), {
      [node('card')]: `updated 2.08 ${NEW_REVISION}`,
      [node('oldCard')]: `updated 2.06 ${NEW_REVISION}`,
    });
    const { devices } = document('card');
    for (const { bytes, chunks } of devices) {
      assert.equal({ bytes, chunks }, { bytes: IMAGE_BYTES, chunks: IMAGE_BYTES / CHUNK_BYTES });
    }
    assert.equal(lines('card-after'), [NEW_REVISION, NEW_REVISION]);
  });

  test('a power cycle of one device of the lab turns its pending image into the new revision', () => {
    assert.is(document('disk').exit.name, 'PENDING', step('disk').stdout);
    assert.equal(outcomes('disk'), { [node('disk')]: 'pending 0001 0001' });
    const [before, ...rest] = lines('power-cycle');
    assert.is(before, '0001');
    assert.is(rest.pop(), NEW_REVISION);
    const { units } = JSON.parse(rest.join('\n')) as { units: Unit[] };
    assert.equal(
      units.map(({ sgNode, revision }) => `${sgNode} ${revision}`),
      [`${node('disk')} ${NEW_REVISION}`],
    );
  });

  test('a power cycle of the lab reaches every device', () => {
    assert.equal(lines('power-cycle-all'), ['0100', NEW_REVISION]);
  });

  test('a device that does not answer is a time-out for the initiator, at its own time', () => {
    assert.match(step('silent').stderr, /DID_TIME_OUT/);
  });

  test('a reset of the unit by the error handler drops the partial image and raises unit attentions', () => {
    const { stdout } = step('lun-reset');
    assert.match(stdout, /^exit 0\nexit 0\n/);
    assert.match(stdout, /Bus device reset function occurred/i); // the kernel's own
    assert.match(stdout, /SCSI bus reset occurred/i); // the device's
    assert.match(stdout, /exit 5\n$/, 'a chunk of the dropped image: ILLEGAL REQUEST');
  });

  test('after kill -9 with a command in flight the next lab up cleans and comes up', () => {
    const { labs } = document('killed');
    assert.equal(
      labs.map(({ up }) => up),
      [false],
    );
    const { stderr } = step('killed');
    assert.match(stderr, /^exit 0$/m);
    assert.match(stderr, /^hanging [1-9]\d*$/m, 'the command that was in flight came back');
    for (let index = 0; index < SERVED_COUNT; index++)
      assert.match(stderr, new RegExp(`/dev/sg${index} *$`, 'm'));
  });

  test('lab down and a signal leave nothing in the kernel and no node', () => {
    const { labs } = document('down');
    assert.equal(
      labs.map(({ result }) => result),
      ['taken-down'],
    );
    assert.equal(lines('down-left'), ['nodes:', 'targets:']);
    assert.equal(lines('signal'), ['exit 0']);
    assert.equal(lines('signal-left'), ['nodes:', 'targets:', 'no lab is up']);
  });

  test('a signal ends a lab whose device hangs while the kernel scans it', () => {
    assert.equal(lines('stuck-signal'), ['exit 143'], step('stuck-signal').stderr);
  });

  test('lab down frees a process that was killed in the middle of a scan', () => {
    const [status, down] = lines('stuck-killed');
    assert.match(status!, /its process is gone/);
    assert.match(down!, /stuck\.yml: cleaned up$/);
  });
} else {
  missing('kernel', problem);
  test.skip('brings up every device of the lab as an sg node');
}

test.run();
