import path from 'node:path';
import * as assert from 'uvu/assert';
import { exitNamesOfPlan } from '../../../../src/cli/commands/plan.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { exitOfRun } from '../../../../src/run/facts/outcome.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { resultsOf } from '../../../../src/run/engine/results.ts';
import { verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf, playOf, sectionOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';

/** An earlier run left a unit in a bad end, and now it is there and answers nothing: that end stands, for whoever asks. */
const test = suite('run: a unit in a bad end that answers nothing');

const saves = playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });
const defers = playOf({ activate: [] });

/** All commands but looks are answered so from the first chunk on. */
const breaks =
  (answer: string) =>
  ([device]: readonly SimulatedDevice[]): void => {
    let broken = false;
    device!.putInFront(({ cdb }) => {
      broken ||= cdb[0] === 0x3b;
      return broken && [0x00, 0x3b].includes(cdb[0]!) ? outcomeFor(answer) : undefined;
    });
  };

const goes: Fault = {
  when: { operationCode: 0x3b, moment: 'activation' },
  executed: true,
  answer: { hostStatus: 0x01 },
  then: (device) => device.leave({ forMs: 3_600_000, removed: true }),
};

const ROWS: readonly (readonly [outcome: string, exit: number, code: string, lab: LabRun])[] = [
  ['frozen', 9, 'frozen', { plays: [saves], prepare: breaks('4/44/00') }],
  ['lost', 8, 'no-answer', { plays: [playOf()], faults: { 0: [goes] } }],
  ['failed', 1, 'no-answer', { plays: [saves], prepare: breaks('5/26/00') }],
  ['pending', 6, 'no-answer', { plays: [defers] }],
];

for (const [outcome, exit, code, lab] of ROWS) {
  test(`${outcome}: plan, apply and verify end with ${exit}`, async () => {
    const root = scratch();
    const at = (name: string): string => path.join(root, name);
    const directory = { root, runs: at('runs'), units: at('units'), jobs: at('jobs'), open: at('open') };
    const { outcomes, devices, host, clock } = await runLab({ ...lab, directory });
    assert.is(outcomes, outcome);
    const [device] = devices;
    if (!device!.present) await clock.sleep(3_600_000);
    device!.putInFront(() => outcomeFor('4/3E/01'));
    const { memory } = await readMemory(directory);
    const facts = await inspect(host, new Set([0x0d]), clock);
    assert.is(facts.length, 1);
    assert.ok(facts[0]!.problem);
    const [open] = openUnits(memory);
    const verified = await verifyUnit(open!, facts[0], { host, clock });
    assert.is(verified.result.outcome, outcome);
    const plays = lab.plays!;
    const known = { memory, retry: false, takeOver: false, recover: [] };
    for (const remembered of [known, await judgeOpen(facts, plays, known, { host, clock })]) {
      const plan = makePlan(playbookOf(plays), facts, { only: [], remembered: remembered });
      const names = exitNamesOfPlan(plan, false);
      assert.is(exitOfRun(names.outcomes, names.also).code, exit, 'plan');
      const [result] = resultsOf(plan, []);
      assert.is(exitOfRun([result!.outcome], names.also).code, exit, 'apply');
      assert.is(result!.error?.code === 'frozen' ? 'frozen' : 'no-answer', code);
      assert.equal(plan.work, []);
    }
    // Nothing may advise what could end it.
    if (outcome === 'frozen') assert.is(verified.result.error?.code, 'frozen');
  });
}

test.run();
