import * as assert from 'uvu/assert';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { runLab } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';

/** A unit that was written to, and whose INQUIRY tells nothing afterwards: one that answers is there, and not lost. */
const test = suite('run: a unit that answers, and does not show what it runs');

const play = playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });

const ANSWERS: Readonly<Record<string, () => CommandOutcome>> = {
  'an illegal request': () => outcomeFor('5/25/00'),
  'not ready, a person is needed': () => outcomeFor('2/04/03'),
  'a hardware error': () => outcomeFor('4/3e/00'),
  'busy for good': () => outcomeFor('status 8'),
  'eight bytes': () => outcomeOf({ dataIn: new Uint8Array([0x0d, 0, 5, 2, 4, 0, 0, 0]), residualBytes: 28 }),
};

/** INQUIRY, without EVPD and with it, is answered so from the chunk on that `chunk` answers, while it is broken. */
function breaks(answer: () => CommandOutcome, chunk: string | null) {
  const state = { broken: false };
  const prepare = ([device]: readonly SimulatedDevice[]): void =>
    device!.putInFront(({ cdb }) => {
      if (cdb[0] === 0x3b && !state.broken) {
        state.broken = true;
        return chunk === null ? undefined : outcomeFor(chunk);
      }
      return state.broken && cdb[0] === 0x12 ? answer() : undefined;
    });
  return { state, prepare };
}

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`${name}: unverified and not lost, and verify settles it`, async () => {
    const directory = directoryIn(scratch());
    const { state, prepare } = breaks(answer, null);
    const { results, host, clock } = await runLab({ plays: [play], prepare, directory });
    const [result] = results;
    assert.equal(
      [result!.outcome, result!.error?.code, result!.after],
      ['unverified', 'shows-nothing', null],
    );
    assert.match(result!.reason!, /^answers, and does not show what it runs: INQUIRY: /);
    const look = async (): Promise<readonly unknown[]> => {
      const { memory } = await readMemory(directory);
      const facts = await inspect(host, new Set([0x0d]), clock);
      const { result, settles } = await verifyUnit(openUnits(memory)[0]!, facts[0], { host, clock });
      return [result.outcome, result.after, settles];
    };
    assert.equal(await look(), ['unverified', null, false]);
    state.broken = false;
    assert.equal(await look(), ['updated', '2.10', true]);
  });
}

test('a refused chunk before it: failed, and both are told', async () => {
  const { prepare } = breaks(ANSWERS['an illegal request']!, '5/26/00');
  const { results } = await runLab({ plays: [play], prepare });
  assert.equal([results[0]!.outcome, results[0]!.error?.sense?.asc], ['failed', 0x26]);
  assert.match(results[0]!.reason!, /what it runs: INQUIRY: .*; before that: WRITE BUFFER/);
});

test('a silent unit is lost', async () => {
  const { prepare } = breaks(() => outcomeFor('host 1'), null);
  const { outcomes, results } = await runLab({ plays: [play], prepare });
  assert.equal([outcomes, results[0]!.error?.code], ['lost', 'did-not-come-back']);
});

test.run();
