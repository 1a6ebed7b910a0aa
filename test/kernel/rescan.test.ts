import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { CARD_LIBRARY, FOUR_CARDS } from './cards.ts';
import { writePlaybook } from './playbooks.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, GuestStep, StepResult } from './rig.ts';
import { CHUNK_BYTES, NEW_REVISION, TARGET_MODULES, writeLab, writeServedPlaybook } from './served-lab.ts';
import { SERVED_LIBRARY } from './served-steps.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

/** What the kernel knows of one unit without asking it. */
const LIBRARY = `
scanned() { echo "$(</sys/bus/scsi/devices/$1/rev)" "$(cd "/sys/bus/scsi/devices/$1/scsi_generic" && echo sg*)"; }

# What udev does: a node for every unit, for as long as the step takes.
udev() { while true; do make_nodes; nap 0.1; done; }
`;

const STEPS: readonly GuestStep[] = [
  {
    // The lowest number is free, and so the unit that is scanned again gets it.
    name: 'moves',
    script: `
echo 1 >/sys/bus/scsi/devices/0:0:0:0/delete
rm /dev/sg0
udev & udev=$!
scanned 0:0:1:0
apply_playbook rescan moves --only 0:0:1:0 --report jsonl="$WORK/moves.jsonl" >"$WORK/moves.json"
code=$?
kill $udev
scanned 0:0:1:0
exit $code`,
  },
  {
    // Without the right to write in sysfs: nothing is taken away, and it is told.
    name: 'refused',
    script: `
set_revision 2.08
mount -o remount,ro /sys
apply_playbook stays refused --only 1:0:1:0 >"$WORK/refused.json"
code=$?
mount -o remount,rw /sys
scanned 1:0:1:0
exit $code`,
  },
  {
    name: 'served',
    script: `
rmmod scsi_debug
lab_up lab one
udev & udev=$!
hctl=(/sys/class/scsi_generic/sg0/device/scsi_device/*)
hctl=\${hctl[0]##*/}
scanned "$hctl"
apply_playbook served served >"$WORK/served.json"
code=$?
kill $udev
scanned "$hctl"
exit $code`,
  },
];

const ONE_CARD = `lab: v1
images: [{name: image.bin, bytes: 1MiB, rule: standard, revision: "${NEW_REVISION}"}]
devices: [{persona: hp-sas-expander, revision: "2.08"}]
`;

interface Document {
  readonly devices: readonly {
    readonly outcome: string;
    readonly after: string | null;
    readonly error: { readonly message: string } | null;
  }[];
}

const test = suite('rescan on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

const step = (name: string): StepResult => stepOf(guest, name);

/** What the kernel knew of the unit before and after. */
const scans = (name: string): string[] => step(name).stdout.trimEnd().split('\n');

function only(name: string): Document['devices'][number] {
  const { stderr } = step(name);
  const { devices } = JSON.parse(readFileSync(path.join(directory, `${name}.json`), 'utf8')) as Document;
  assert.is(devices.length, 1, stderr);
  return devices[0]!;
}

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-rescan-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    const newCode = '{run: [/bin/sh, -c, "printf 2.10 >/sys/module/scsi_debug/parameters/inq_rev"]}';
    await writePlaybook(directory, 'rescan', {
      seed: 1,
      expect: 3,
      activate: ['activate_mc', newCode, '{wait-ready: 30s}', 'rescan'],
    });
    await writePlaybook(directory, 'stays', {
      seed: 2,
      expect: 3,
      activate: ['activate_mc', '{wait-ready: 30s}', 'rescan'],
      verifyWithin: '2s',
    });
    await writeLab(directory);
    await writeServedPlaybook(directory, 'served', {
      match: '{type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ["2.08"]}',
      download: `{via: write-buffer, mode: dmc_offs_defer, bpw: ${CHUNK_BYTES}}`,
      activate: '[activate_mc, wait-ready: 30s, rescan]',
    });
    await writeFile(path.join(directory, 'one.yml'), ONE_CARD);
    guest = await runGuest({
      directory,
      modules: [...FOUR_CARDS, ...TARGET_MODULES],
      preparation: CARD_LIBRARY + PROGRAM_LIBRARY + SERVED_LIBRARY + LIBRARY,
      steps: STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('takes the unit away, scans its place, and finds it as another sg node', () => {
    const { outcome, after, error } = only('moves');
    assert.equal({ outcome, after, error }, { outcome: 'updated', after: '2.10', error: null });
    assert.is(step('moves').exitCode, 0);
    // What the kernel read when it scanned: only a scan of this unit renews it.
    assert.equal(scans('moves'), ['2.08 sg1', '2.10 sg0']);
    assert.match(
      readFileSync(path.join(directory, 'moves.jsonl'), 'utf8'),
      'came back as /dev/sg0 (was /dev/sg1)',
    );
  });

  test('takes nothing away that it could not scan again, and says what failed', () => {
    const { error } = only('refused');
    assert.match(error!.message, /rescan: 1:0:1:0: cannot write \/sys\/.*: EROFS/);
    assert.equal(scans('refused'), ['2.08 sg3']);
  });

  test('does the same with a unit that a lab serves', () => {
    const { outcome, error } = only('served');
    assert.equal({ outcome, error }, { outcome: 'updated', error: null }, step('served').stderr);
    assert.equal(scans('served'), ['2.08 sg0', `${NEW_REVISION} sg0`]);
  });
} else {
  missing('kernel', problem);
  test.skip('takes the unit away, scans its place, and finds it as another sg node');
}

test.run();
