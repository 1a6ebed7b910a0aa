import * as assert from 'uvu/assert';
import type { FactName } from '../../../../src/base/facts.ts';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf, playOf, sectionOf } from '../builders.ts';
import { sesSectionOf } from '../ses-plays.ts';

const test = suite('run/guards/ses-pages: what a plan sees of the page by which microcode is sent');

const SHELF = { type: 'enclosure', vendor: 'LAB', product: '*', revision: ['*'] } as const;
const bySes = playOf({ match: SHELF, download: [sesSectionOf()], activate: [] });
const byWriteBuffer = playOf({ match: SHELF, download: [sectionOf()] });

/** Units of a host whose enclosure answers a question for page 00h so. */
async function facts(
  answer: CommandOutcome | 'as it is',
  { persona = 'ses-shelf-immediate', ...words }: Partial<LabDeviceWords> & { readonly over?: 1 } = {},
): Promise<readonly DeviceFacts[]> {
  const clock = new VirtualClock();
  const { over, ...device } = words;
  const host = createLabHost(
    { lab: 'v1', images: [], devices: [{ persona, revision: '0100', ...device }] },
    { images: new Map(), clock },
  );
  let asked = 0;
  host.devices[0]!.putInFront(({ cdb }) => {
    const isAnswered = answer !== 'as it is' && cdb[0] === 0x1c && cdb[2] === 0x00;
    return isAnswered && (over === undefined || ++asked === over) ? answer : undefined;
  });
  return inspect(host, new Set([0x0d]), clock, new Set([0x86]));
}

const decisionOf = (
  found: readonly DeviceFacts[],
  play = bySes,
  proceedWithout: readonly FactName[] = [],
): string => {
  const playbook = playbookOf([play], { health: 'ignore', proceedWithout });
  const plan = makePlan(playbook, found, { only: [], remembered: NO_MEMORY });
  const [{ action, error, without = [] }] = plan.decisions as [(typeof plan.decisions)[number]];
  return [action, error?.code, ...without.map(({ fact }) => fact)].filter(Boolean).join(' ');
};

/** Pages 00h, 01h and 02h, and no more. */
const WITHOUT_0E = {
  ...outcomeFor('good'),
  dataIn: new Uint8Array([0x00, 0x00, 0x00, 0x03, 0x00, 0x01, 0x02]),
};

test('a unit that does not list page 0Eh, or has no pages, is refused by the plan', async () => {
  for (const answer of ['5/20/00', '5/24/00', '5/35/01'])
    assert.is(decisionOf(await facts(outcomeFor(answer))), 'refused page-not-listed', answer);
  assert.is(decisionOf(await facts(WITHOUT_0E)), 'refused page-not-listed', 'not listed');
  assert.is(
    decisionOf(await facts('as it is', { persona: 'ses-simple' })),
    'refused page-not-listed',
    'page 08h alone',
  );
});

test('a page 00h that cannot be read is not one that is absent', async () => {
  const found = await facts(outcomeFor('4/3E/01'));
  assert.is(decisionOf(found), 'refused fact-unreadable');
  assert.is(decisionOf(found, bySes, ['ses-00h']), 'update ses-00h');
});

test('it concerns who sends by page 0Eh alone', async () => {
  assert.is(decisionOf(await facts(WITHOUT_0E), byWriteBuffer), 'update');
  assert.is(decisionOf(await facts(outcomeFor('4/3E/01')), byWriteBuffer, ['ses-00h']), 'update');
});

test('a unit that lists it is updated, and a record of an older version says nothing', async () => {
  const found = await facts('as it is');
  assert.is(decisionOf(found), 'update');
  const older = found.map(
    (unit): DeviceFacts =>
      Object.fromEntries(Object.entries(unit).filter(([key]) => key !== 'listedPages')) as never,
  );
  assert.is(decisionOf(older), 'update');
});

test('what it cannot say over one path it says over the other', async () => {
  const paths = [
    { node: 'sg0', behind: [] },
    { node: 'sg1', behind: [] },
  ];
  const found = await facts(outcomeFor('4/3E/01'), { paths, over: 1 });
  assert.is(found.length, 1);
  assert.ok(found[0]!.listedPages?.includes(0x0e));
  assert.is(decisionOf(found), 'update');
});

test.run();
