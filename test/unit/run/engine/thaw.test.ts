import path from 'node:path';
import * as assert from 'uvu/assert';
import { readBootId } from '../../../../src/host/machine.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { resultsOf } from '../../../../src/run/engine/results.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { SesStatus } from '../../../../src/simulator/ses-subenclosure.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf, playOf, sectionOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';
import { sesSectionOf } from '../ses-plays.ts';

/** 4/44 may pass: what a plan says of a unit that is frozen on account of it, by the judge of `verify`. */
const test = suite('run: a unit that is frozen no more');

const FAILED = '4/44/00';

/** One chunk fails with 4/44, and TEST UNIT READY says so for as long as `lasts` is true. */
function internalFailure(lasts: () => boolean): (devices: readonly SimulatedDevice[]) => void {
  return ([device]) => {
    let chunks = 0;
    device!.putInFront(({ cdb }) => {
      if (cdb[0] === 0x3b && ++chunks === 2) return outcomeFor(FAILED);
      return cdb[0] === 0x00 && chunks > 0 && lasts() ? outcomeFor(FAILED) : undefined;
    });
  };
}

interface Second {
  readonly plan: Plan;
  readonly kept: UnitRecord;
  /** What was kept of the look. */
  readonly outcomes: readonly string[];
}

/** A run that ends frozen; then what a plan with this image makes of the unit. */
async function secondPlan(
  lab: LabRun & { readonly plays: NonNullable<LabRun['plays']> },
  then: (devices: readonly SimulatedDevice[]) => void,
  other = false,
): Promise<Second> {
  const root = scratch();
  const directory = {
    root,
    runs: path.join(root, 'runs'),
    units: path.join(root, 'units'),
    jobs: path.join(root, 'jobs'),
    open: path.join(root, 'open'),
  };
  const first = await runLab({ ...lab, directory });
  assert.is(first.outcomes, 'frozen', first.results[0]!.reason ?? '');
  then(first.devices);
  const store = new UnitStore(directory.units);
  const { byUnit } = await store.readAll();
  const memory = memoryFrom({ records: byUnit, bootId: readBootId() });
  const { host, clock } = first;
  const [play] = lab.plays;
  const plays = [other ? { ...play!, imageSha256: 'f'.repeat(64) } : play!];
  const facts = await inspect(host, new Set([play!.match.deviceType]), clock);
  const outcomes: string[] = [];
  const judged = await judgeOpen(
    facts,
    plays,
    { ...NO_MEMORY, memory },
    {
      host,
      clock,
      keepVerdict: async (ending) => {
        outcomes.push(ending.result.outcome);
        await store.remember(ending);
      },
    },
  );
  const plan = makePlan(playbookOf(plays), facts, { only: [], remembered: judged });
  return { plan, kept: (await store.read(first.results[0]!.id))!, outcomes };
}

const said = ({ plan }: Second): string[] =>
  resultsOf(plan, []).map(({ outcome, error }) => `${outcome}${error === null ? '' : `: ${error.code}`}`);

const IN_MODE_7 = playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });

test('4/44 is gone: the plan of another image takes the unit up; that of the same image says how it ended', async () => {
  let isFrozen = true;
  const lab = { plays: [IN_MODE_7], prepare: internalFailure(() => isFrozen) };
  const thaw = (): void => void (isFrozen = false);
  const another = await secondPlan(lab, thaw, true);
  assert.is(another.plan.work.length, 1, said(another).join());
  assert.is(another.kept.frozen, null);
  assert.equal(another.outcomes, ['failed']);
  isFrozen = true;
  const same = await secondPlan(lab, thaw);
  assert.equal(said(same), ['failed: ended-badly']);
  assert.is(same.kept.frozen, null);
});

test('4/44 is still there: frozen, and nothing is kept', async () => {
  const frozen = await secondPlan(
    { plays: [IN_MODE_7], prepare: internalFailure(() => true) },
    () => undefined,
    true,
  );
  assert.equal(said(frozen), ['frozen: frozen']);
  assert.ok(frozen.kept.frozen);
  assert.equal(frozen.outcomes, []);
});

test('an unknown revision, or a REQUEST SENSE that cannot be read, does not thaw it', async () => {
  const change = (name: string, how: (device: SimulatedDevice) => void): Promise<void> => {
    let isFrozen = true;
    return secondPlan(
      { plays: [IN_MODE_7], prepare: internalFailure(() => isFrozen) },
      ([device]) => {
        isFrozen = false;
        how(device!);
      },
      true,
    ).then((found) => assert.equal(said(found), ['frozen: frozen'], name));
  };
  await change('another revision', (device) => (device.shownRevision = '9.99'));
  await change('no REQUEST SENSE', (device) =>
    device.putInFront(({ cdb }) => (cdb[0] === 0x03 ? outcomeFor('3/11/00') : undefined)),
  );
});

test('83h of page 0Eh stays until a good image is in', async () => {
  const shelf = { type: 'enclosure', deviceType: 0x0d, vendor: 'LAB', product: 'SES SHELF' } as const;
  const play = playOf({ match: shelf, download: [sesSectionOf({})], activate: [] });
  const found = await secondPlan(
    {
      plays: [play],
      devices: [{ persona: 'ses-shelf-immediate' }],
      prepare: ([device]) =>
        device!.putInFront(({ cdb }) => {
          const { primary } = device!.enclosure!;
          if (cdb[0] === 0x1c && cdb[2] === 0x0e && primary.writing !== null)
            primary.fail(SesStatus.needsMicrocode, 0);
          return undefined;
        }),
    },
    () => undefined,
    true,
  );
  assert.equal(said(found), ['frozen: frozen']);
});

test.run();
