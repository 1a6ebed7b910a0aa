import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { CARD_LIBRARY, FOUR_CARDS } from './cards.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { CHUNK_BYTES, IMAGE_BYTES, LONG_IMAGE_BYTES, writePlaybook } from './playbooks.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, StepResult } from './rig.ts';
import { PROGRAM_LIBRARY, UPGRADE_STEPS } from './upgrade-steps.ts';
import {
  byDevice,
  isActivation,
  isGood,
  isLost,
  isUnitAttention,
  isWriteBuffer,
  readTrace,
  unearnedActivation,
} from './trace-facts.ts';

const NODES = ['/dev/sg0', '/dev/sg1', '/dev/sg2', '/dev/sg3'];

interface Report {
  readonly format: string;
  readonly devices: readonly {
    readonly paths: readonly string[];
    readonly before: string | null;
    readonly after: string | null;
    readonly outcome: string;
    readonly bytes: number;
    readonly chunks: number;
    readonly error: { readonly layer: string; readonly message: string; readonly next: string } | null;
  }[];
  readonly exit: { readonly code: number; readonly name: string };
}

const test = suite('upgrade on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

const step = (name: string): StepResult => stepOf(guest, name);

/** The one JSON document that a step printed, whose exit code is that of the process. */
function report(name: string): Report {
  const { exitCode, stdout, stderr } = step(name);
  let document: Report;
  try {
    document = JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`step ${name}, exit code ${exitCode}, printed no JSON:\n${stdout}\n${stderr}`);
  }
  assert.is(document.exit.code, exitCode);
  if (document.exit.name === 'INTERNAL') throw new Error(`step ${name}: ${stdout}\n${stderr}`);
  return document;
}

const trace = (name: string) => readTrace(path.join(directory, `${name}.trace`));
const column = (name: string, key: 'before' | 'after' | 'outcome') =>
  report(name).devices.map((device) => device[key]);
const fourTimes = <T>(value: T): T[] => NODES.map(() => value);

/** Product revisions that sg_inq read afterwards, sg0 to sg3. */
const freshRevisions = (name: string) =>
  [...step(name).stdout.matchAll(/Product revision level: (.*)$/gm)].map(([, revision]) => revision!.trim());

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-upgrade-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await writePlaybook(directory, 'no-match', { seed: 1, product: 'HP SAS EXP Kard' });
    await writePlaybook(directory, 'wrong-hash', { seed: 2, sha256: '00'.repeat(32) });
    await writePlaybook(directory, 'wrong-start', { seed: 3, startRevisions: ['2.06', '2.07'] });
    await writePlaybook(directory, 'upgrade', { seed: 4 });
    await writePlaybook(directory, 'unverified', { seed: 5, verifyWithin: '2s' });
    await writePlaybook(directory, 'lost-chunk', { seed: 7, imageBytes: LONG_IMAGE_BYTES, timeout: '5s' });
    await writePlaybook(directory, 'dropped', { seed: 6, verifyWithin: '2s', timeout: '3s' });
    await bundleForGuest('test/kernel/guest-stopped.ts', path.join(directory, 'stopped.cjs'), directory);
    guest = await runGuest({
      directory,
      modules: FOUR_CARDS,
      preparation: CARD_LIBRARY + PROGRAM_LIBRARY,
      steps: UPGRADE_STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('lists the devices that lsscsi lists', () => {
    const listed = step('lsscsi').stdout.trimEnd().split('\n');
    const { devices } = JSON.parse(step('devices').stdout) as {
      devices: { hctl: string; vendor: string; product: string; revision: string; sgNode: string }[];
    };
    assert.is(devices.length, NODES.length);
    assert.equal(
      devices.map((device) =>
        [device.hctl, device.vendor, device.product, device.revision, device.sgNode].join('|'),
      ),
      listed.map((line) => {
        const found = /^\[(\S+)\] +enclosu (.{8}) (.{16}) (.{4}) .*(\/dev\/sg\d+)/.exec(line) ?? [];
        return found
          .slice(1)
          .map((field) => field.trim())
          .join('|');
      }),
    );
  });

  test('sends no WRITE BUFFER when nothing matches', () => {
    const { exit, devices } = report('no-match');
    assert.equal(exit, { code: 10, name: 'NOMATCH' });
    assert.equal(devices, []);
    assert.is(trace('no-match').filter(isWriteBuffer).length, 0);
  });

  test('sends no WRITE BUFFER when the hash of the image is another', () => {
    assert.is(step('wrong-hash').exitCode, 3);
    assert.is((JSON.parse(step('wrong-hash').stdout) as Report).exit.name, 'INVALID');
    assert.is(trace('wrong-hash').filter(isWriteBuffer).length, 0);
  });

  test('sends no WRITE BUFFER when the start revision is not listed', () => {
    assert.equal(report('wrong-start').exit, { code: 4, name: 'REFUSED' });
    assert.equal(column('wrong-start', 'outcome'), fourTimes('refused'));
    assert.is(trace('wrong-start').filter(isWriteBuffer).length, 0);
  });

  test('upgrades four cards at once although a unit attention is pending on each', () => {
    const { exit, devices } = report('upgrade');
    assert.equal(exit, { code: 0, name: 'OK' }, JSON.stringify(devices));
    assert.equal(column('upgrade', 'outcome'), fourTimes('updated'));
    assert.equal(column('upgrade', 'before'), fourTimes('2.08'));
    assert.equal(column('upgrade', 'after'), fourTimes('2.10'));
    assert.equal(freshRevisions('upgrade-after'), fourTimes('2.10'));
    assert.equal(devices.flatMap(({ paths }) => paths).sort(), NODES);
    for (const { bytes, chunks } of devices) {
      assert.equal({ bytes, chunks }, { bytes: IMAGE_BYTES, chunks: IMAGE_BYTES / CHUNK_BYTES });
    }
  });

  test('clears the unit attention, sends every chunk once, then activates once', () => {
    const devices = byDevice(trace('upgrade'));
    assert.equal([...devices.keys()].sort(), NODES);
    for (const [node, records] of devices) {
      const firstWrite = records.findIndex(isWriteBuffer);
      assert.ok(
        records.slice(0, firstWrite).some(isUnitAttention),
        `${node}: no unit attention before the first chunk`,
      );
      assert.is(records.filter(isWriteBuffer).length, IMAGE_BYTES / CHUNK_BYTES + 1, node);
      assert.is(records.filter(isActivation).length, 1, node);
      assert.ok(records.filter(isWriteBuffer).every(isGood), node);
      assert.is(unearnedActivation(records, IMAGE_BYTES), null, node);
    }
  });

  test('works on the cards side by side', () => {
    const writes = trace('upgrade').filter(isWriteBuffer);
    const begins = NODES.map((node) => writes.findIndex(({ device }) => device === node));
    const firstEnd = writes.findIndex(isActivation);
    assert.ok(
      begins.every((begin) => begin >= 0 && begin < firstEnd),
      `first chunks at ${begins.join(', ')}, first activation at ${firstEnd}`,
    );
  });

  test('finds the cards at the target the next time and writes nothing', () => {
    assert.equal(report('again').exit, { code: 0, name: 'OK' });
    assert.equal(column('again', 'outcome'), fourTimes('current'));
    assert.is(trace('again').filter(isWriteBuffer).length, 0);
  });

  test('says unverified when all was accepted and the revision stays', () => {
    assert.equal(report('unverified').exit, { code: 12, name: 'UNVERIFIED' });
    assert.equal(column('unverified', 'outcome'), fourTimes('unverified'));
    assert.equal(column('unverified', 'after'), fourTimes('2.08'));
    assert.equal(freshRevisions('unverified-after'), fourTimes('2.08'));
    assert.is(trace('unverified').filter(isActivation).length, 4);
  });

  test('begins once more from offset 0 when a chunk got no answer, and upgrades', () => {
    const { exit, devices } = report('lost-chunk');
    assert.equal(exit, { code: 0, name: 'OK' }, JSON.stringify(devices));
    assert.equal(
      devices.map(({ paths, outcome, after, bytes }) => ({ paths, outcome, after, bytes })),
      [{ paths: ['/dev/sg0'], outcome: 'updated', after: '2.10', bytes: LONG_IMAGE_BYTES }],
    );
    const records = trace('lost-chunk').filter(({ device }) => device === '/dev/sg0');
    const writes = records.filter(isWriteBuffer);
    assert.is(writes.filter(isLost).length, 1);
    assert.is(writes.filter(({ cdb }) => cdb.startsWith('3b0e00000000')).length, 2, 'first chunks');
    const afterLoss = writes[writes.findIndex(isLost) + 1];
    assert.match(afterLoss?.cdb ?? '', /^3b0e00000000/, 'the lost chunk is not sent again in the middle');
    assert.is(writes.filter(isActivation).length, 1);
    assert.is(unearnedActivation(records, LONG_IMAGE_BYTES), null);
  });

  test('ends with a true verdict when commands get no answer again and again', () => {
    const { exit, devices } = report('dropped');
    const records = trace('dropped');
    assert.ok(records.some(isLost), 'no command was dropped');
    assert.is(devices.length, NODES.length);
    assert.equal(freshRevisions('dropped-after'), fourTimes('2.08'));
    for (const device of devices) {
      const node = device.paths.join();
      assert.ok(['failed', 'unverified', 'lost'].includes(device.outcome), `${node} is ${device.outcome}`);
      if (device.after !== null) assert.is(device.after, '2.08', node);
      if (device.outcome === 'unverified') assert.is(device.bytes, IMAGE_BYTES, node);
      else assert.ok(device.error !== null && device.error.next !== '', `${node}: no error with a next step`);
    }
    const outcomes = new Set(devices.map(({ outcome }) => outcome));
    assert.is(exit.name, outcomes.has('lost') ? 'LOST' : outcomes.has('failed') ? 'FAILED' : 'UNVERIFIED');
    for (const [node, own] of byDevice(records)) {
      assert.is(unearnedActivation(own, IMAGE_BYTES), null, node);
    }
  });
  test('a second run on a card is refused with exit 11, names the first one, and sends nothing', () => {
    const { exit, devices } = report('held');
    assert.equal(exit, { code: 11, name: 'BUSY' }, JSON.stringify(devices));
    assert.equal(column('held', 'outcome'), ['refused']);
    const { run } = JSON.parse(readFileSync(path.join(directory, 'first.answer'), 'utf8')) as { run: string };
    assert.match(
      devices[0]!.error!.message,
      new RegExp(`another run is working on this unit: process \\d+, run ${run}, since 20`),
    );
    assert.is(trace('held').filter(isWriteBuffer).length, 0);
  });

  test('sends a command once although the process is stopped while it waits and goes on later', () => {
    const good = '{"errno":0,"status":0,"hostStatus":0}';
    assert.equal(step('stopped').stdout.trim().split('\n'), [good, '2'], step('stopped').stderr);
    // What the kernel makes of it otherwise: should this ever change, the guard is not needed any more.
    assert.equal(step('stopped-bare').stdout.trim().split('\n'), [good, '3'], step('stopped-bare').stderr);
  });
} else {
  missing('kernel', problem);
  test.skip('upgrades four cards at once');
}

test.run();
