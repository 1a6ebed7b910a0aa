import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { CARD_LIBRARY, TWO_CARDS_TWICE } from './cards.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { pathsSteps } from './paths-steps.ts';
import { CHUNK_BYTES, LONG_IMAGE_BYTES, writePlaybook } from './playbooks.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, StepResult } from './rig.ts';
import { byDevice, isActivation, isWriteBuffer, readTrace, unearnedActivation } from './trace-facts.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

interface Device {
  readonly id: string;
  readonly paths: readonly string[];
  readonly action: string;
  readonly reason: string | null;
  readonly outcome: string;
}

interface Document {
  readonly devices: readonly Device[];
  readonly exit: { readonly code: number; readonly name: string };
}

/** One logical unit each, as scsi_debug counts them. */
const CARDS = [
  { id: 'naa.33333330000007d0', paths: ['/dev/sg0', '/dev/sg2'] },
  { id: 'naa.3333333000000bb8', paths: ['/dev/sg1', '/dev/sg3'] },
] as const;

const test = suite('paths on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

const step = (name: string): StepResult => stepOf(guest, name);

const written = (name: string): string => readFileSync(path.join(directory, name), 'utf8');
const trace = (name: string) => readTrace(path.join(directory, `${name}.trace`));
const document = (text: string): Document => JSON.parse(text) as Document;
const units = ({ devices }: Document) => devices.map(({ id, paths }) => ({ id, paths }));

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-paths-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await bundleForGuest('test/kernel/guest-contract.ts', path.join(directory, 'contract.cjs'), directory);
    await writePlaybook(directory, 'cards', { seed: 1, expect: 2, imageBytes: LONG_IMAGE_BYTES });
    await writePlaybook(directory, 'dies', { seed: 3, expect: 2, verifyWithin: '5s' });
    await writePlaybook(directory, 'six', { seed: 2, expect: 5 });
    guest = await runGuest({
      directory,
      modules: TWO_CARDS_TWICE,
      preparation: CARD_LIBRARY + PROGRAM_LIBRARY,
      steps: pathsSteps(),
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('two hosts with one logical unit are one target with two paths', () => {
    const plan = document(step('plan').stdout);
    assert.is(plan.exit.name, 'OK');
    assert.equal(units(plan), CARDS);
    assert.equal(
      plan.devices.map(({ action }) => action),
      ['update', 'update'],
    );
  });

  test('each unit is written once, over one of its paths', () => {
    const report = document(step('apply').stdout);
    assert.is(report.exit.name, 'OK', step('apply').stderr);
    assert.equal(units(report), CARDS);
    assert.equal(
      report.devices.map(({ outcome }) => outcome),
      ['updated', 'updated'],
    );
    const writes = byDevice(trace('cards').filter(isWriteBuffer));
    assert.is(writes.size, CARDS.length, [...writes.keys()].join());
    for (const { paths } of CARDS) {
      const used = paths.filter((node) => writes.has(node));
      assert.is(used.length, 1, used.join());
      const own = writes.get(used[0]!)!;
      assert.is(own.filter((record) => !isActivation(record)).length >= LONG_IMAGE_BYTES / CHUNK_BYTES, true);
      assert.is(own.filter(isActivation).length, 1);
      assert.is(unearnedActivation(own, LONG_IMAGE_BYTES), null);
    }
    const after = [...step('apply-after').stdout.matchAll(/Product revision level: (\S+)/g)];
    assert.equal(
      after.map(([, revision]) => revision),
      ['2.10', '2.10', '2.10', '2.10'],
    );
  });

  test('while a run works on a unit, status over any of its paths ends with 11 and asks the unit nothing', () => {
    const codes = written('codes').trimEnd().split('\n');
    assert.equal(codes.slice(0, 2), ['11', '11']);
    // The node that the run has open, and the other path of the other unit.
    for (const [node, card] of [
      [0, CARDS[0]],
      [3, CARDS[1]],
    ] as const) {
      const { devices, exit } = JSON.parse(written(`status${node}`)) as {
        devices: { id: string; lockedBy: { run: string; pid: number }; subenclosures: unknown[] }[];
        exit: { name: string };
      };
      assert.is(exit.name, 'BUSY');
      assert.equal(
        devices.map(({ id, subenclosures }) => ({ id, subenclosures })),
        [{ id: card.id, subenclosures: [] }],
      );
      const { run, pid } = devices[0]!.lockedBy;
      assert.match(run, /^\d{8}T/);
      assert.ok(pid > 0);
    }
    assert.match(step('apply-after').stdout, /exit 0$/m, 'the lock is free after the run');
  });

  test('a second run over the other path is refused, and sends nothing', () => {
    assert.is(document(written('second')).exit.name, 'BUSY');
    assert.is(written('codes').trimEnd().split('\n').at(-1), '11');
    assert.equal(trace('second').filter(isWriteBuffer), []);
  });

  test('a path that dies with the activation makes the unit degraded, until it answers again', () => {
    const told = ['dies', 'verify-offline', 'verify-running'].map((name) => {
      const { devices, exit } = document(written(name));
      return [
        exit.name,
        ...devices.flatMap((unit) => (unit.outcome === 'not-selected' ? [] : [unit.outcome])),
      ];
    });
    assert.equal(told, [
      ['FAILED', 'degraded'],
      ['FAILED', 'degraded'],
      ['OK', 'updated'],
    ]);
    assert.equal(written('codes-dies').trimEnd().split('\n'), ['1', '1', '0']);
    const [{ reason }] = document(written('verify-offline')).devices as [Device];
    assert.match(reason!, /runs 2\.10, but a path does not answer any more: .*\/dev\/sg2/);
    const records = trace('dies');
    const last = records.findLastIndex(isActivation);
    const asked = records.filter(({ device }, at) => device === CARDS[0].paths[1] && at > last);
    assert.ok(asked.length > 0, 'it is asked after the activation');
    assert.equal([...new Set(asked.map(({ cdb }) => cdb.slice(0, 2)))], ['12'], 'by INQUIRY alone');
  });

  test('two cards with one name and one serial number are refused, and nothing is sent to any card', () => {
    assert.is(step('six').stdout.trimEnd().split('\n').length, 6, step('six').stderr);
    const { devices, exit } = document(step('trap').stdout);
    assert.is(exit.name, 'REFUSED', step('trap').stderr);
    const trapped = devices.filter(({ paths }) => paths.length > 1);
    assert.equal(
      trapped.map(({ paths, outcome }) => [...paths, outcome]),
      [['/dev/sg2', '/dev/sg3', 'refused']],
    );
    assert.match(trapped[0]!.reason!, /share the designator .* the same port at address 0:2:0 and 0:0:0/);
    assert.equal(trace('trap').filter(isWriteBuffer), []);
  });

  test('SG_IO keeps the transport contract', () => {
    const { stdout, stderr, exitCode } = step('contract');
    const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { passed: number; total: number };
    assert.is(result.passed, result.total, `${stdout}\n${stderr}`);
    assert.ok(result.total >= 8);
    assert.is(exitCode, 0);
  });
} else {
  missing('kernel', problem);
  test.skip('two hosts with one logical unit are one target with two paths');
}

test.run();
