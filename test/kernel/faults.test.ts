import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { claimOfOutcome, claimOfPeer, judgeClaim, truthOf } from './fault-truth.ts';
import type { Truth, Verdict } from './fault-truth.ts';
import { FAULT_STEPS, NEW_REVISION, POWER_FAILS, ROWS, ourNode, writeFaultLab } from './faults.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, StepResult } from './rig.ts';
import { TARGET_MODULES } from './served-lab.ts';
import { SERVED_LIBRARY } from './served-steps.ts';
import { SHELF_LIBRARY } from './shelves.ts';
import { isGood, readTrace } from './trace-facts.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

const test = suite('faults on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;

const step = (name: string): StepResult => stepOf(guest, name);

const lines = (name: string): string[] => step(name).stdout.trimEnd().split('\n');
const written = (name: string): string => readFileSync(path.join(directory, name), 'utf8').trim();

/** One tool on one row: what it said, and the result of the new code. */
interface Cell {
  readonly said: string;
  readonly truth: Truth;
  readonly verdict: Verdict;
}

function truths(whose: 'peers' | 'ours'): Truth[] {
  const [now, later] = [lines(`${whose}-now`), lines(`${whose}-later`)];
  return ROWS.map((_, index) => truthOf(now[index]!, later[index]!, NEW_REVISION));
}

function peerCells(): Cell[] {
  return truths('peers').map((truth, index) => {
    const exitCode = Number(written(`${index}.peer`));
    return { said: `exit ${exitCode}`, truth, verdict: judgeClaim(claimOfPeer(exitCode), truth, false) };
  });
}

function ourCells(): Cell[] {
  return truths('ours').map((truth, index) => {
    const report = JSON.parse(written(`${index}.json`)) as {
      devices?: { paths: string[]; outcome: string }[];
      exit: { code: number; name: string };
    };
    const own = report.devices?.find(({ paths }) => paths.includes(ourNode(index)));
    // Without a device the run was refused before it looked for one.
    const outcome = own?.outcome ?? report.exit.name.toLowerCase();
    const said = `exit ${report.exit.code} ${outcome}`;
    return { said, truth, verdict: judgeClaim(claimOfOutcome(outcome), truth, true) };
  });
}

const count = (cells: readonly Cell[], verdict: Verdict): number =>
  cells.filter((cell) => cell.verdict === verdict).length;

function printTable(peers: readonly Cell[], ours: readonly Cell[]): void {
  const cell = ({ said, truth, verdict }: Cell): string =>
    `${said}; ${truth}${verdict === 'true' ? '' : ` (${verdict.toUpperCase()})`}`;
  const line = (...[unit, fault, peer, own]: string[]): string =>
    `  ${unit!.padEnd(22)}${fault!.padEnd(41)}${peer!.padEnd(34)}${own!}`;
  const sum = (cells: readonly Cell[]): string =>
    `${count(cells, 'false success')} false successes, ${count(cells, 'false failure')} false failures, ` +
    `the new code runs or waits in ${cells.filter(({ truth }) => truth !== 'not there').length}`;
  console.log(
    [
      '',
      line('unit', 'fault', 'sg3_utils; the new code', 'runbook; the new code'),
      ...ROWS.map(({ unit, fault }, index) =>
        line(unit.persona, fault, cell(peers[index]!), cell(ours[index]!)),
      ),
      `  ${ROWS.length} rows. sg3_utils: ${sum(peers)}. runbook: ${sum(ours)}.`,
      '',
    ].join('\n'),
  );
}

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-faults-'));
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await writeFaultLab(directory);
    guest = await runGuest({
      directory,
      modules: TARGET_MODULES,
      preparation: PROGRAM_LIBRARY + SERVED_LIBRARY + SHELF_LIBRARY,
      steps: FAULT_STEPS,
      timeLimitMs: GUEST_LIMIT_MS,
    });
  });
  test.after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('under the same faults runbook says what is true, beside sg_write_buffer and sg_ses_microcode', () => {
    assert.is(step('up').exitCode, 0, step('up').stderr);
    const [peers, ours] = [peerCells(), ourCells()];
    printTable(peers, ours);
    const wrong = ROWS.filter((_, index) => ours[index]!.verdict !== 'true').map(({ fault }) => fault);
    assert.equal(wrong, []);
  });

  test('runbook gets the new code into the unit wherever that is possible, and says what else became of it', () => {
    const other = ourCells()
      .map(({ said, truth }, index) => `${ROWS[index]!.fault}: ${said}; ${truth}`)
      .filter((text) => !text.endsWith(': exit 0 updated; runs'));
    assert.equal(other, [
      'a chunk is refused, write error: exit 1 failed; not there',
      'the last chunk: GOOD, and dropped: exit 12 unverified; not there',
      'the last chunk: no answer, and dropped: exit 1 failed; not there',
      'one bit of the image is wrong: exit 3 invalid; not there',
      'new code waits for power: exit 6 pending; waits',
      'the last page: GOOD, and dropped: exit 1 failed; not there',
      'ends with status 83h: exit 9 frozen; not there',
    ]);
  });

  test('power really failed in the middle: the image was sent a second time', () => {
    const index = ROWS.findIndex(({ fault }) => fault === POWER_FAILS);
    const records = readTrace(path.join(directory, `${index}.trace`));
    const starts = records.filter(({ cdb }) => cdb.startsWith('3b0e00000000'));
    assert.ok(starts.filter(isGood).length === 2, `offset 0 was taken ${starts.length} times`);
  });

  test('the table of the README is that of this suite', () => {
    const peers = peerCells();
    const faults = (verdict: Verdict): string[] =>
      ROWS.filter((_, index) => peers[index]!.verdict === verdict).map(({ fault }) => fault);
    assert.equal(faults('false success'), [
      'the last chunk: GOOD, and dropped',
      'the last chunk: no answer, and dropped',
      'the image has 12 MiB',
      'the last page: GOOD, and dropped',
    ]);
    assert.equal(faults('false failure'), [
      'the last chunk: answer lost',
      'the last page: answer lost',
      'the last page: no answer',
      'activation while the shelf writes',
      'starts before its status was read',
    ]);
  });

  test('leaves nothing behind', () => {
    assert.equal(lines('down').slice(1), ['nodes:', 'targets:']);
  });
} else {
  missing('kernel', problem);
  test.skip('under the same faults runbook says what is true');
}

test.run();
