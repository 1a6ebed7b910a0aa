import path from 'node:path';
import * as assert from 'uvu/assert';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf, playOf, sectionOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRun } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';
import { sesSectionOf } from '../ses-plays.ts';

/** The first command of a download is refused before its data: nothing was written, by either transport. */
const test = suite('run: the first command is refused');

const SHELF = { type: 'enclosure', deviceType: 0x0d, vendor: 'LAB', product: 'SES SHELF' } as const;
const buffer = playOf();
const ses = playOf({ match: SHELF, download: [sesSectionOf({})], activate: [] });
const CODES = {
  '5/20/00': { key: 5, asc: 0x20, ascq: 0 },
  '5/24/00': { key: 5, asc: 0x24, ascq: 0 },
} as const;
const answered = (operationCode: number, code: keyof typeof CODES, nth = 1): LabRun => ({
  faults: { 0: [{ when: { operationCode, nth }, sense: CODES[code] }] },
});
const shelf = { devices: [{ persona: 'ses-shelf' }] };

const ROWS: readonly (readonly [title: string, play: ResolvedPlay, lab: LabRun])[] = [
  [
    'WRITE BUFFER, a mode that the card does not know',
    buffer,
    { devices: [{ persona: 'hp-sas-expander-old' }] },
  ],
  ['WRITE BUFFER answered 5/20/00', buffer, answered(0x3b, '5/20/00')],
  ['SES, a mode that the shelf does not know (80h)', ses, { devices: [{ persona: 'ses-shelf-deferred' }] }],
  ['SEND DIAGNOSTIC answered 5/20/00', ses, { ...shelf, ...answered(0x1d, '5/20/00') }],
  ['SEND DIAGNOSTIC answered 5/24/00', ses, { ...shelf, ...answered(0x1d, '5/24/00') }],
];

for (const [title, play, lab] of ROWS) {
  test(`${title}: refused, and the corrected playbook needs no --retry`, async () => {
    const root = scratch();
    const at = (name: string): string => path.join(root, name);
    const directory = { root, runs: at('runs'), units: at('units'), jobs: at('jobs'), open: at('open') };
    const end = await runLab({ plays: [play], ...lab, directory });
    assert.is(end.outcomes, 'refused', end.results[0]!.reason ?? '');
    assert.is(end.exit.code, 4);
    assert.is(end.results[0]!.chunks, 0);
    const { records, memory } = await readMemory(directory);
    assert.is(records.size, 0);
    const facts = await inspect(end.host, new Set([0x0d]), end.clock);
    const known = { memory, retry: false, takeOver: false, recover: [] };
    assert.is(makePlan(playbookOf([play]), facts, { only: [], remembered: known }).work.length, 1);
  });
}

test('the second command is refused: failed, by either transport', async () => {
  const card = await runLab({
    plays: [playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] })],
    ...answered(0x3b, '5/24/00', 2),
  });
  assert.is(card.outcomes, 'failed');
  assert.is(sentTo(card.devices[0]!).length, 2);
  const shelves = await runLab({ plays: [ses], ...shelf, ...answered(0x1d, '5/24/00', 2) });
  assert.is(shelves.outcomes, 'failed');
});

test.run();
