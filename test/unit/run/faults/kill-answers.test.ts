import * as assert from 'uvu/assert';
import { rm } from 'node:fs/promises';
import { openEnd } from '../../../../src/run/records/open-units.ts';
import { foldMemory, memoryOf } from '../../../../src/run/records/memory.ts';
import { readRuns } from '../../../../src/run/records/journal-reader.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import type { OpenUnit } from '../../../../src/run/records/open-units.ts';
import type { StateDirectory } from '../../../../src/run/records/state-directory.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playOf, sectionOf } from '../builders.ts';
import { sesPlayOf, sesSectionOf } from '../ses-plays.ts';
import { BOOT } from './procedures.ts';
import { finalTarget, killPointsOf, leftBy, nextRun } from './kill-points.ts';
import type { KilledRun, KillPoint, Truth } from './kill-points.ts';

const CARD = { persona: 'hp-sas-expander', revision: '2.08' };
const shelf = (persona: string) => ({ persona, revision: '2.08' });
const chunkOf = (nth: number) => ({ operationCode: OperationCode.writeBuffer, nth });
const INVALID_FIELD = { key: 5, asc: 0x26, ascq: 0x00 };
const INTERNAL_FAILURE = { key: 4, asc: 0x44, ascq: 0x00 };

const SECTION_IMAGES = new Map([
  ['2.08', BOOT],
  ['2.10', IMAGE],
]);
const SAVED = playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });
const onDisk = { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' } as const;
const WHOLE = playOf({
  match: onDisk,
  download: [sectionOf({ mode: 'dmc_save', bpw: 'whole' })],
  activate: [],
});
const BY_SES = sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [{ step: 'activate_mc' }] });

const RUNS: readonly (KilledRun & { readonly hears: Truth['heard'] })[] = [
  {
    name: 'the last chunk refused',
    devices: [CARD],
    play: SAVED,
    faults: [{ when: { moment: 'last-chunk' }, sense: INVALID_FIELD }],
    hears: 'refused',
  },
  {
    name: 'the one chunk refused',
    devices: [{ persona: 'disk', revision: '2.08' }],
    play: WHOLE,
    faults: [{ when: { moment: 'last-chunk' }, sense: INVALID_FIELD }],
    hears: 'refused',
  },
  {
    name: 'a chunk refused',
    devices: [CARD],
    play: playOf(),
    faults: [{ when: chunkOf(2), sense: INVALID_FIELD }],
    hears: 'refused',
  },
  {
    name: '4/44 for a chunk',
    devices: [CARD],
    play: playOf(),
    faults: [{ when: chunkOf(2), sense: INTERNAL_FAILURE }],
    hears: 'frozen',
  },
  {
    name: '4/44 for the activation',
    devices: [CARD],
    play: playOf(),
    faults: [{ when: { moment: 'activation' }, sense: INTERNAL_FAILURE }],
    hears: 'frozen',
  },
  {
    name: 'the activation refused',
    devices: [CARD],
    play: playOf(),
    faults: [{ when: { moment: 'activation' }, sense: { key: 5, asc: 0x24, ascq: 0x00 } }],
    hears: 'activation refused',
  },
  {
    name: 'the activation by page 0Eh refused',
    devices: [shelf('ses-shelf-deferred')],
    play: BY_SES,
    faults: [{ when: { moment: 'activation' }, sense: INVALID_FIELD }],
    hears: 'activation refused',
  },
  { name: '81h', devices: [shelf('ses-shelf-status-81')], play: sesPlayOf(), hears: 'refused' },
  { name: '83h', devices: [shelf('ses-shelf-status-83')], play: sesPlayOf(), hears: 'frozen' },
  { name: '12h', devices: [shelf('ses-shelf')], play: sesPlayOf(), hears: 'waits for power' },
  { name: '11h', devices: [shelf('ses-shelf-hard-reset')], play: sesPlayOf(), hears: 'waits' },
  {
    name: '13h',
    devices: [shelf('ses-shelf-deferred')],
    play: sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [] }),
    hears: 'waits',
  },
  {
    name: 'the last chunk of the second section refused',
    devices: [{ persona: 'disk-two-buffers', revision: '2.08' }],
    play: playOf({
      match: onDisk,
      download: [
        sectionOf({ mode: 'dmc_offs_save', image: BOOT, bufferId: 1 }),
        sectionOf({ mode: 'dmc_offs_save' }),
      ],
      activate: [],
    }),
    images: SECTION_IMAGES,
    faults: [{ when: { moment: 'last-chunk', nth: 2 }, sense: INVALID_FIELD }],
    hears: 'refused',
  },
  {
    name: '13h of two subenclosures',
    devices: [shelf('ses-shelf-triple')],
    play: sesPlayOf(
      {},
      {
        download: [
          sesSectionOf({ mode: 'dmc_offs_defer', image: BOOT, subenclosureId: 2 }),
          sesSectionOf({ mode: 'dmc_offs_defer' }),
        ],
        activate: [],
      },
    ),
    images: SECTION_IMAGES,
    hears: 'waits',
  },
];

const kill = suite('run killed behind an answer that decides');

for (const { hears, ...run } of RUNS) {
  kill(`after ${run.name}, what the run has heard is not lost with it`, async () => {
    const { run: name, points } = await killPointsOf(run);
    const wrong: string[] = [];
    let heard = 0;
    for (const [index, point] of points.entries()) {
      const [truth] = [...point.truths.values()];
      if (truth!.heard !== hears || !isAtCommand(point)) continue;
      heard++;
      for (const kind of ['written', 'synced'] as const) {
        const directory = await leftBy(name, point, point.journal[kind]);
        const said = liesAbout(truth!, await openIn(directory, point));
        if (said !== null) wrong.push(`${index} ${point.where}, ${kind}: ${said}`);
        await rm(directory.root, { recursive: true, force: true });
      }
    }
    assert.ok(heard > 0, 'it hears nothing');
    assert.equal(wrong, []);
  });
}

/** An image that waits is started by its event, of which a target that comes is the sign. */
for (const { hears, ...run } of RUNS.filter((one) => !one.hears.startsWith('waits'))) {
  kill(`after ${run.name}, a target that is shown is not a success of the next run`, async () => {
    const { run: name, points } = await killPointsOf(run);
    const wrong: string[] = [];
    const done = new Set<string>();
    for (const [index, point] of points.entries()) {
      const [truth] = [...point.truths.values()];
      if (truth!.heard !== hears || !isAtCommand(point)) continue;
      const journal = point.journal.synced;
      const left = JSON.stringify([journal && Buffer.from(journal).toString(), point.lab]);
      if (done.has(left)) continue;
      done.add(left);
      const directory = await leftBy(name, point, journal);
      const { plan, results, bugs, devices, chunks } = await nextRun(
        { ...run, showsTargetThen: true },
        point,
        directory,
        { judges: true },
      );
      for (const bug of bugs) wrong.push(`${index}: bug: ${String(bug)}`);
      const said = results[0]?.outcome ?? plan.decisions[0]?.action;
      const runs = devices[0]!.microcode.running.revision === finalTarget(run);
      const executed = [...chunks.values()].some((counted) => counted.executed > 0);
      if ((said === 'updated' || said === 'current') && !runs)
        wrong.push(`${index} ${point.where}: FALSE SUCCESS: ${said}: ${results[0]?.reason}`);
      if (hears === 'frozen' && run.name === '83h' && executed)
        wrong.push(`${index} ${point.where}: sent to a frozen unit`);
      await rm(directory.root, { recursive: true, force: true });
    }
    assert.equal(wrong, []);
  });
}

/** Between two commands the answer to the first is kept, or is being kept. */
const isAtCommand = ({ where }: KillPoint): boolean =>
  !where.endsWith(' a write') && !where.endsWith(' a sync');

async function openIn(directory: StateDirectory, point: KillPoint): Promise<OpenUnit | null> {
  const { runs } = await readRuns(directory.runs);
  const { byUnit } = await new UnitStore(directory.units).readAll();
  const [id] = [...point.truths.keys()];
  return openEnd(memoryOf(foldMemory(byUnit, runs, null), id!));
}

/** What is remembered of the unit, against what the run has heard. */
function liesAbout({ heard }: Truth, open: OpenUnit | null): string | null {
  const said = JSON.stringify([open?.outcome, open?.frozen, open?.sent]);
  const isSo = ((): boolean => {
    if (open === null) return false;
    switch (heard) {
      case 'nothing':
        return true;
      case 'refused':
        return open.sent.image === 'not-accepted';
      case 'frozen':
        return open.frozen !== null;
      case 'activation refused':
        return open.sent.image === 'accepted' && open.sent.activation === 'refused';
      case 'waits for power':
        return open.sent.image === 'accepted' && open.sent.waitsFor.join() === 'power-cycle';
      case 'waits':
        return open.sent.image === 'accepted' && open.sent.waitsFor.includes('hard-reset');
    }
  })();
  return isSo ? null : `heard ${heard}, and says ${said}`;
}

kill.run();
