import * as assert from 'uvu/assert';
import type { FactName } from '../../../../src/base/facts.ts';
import { FACTS } from '../../../../src/base/facts.ts';
import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';
import { ABSENT, QUESTIONS, tooLong, UNREADABLE, WHEN } from './fact-cells.ts';
import type { FactQuestion, When } from './fact-cells.ts';
import { roleOf } from './trace.ts';

const test = suite('fault matrix: the look itself fails, for each fact that a guard stands on');

type Answer = (
  command: ScsiCommand,
  device: SimulatedDevice,
  nexus: string,
  asked: FactQuestion,
) => CommandOutcome;

interface End extends LabRunEnd {
  /** `updated`, or `refused: CODE`. */
  readonly said: string;
  /** Times that the question was answered in this way. */
  readonly met: number;
  readonly written: boolean;
  /** Refused by the plan already. */
  readonly atPlan: boolean;
  readonly without: readonly FactName[];
}

let cells = 0;
/** Written although a guard could not be asked, and the playbook did not say so. */
let switchedOff = 0;

async function run(
  asked: FactQuestion,
  answer: Answer,
  when: When,
  proceedWithout: readonly FactName[] = [],
): Promise<End> {
  cells++;
  let written = false;
  let met = 0;
  const { persona, match, download } = asked;
  // A unit without a designator has to be named.
  const identity = asked.fact === 'vpd-83h' ? ['SERIAL1'] : null;
  const play = playOf({ match: { ...match, identity }, download: [download], activate: [] });
  const intercept = (device: SimulatedDevice): void =>
    device.putInFront((command, _device, nexus) => {
      written ||= roleOf(command).role === 'chunk';
      const isTime = when !== 'after the first chunk' || written;
      if (!isTime || !asked.asks(command.cdb)) return undefined;
      met++;
      return answer(command, device, nexus, asked);
    });
  const end = await runLab({
    devices: [{ persona, serial: 'SERIAL1' }],
    plays: [play],
    // Page 02h is asked with the other pages, too, and has a guard of its own.
    strategy: { proceedWithout, health: asked.fact === 'ses-02h' ? 'required' : 'ignore' },
    ...(when === 'always'
      ? { arrange: ([device]: readonly SimulatedDevice[]) => intercept(device!) }
      : { prepare: ([device]: readonly SimulatedDevice[]) => intercept(device!) }),
  });
  assert.equal(end.bugs, []);
  const result = end.results[0]!;
  const { outcome, error, without = [] } = result;
  const said = outcome === 'refused' ? `refused: ${error.code}` : outcome;
  const atPlan = end.events.some((event) => event.type === 'run-started' && event.devices.length === 0);
  return { ...end, said, met, written, atPlan, without };
}

const IN_VERDICT: readonly FactName[] = ['ses-01h', 'request-sense'];

/** After the first byte only what the verdict reads is asked again. */
const timesOf = ({ fact }: FactQuestion): readonly When[] =>
  fact === 'vpd-80h' || fact === 'vpd-83h' || IN_VERDICT.includes(fact) ? WHEN : WHEN.slice(0, 2);

for (const asked of QUESTIONS) {
  for (const when of timesOf(asked)) {
    test(`${asked.fact}, ${when}: not readable is not absent`, async () => {
      const wrong: string[] = [];
      for (const [name, answer] of Object.entries(UNREADABLE)) {
        const { said, met, written, atPlan } = await run(asked, answer, when);
        const wanted =
          when === 'after the first chunk' ? ['degraded', 'unverified'] : ['refused: fact-unreadable'];
        if (!wanted.includes(said) || met === 0) wrong.push(`${name}: ${said}`);
        if (when === 'always' && atPlan !== asked.atPlan) wrong.push(`${name}: at plan ${atPlan}`);
        if (written && when !== 'after the first chunk') {
          switchedOff++;
          wrong.push(`${name}: it was written to`);
        }
      }
      assert.equal(wrong, []);
    });

    if (when === 'after the first chunk') continue;
    test(`${asked.fact}, ${when}: strategy.proceed-without goes on, and says so`, async () => {
      const wrong: string[] = [];
      for (const [name, answer] of Object.entries(UNREADABLE)) {
        const { said, without, events } = await run(asked, answer, when, [asked.fact]);
        // What the verdict reads, too, has to be readable in the end: a verdict is not a guard.
        const ends = IN_VERDICT.includes(asked.fact) ? ['degraded', 'unverified'] : ['updated'];
        if (!ends.includes(said)) wrong.push(`${name}: ${said}`);
        if (without.join() !== asked.fact) wrong.push(`${name}: recorded without ${without.join()}`);
        const told = events.some(
          (event) => event.type === 'notice' && event.message.includes(FACTS[asked.fact].page),
        );
        if (!told) wrong.push(`${name}: no notice`);
      }
      assert.equal(wrong, []);
    });
  }

  test(`${asked.fact}: absent is not unreadable`, async () => {
    for (const [name, answer] of Object.entries(ABSENT)) {
      assert.is((await run(asked, answer, 'always')).said, asked.whenAbsent, name);
    }
  });

  if (asked.filler === null) continue;
  test(`${asked.fact}: an answer that is longer than asked for is asked for again, whole`, async () => {
    const { said, met, results } = await run(asked, tooLong, 'always');
    assert.is(said, 'updated', results[0]!.reason ?? '');
    assert.ok(met > 1);
  });
}

/** REQUEST SENSE answered by CHECK CONDITION: its sense says what belongs into the data. */
for (const [sense, before, after] of [
  ['0/00/22', 'refused: foreign-image', 'pending'],
  ['2/04/1e', 'refused: foreign-image', 'pending'],
  ['2/04/20', 'refused: foreign-image', 'pending'],
  ['2/04/22', 'refused: foreign-image', 'pending'],
  ['4/44/00', 'refused: internal-failure', 'frozen'],
] as const) {
  test(`request-sense, answered by CHECK CONDITION with ${sense}: that is what it says`, async () => {
    const asked = QUESTIONS.find(({ fact }) => fact === 'request-sense')!;
    const answer: Answer = () => outcomeFor(sense);
    for (const without of [[], ['request-sense']] as const) {
      const { said, written } = await run(asked, answer, 'always', without);
      assert.equal([said, written], [before, false]);
    }
    assert.is((await run(asked, answer, 'after the first chunk')).said, after);
  });
}

test('the matrix has every fact that a device is asked for', () => {
  const ofHost: readonly string[] = ['users', 'links', 'driver'];
  assert.equal(
    Object.keys(FACTS)
      .filter((fact) => !ofHost.includes(fact))
      .sort(),
    QUESTIONS.map(({ fact }) => fact).sort(),
  );
  console.log(`the look itself fails: ${cells} cells, ${switchedOff} guards switched off`);
  assert.is(switchedOff, 0);
});

test.run();
