import path from 'node:path';
import * as assert from 'uvu/assert';
import { readBootId } from '../../../../src/host/machine.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { resultsOf } from '../../../../src/run/engine/results.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import { SesStatus } from '../../../../src/simulator/ses-subenclosure.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import { suite } from '../../../support/suite.ts';
import { standardImage } from '../../../../src/simulator/lab-images.ts';
import { IMAGE, playbookOf, playOf, sectionOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';
import { sesSectionOf } from '../ses-plays.ts';

/**
 * Whole runs on units that show what they do not run: a staged revision, a backup image. The verdict weighs the evidence, and the
 * second run says what `verify` says.
 */
const test = suite('run: what is shown is not what runs');

/** INQUIRY shows the target from the n-th command of the download on. */
function shows(fromChunk: number): (devices: readonly SimulatedDevice[]) => void {
  return ([device]) => {
    let chunks = 0;
    device!.putInFront((command, _device, nexus) => {
      if (![0x3b, 0x1d].includes(command.cdb[0]!) || ++chunks < fromChunk) return undefined;
      const answer = command.cdb[0] === 0x1d ? device!.perform(command, nexus) : undefined;
      device!.shownRevision = '2.10';
      return answer;
    });
  };
}

interface Twice {
  readonly first: LabRunEnd;
  readonly verified: string;
  readonly plan: Plan;
}

/** A run, then `verify`, then the plan of a second run. */
async function twice(play: ResolvedPlay, lab: LabRun, retry = false): Promise<Twice> {
  const root = scratch();
  const directory = {
    root,
    runs: path.join(root, 'runs'),
    units: path.join(root, 'units'),
    jobs: path.join(root, 'jobs'),
    open: path.join(root, 'open'),
  };
  const first = await runLab({ ...lab, plays: [play], directory });
  const { byUnit } = await new UnitStore(directory.units).readAll();
  const memory = memoryFrom({ records: byUnit, bootId: readBootId() });
  const known = { ...NO_MEMORY, memory, retry };
  const { host, clock } = first;
  const facts = await inspect(host, new Set([play.match.deviceType]), clock);
  const [open] = openUnits(memory);
  const unit = await verifyUnit(open!, facts[0], { host, clock });
  const judged = await judgeOpen(facts, [play], known, { host, clock });
  const plan = makePlan(playbookOf([play]), facts, { only: [], remembered: judged });
  return { first, verified: unit.result.outcome, plan };
}

const SHELF = { type: 'enclosure', deviceType: 0x0d, vendor: 'LAB', product: 'SES SHELF' } as const;
const chunk = { operationCode: 0x3b } as const;
const BOOT = standardImage(5000, 3);

const ROWS: readonly (readonly [
  title: string,
  outcome: string,
  reason: RegExp,
  play: ResolvedPlay,
  lab: LabRun,
])[] = [
  [
    'a chunk is refused, and a staged revision is shown',
    'failed',
    /^shows 2\.10 although 1 of 3 chunks were accepted: a staged or a backup image/,
    playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] }),
    {
      prepare: shows(1),
      faults: { 0: [{ when: { ...chunk, nth: 2 }, sense: { key: 5, asc: 0x26, ascq: 0 } }] },
    },
  ],
  [
    'the flash memory fails at the end, and a backup image is shown',
    'failed',
    /^shows 2\.10 although 2 of 3 chunks were accepted: a staged or a backup image/,
    playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] }),
    {
      prepare: shows(3),
      faults: { 0: [{ when: { ...chunk, nth: 3 }, sense: { key: 4, asc: 0x3f, ascq: 0x80 } }] },
    },
  ],
  [
    'ends deferred, nothing activates it, and a staged revision is shown (0/00/22)',
    'pending',
    /^written and accepted; shows 2\.10, but says that an image waits/,
    playOf({ activate: [] }),
    { prepare: shows(3) },
  ],
  [
    'an earlier section is not shown by its own descriptor',
    'failed',
    /^runs 2\.10, but section 1 of 2 is not proven \(revision of subenclosure 2: "0031"\)$/,
    playOf({
      match: SHELF,
      download: [
        sesSectionOf({
          image: BOOT,
          subenclosureId: 2,
          witness: { kind: 'ses-revision', subenclosureId: 2, equals: '0031' },
        }),
        sesSectionOf({}),
      ],
      activate: [],
    }),
    {
      devices: [{ persona: 'ses-shelf-triple' }],
      images: new Map([
        ['0032', BOOT],
        ['2.10', IMAGE],
      ]),
    },
  ],
  [
    'page 0Eh says 12h, and a staged revision is shown',
    'pending',
    /^written and accepted; shows 2\.10, but .* it starts at: power-cycle$/,
    playOf({ match: SHELF, download: [sesSectionOf({})], activate: [] }),
    { devices: [{ persona: 'ses-shelf' }], prepare: shows(3) },
  ],
  [
    'page 0Eh says 12h to the verification alone',
    'pending',
    /^written and accepted; shows 2\.10, but says that an image waits; it starts at: power-cycle$/,
    playOf({ match: SHELF, download: [sesSectionOf({ finalStatus: 'skip' })], activate: [] }),
    { devices: [{ persona: 'ses-shelf' }], prepare: shows(3) },
  ],
];

for (const [title, outcome, reason, play, lab] of ROWS) {
  test(`${title}: ${outcome}, by the run, by verify and by the second run`, async () => {
    const { first, verified, plan } = await twice(play, lab);
    assert.is(first.outcomes, outcome, first.results[0]!.reason ?? '');
    assert.match(first.results[0]!.reason!, reason);
    assert.is(verified, outcome);
    assert.equal(
      resultsOf(plan, []).map((result) => result.outcome),
      [outcome],
    );
    assert.equal(plan.work, [], 'nothing is sent again without being asked for');
  });
}

test('83h of page 0Eh behind the last page is frozen, and never advised to be power-cycled', async () => {
  const play = playOf({
    match: SHELF,
    download: [sesSectionOf({ finalStatus: 'skip' })],
    activate: [],
  });
  const { first, verified, plan } = await twice(play, {
    devices: [{ persona: 'ses-shelf' }],
    prepare: (devices) => {
      shows(3)(devices);
      const [device] = devices;
      device!.putInFront(({ cdb }) => {
        const { primary } = device!.enclosure!;
        if (cdb[0] === 0x1c && cdb[2] === 0x0e && primary.writing !== null)
          primary.fail(SesStatus.needsMicrocode, 0);
        return undefined;
      });
    },
  });
  assert.is(first.outcomes, 'frozen', first.results[0]!.reason ?? '');
  assert.is(first.exit.code, 9);
  assert.match(first.results[0]!.error!.next, /^Do not reset/);
  assert.is(verified, 'frozen');
  assert.equal(
    resultsOf(plan, []).map((result) => result.outcome),
    ['frozen'],
  );
});

test('--retry sends the whole image again to a unit that shows a staged revision', async () => {
  const [, , , play, lab] = ROWS[0]!;
  const { plan } = await twice(play, lab, true);
  assert.equal(
    plan.work.map(({ again }) => again),
    [true],
  );
});

test.run();
