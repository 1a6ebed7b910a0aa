import * as assert from 'uvu/assert';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest } from './rig.ts';
import type { GuestRun, StepResult } from './rig.ts';
import { TARGET_MODULES } from './served-lab.ts';
import { SERVED_LIBRARY } from './served-steps.ts';
import { ROWS, SHELF_LIBRARY, SHELF_STEPS, ourNode, writeShelves } from './shelves.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

const test = suite('shelves on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

function step(name: string): StepResult {
  const result = guest.steps.get(name);
  if (result === undefined) throw new Error(`step ${name} was not finished:\n${guest.console}`);
  return result;
}

const lines = (name: string): string[] => step(name).stdout.trimEnd().split('\n');
const written = (name: string): string => readFileSync(path.join(directory, name), 'utf8');

/** The result of one kind of shelf: peer and runbook, then what each unit runs, before and after its power was off. */
interface Result {
  readonly persona: string;
  readonly peer: string;
  readonly ours: string;
}

function results(): Result[] {
  const [now, later] = [lines('now'), lines('later')];
  return ROWS.map((row, index) => {
    const { devices, exit } = JSON.parse(written(`${row.persona}.json`)) as {
      devices: { paths: string[]; outcome: string }[];
      exit: { code: number };
    };
    assert.is(Number(written(`${row.persona}.ours`)), exit.code);
    const own = devices.find(({ paths }) => paths.includes(ourNode(row)));
    const runs = (place: number): string => `${now[place]}, ${later[place]}`;
    return {
      persona: row.persona,
      peer: `exit ${written(`${row.persona}.peer`).trim()}, ${runs(2 * index)}`,
      ours: `exit ${exit.code} ${own?.outcome ?? 'none'}, ${runs(2 * index + 1)}`,
    };
  });
}

function printTable(rows: readonly Result[]): void {
  const head: Result = {
    persona: 'shelf',
    peer: 'sg_ses_microcode, then, after power',
    ours: 'runbook, then, after power',
  };
  const line = ({ persona, peer, ours }: Result): string =>
    `  ${persona.padEnd(24)}${peer.padEnd(38)}${ours}`;
  console.log(['', ...[head, ...rows].map(line), ''].join('\n'));
}

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-shelves-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await writeShelves(directory);
    guest = await runGuest({
      directory,
      modules: TARGET_MODULES,
      preparation: PROGRAM_LIBRARY + SERVED_LIBRARY + SHELF_LIBRARY,
      steps: SHELF_STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('each kind of shelf ends as it should, beside what sg_ses_microcode makes of it', () => {
    assert.is(step('up').exitCode, 0, step('up').stderr);
    step('peers-ended');
    const rows = results();
    printTable(rows);
    // Which error it is depends on who gives up first.
    const anyError = (peer: string): string => peer.replace(/^exit (?!0,)\d+/, 'an error');

    assert.equal(
      rows.map(({ persona, peer, ours }, index) => [
        persona,
        ROWS[index]!.hangs === true ? anyError(peer) : peer,
        ours,
      ]),
      [
        // Needs to be told --non; runbook restarts once without the reads.
        ['ses-shelf-non', 'exit 5, 0100, 0100', 'exit 0 updated, 2.10, 2.10'],
        // Activates while the shelf still writes (03h): refused with 2/04/07, and not tried again.
        ['ses-shelf-deferred', 'exit 2, 0100, 2.10', 'exit 0 updated, 2.10, 2.10'],
        // It prints no word of status 02h, and reads no further: 10h, which would start the new code, nobody saw.
        ['ses-shelf-immediate', 'exit 0, 0100, 2.10', 'exit 0 updated, 2.10, 2.10'],
        // Fails on the unit attention of a shelf that runs the new code already.
        ['ses-shelf-ealsd', 'exit 6, 2.10, 2.10', 'exit 0 updated, 2.10, 2.10'],
        ['ses-shelf', 'exit 0, 0100, 2.10', 'exit 6 pending, 0100, 2.10'],
        ['ses-shelf-triple', 'exit 0, 0200, 2.10', 'exit 0 updated, 2.10, 2.10'],
        ['ses-shelf-chunk-lockup', 'an error, silent, 0100', 'exit 8 lost, silent, 0100'],
        ['ses-shelf-status-83', 'exit 99, 0100, silent', 'exit 9 frozen, 0100, silent'],
        // It restarts a shelf that runs on its last supply.
        ['ses-shelf-failed-supply', 'exit 0, 0100, 2.10', 'exit 4 refused, 0100, 0100'],
        ['ses-shelf-sparse', 'exit 0, 0100, 2.10', 'exit 0 updated, 2.10, 2.10'],
        ['ses-shelf-worse-after', 'exit 0, 0100, 2.10', 'exit 1 degraded, 2.10, 2.10'],
      ],
    );
  });

  test('a unit that hangs really gives no answer', () => {
    assert.equal(lines('hanging'), ['silent']);
    for (const { persona } of ROWS.filter(({ hangs }) => hangs === true)) {
      assert.match(
        written(`${persona}.json`),
        /"message": "SEND DIAGNOSTIC .* at offset 0: no answer .* DID_TIME_OUT/,
      );
    }
  });

  test('leaves nothing behind', () => {
    assert.equal(lines('down').slice(1), ['nodes:', 'targets:']);
  });
} else {
  missing('kernel', problem);
  test.skip('each kind of shelf ends as it should');
}

test.run();
