import * as assert from 'uvu/assert';
import { rm } from 'node:fs/promises';
import { interruptedRuns } from '../../../../src/run/records/interrupted-runs.ts';
import { knowledgeOf } from '../../../../src/run/records/knowledge.ts';
import { memoryOf } from '../../../../src/run/records/memory.ts';
import type { Knowledge } from '../../../../src/run/records/knowledge.ts';
import { readRuns } from '../../../../src/run/records/journal-reader.ts';
import type { DeviceRecord } from '../../../../src/run/records/run-record.ts';
import type { StateDirectory } from '../../../../src/run/records/state-directory.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, sectionOf, playOf } from '../builders.ts';
import { finalTarget, killPointsOf, leftBy, nextRun } from './kill-points.ts';
import type { Killed, KilledRun, KillPoint, NextRun, Truth } from './kill-points.ts';
import { BOOT } from './procedures.ts';
import { sesPlayOf, sesSectionOf } from '../ses-plays.ts';
import { STEP_IMAGES, STEPS } from '../steps.ts';

const CARD = { persona: 'hp-sas-expander', revision: '2.08' };
const shelf = (persona: string) => ({ persona, revision: '2.08' });
const onDisk = { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' } as const;
const unclear = {
  when: { operationCode: OperationCode.writeBuffer, nth: 2 },
  executed: true,
  answer: { hostStatus: 3 },
};

const SECTION_IMAGES = new Map([
  ['2.08', BOOT],
  ['2.10', IMAGE],
]);

const RUNS: readonly KilledRun[] = [
  { name: 'WRITE BUFFER 0Eh and activation', devices: [CARD], play: playOf() },
  {
    name: 'WRITE BUFFER 7',
    devices: [CARD],
    play: playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] }),
  },
  {
    name: 'WRITE BUFFER 5, one command',
    devices: [{ persona: 'disk', revision: '2.08' }],
    play: playOf({ match: onDisk, download: [sectionOf({ mode: 'dmc_save', bpw: 'whole' })], activate: [] }),
  },
  {
    name: 'WRITE BUFFER 7 that waits for a power cycle',
    devices: [{ persona: 'disk-power-cycle', revision: '2.08' }],
    play: playOf({ match: onDisk, download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] }),
  },
  { name: 'WRITE BUFFER 0Eh, begun twice', devices: [CARD], play: playOf(), faults: [unclear] },
  {
    name: 'WRITE BUFFER 0Eh, and 7 where it is not known',
    devices: [{ persona: 'hp-sas-expander-old', revision: '2.08' }],
    play: playOf({ download: [sectionOf({ otherwise: { mode: 'dmc_offs_save', bpw: 4096 } })] }),
  },
  {
    name: 'WRITE BUFFER 0Eh, two at a time',
    devices: [CARD, CARD],
    play: playOf(),
    strategy: { concurrent: 2 },
  },
  { name: 'SES 7', devices: [shelf('ses-shelf-immediate')], play: sesPlayOf() },
  { name: 'SES 7 that waits for a power cycle', devices: [shelf('ses-shelf')], play: sesPlayOf() },
  {
    name: 'SES 0Eh and activation',
    devices: [shelf('ses-shelf-deferred')],
    play: sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [{ step: 'activate_mc' }] }),
  },
  {
    name: 'one play after another',
    devices: [CARD],
    play: STEPS[0]!,
    later: [STEPS[1]!],
    images: STEP_IMAGES,
  },
  {
    name: 'two sections of WRITE BUFFER 0Eh',
    devices: [{ persona: 'disk-two-buffers', revision: '2.08' }],
    play: playOf({ match: onDisk, download: [sectionOf({ image: BOOT, bufferId: 1 }), sectionOf()] }),
    images: SECTION_IMAGES,
  },
  {
    name: 'two sections of WRITE BUFFER 7',
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
  },
  {
    name: 'SES 0Eh to two subenclosures',
    devices: [shelf('ses-shelf-triple')],
    play: sesPlayOf(
      {},
      {
        download: [
          sesSectionOf({ mode: 'dmc_offs_defer', image: BOOT, subenclosureId: 2 }),
          sesSectionOf({ mode: 'dmc_offs_defer' }),
        ],
        activate: [{ step: 'activate_mc' }],
      },
    ),
    images: SECTION_IMAGES,
  },
  {
    name: 'SES 0Eh to two subenclosures, of which the last is looked at',
    laterMs: 60_000, // subenclosure 2 is known by page 01h alone
    devices: [{ persona: 'ses-shelf-triple', revision: '0030' }], // like subenclosure 2
    play: sesPlayOf(
      {},
      {
        match: { revision: ['0030'] },
        download: [
          sesSectionOf({ mode: 'dmc_offs_defer' }),
          sesSectionOf({ mode: 'dmc_offs_defer', subenclosureId: 2 }),
        ],
        activate: [{ step: 'activate_mc' }],
      },
    ),
  },
  { name: 'SES 7 that waits for a reset', devices: [shelf('ses-shelf-hard-reset')], play: sesPlayOf() },
];

const kill = suite('run killed at every step');
const count = { points: 0, statements: 0, next: 0 };
const made = new Map<KilledRun, Promise<Killed>>();
const killed = (run: KilledRun): Promise<Killed> => {
  if (!made.has(run)) made.set(run, killPointsOf(run));
  return made.get(run)!;
};

for (const run of RUNS) {
  kill(
    `what is said after ${run.name} was killed is never less than what was sent, and never more`,
    async () => {
      const { run: name, points } = await killed(run);
      const wrong: string[] = [];
      const runsLeft = readerOf(name);
      for (const [index, point] of points.entries()) {
        count.points++;
        for (const kind of ['written', 'synced'] as const) {
          const { runs, unreadable } = await runsLeft(point, point.journal[kind]);
          const dead = interruptedRuns(runs);
          for (const error of unreadable) wrong.push(`${index} ${point.where}, ${kind}: ${error.message}`);
          for (const [id, truth] of point.truths) {
            count.statements++;
            const record = runs[0]?.devices.filter((device) => device.id === id).at(-1);
            const said = record === undefined ? null : knowledgeOf(record, name);
            const lies = contradictions(said, record, truth);
            const isOfPlay = record !== undefined && truth.startedFrom === record.before;
            if (truth.chunks > 0 && isOfPlay && record.result === null && !dead.has(id))
              lies.push('no dead run is seen');
            for (const lie of lies) wrong.push(`${index} ${point.where}, ${kind}: ${lie}`);
          }
        }
      }
      assert.equal(wrong, []);
    },
  );
}

for (const run of RUNS) {
  kill(`the next run after ${run.name} was killed finishes it, and sends nothing over new code`, async () => {
    const { run: name, points, results } = await killed(run);
    const wrong: string[] = [];
    const done = new Set<string>();
    for (const [index, point] of points.entries()) {
      for (const kind of ['written', 'synced'] as const) {
        const journal = point.journal[kind];
        const what = JSON.stringify([
          journal && Buffer.from(journal).toString(),
          point.lab,
          [...point.records],
        ]);
        if (done.has(what)) continue;
        done.add(what);
        count.next++;
        const directory = await leftBy(name, point, journal);
        const next = await nextRun(run, point, directory);
        for (const lie of wrongNext(run, next, point, results)) {
          wrong.push(`${index} ${point.where}, ${kind}: ${lie}; ${next.notices.join(' | ')}`);
        }
        const { byUnit } = interruptedIn(await readRuns(directory.runs));
        for (const dead of byUnit.values()) {
          if (dead.knowledge.known !== 'nothing-sent')
            wrong.push(`${index} ${kind}: still dead: ${dead.knowledge.text}`);
        }
        await takeAway(directory);
      }
    }
    assert.equal(wrong, []);
  });
}

type Runs = Awaited<ReturnType<typeof readRuns>>;

/** Reads what a kill left, each journal once: between two writes it is the same at many points. */
function readerOf(name: string): (point: KillPoint, journal: Uint8Array | null) => Promise<Runs> {
  const read = new Map<string, Runs>();
  return async (point, journal) => {
    const key = journal === null ? 'none' : Buffer.from(journal).toString();
    let runs = read.get(key);
    if (runs === undefined) {
      const directory = await leftBy(name, point, journal);
      runs = await readRuns(directory.runs);
      await takeAway(directory);
      read.set(key, runs);
    }
    return runs;
  };
}

/** At once: a process that has thousands of files to take away when it ends takes longer than it may on a busy disk. */
const takeAway = ({ root }: StateDirectory): Promise<void> => rm(root, { recursive: true, force: true });

const interruptedIn = ({ runs }: Runs) => ({ byUnit: interruptedRuns(runs) });

/** What the next run did, against where the device stood. */
const lastPlay = ({ play, later = [] }: KilledRun): string => (later.at(-1) ?? play).name;

function wrongNext(run: KilledRun, next: NextRun, point: KillPoint, unkilled: Killed['results']): string[] {
  const lies = next.bugs.map((bug) => `bug: ${String(bug)}`);
  lies.push(...next.plan.refusals.map(({ error }) => `refused: ${error.message}`));
  for (const result of next.results) {
    const truth = point.truths.get(result.id)!;
    const device = next.devices.find(({ id }) => `naa.${id}` === result.id)!;
    const { executed, overNewCode } = next.chunks.get(result.id)!;
    const text = `${result.outcome} (${result.reason ?? ''}), ${JSON.stringify(truth)}`;
    const wanted = unkilled.find(({ id, play }) => id === result.id && play === result.play)!.outcome;
    const good = wanted === 'updated' ? ['updated', 'current'] : [wanted];
    if (!good.includes(result.outcome)) lies.push(`not ${wanted}: ${text}`);
    const updated = result.outcome === 'updated' || result.outcome === 'current';
    const isLast = result.play === lastPlay(run);
    if (isLast && updated !== (device.shownRevision === finalTarget(run)))
      lies.push(`a false verdict: ${text}`);
    // An activation in flight for a subenclosure that is not looked at: nobody knows.
    const left = memoryOf(next.plan.memory, result.id).interrupted?.device.facts;
    const unseen = left?.activation === 2 && left.section !== left.sections;
    if (overNewCode > 0 && !unseen) lies.push(`sent over new code: ${text}`);
    // With the last chunk in flight, and a device that does not say that it waits, nobody knows.
    const known = memoryOf(next.plan.memory, result.id).interrupted?.knowledge.known ?? 'verdict';
    const inDoubt = known === 'last-chunk-in-flight';
    if (wanted === 'pending' && truth.allAccepted && executed > 0 && !inDoubt) {
      lies.push(`a pending unit was flashed again: ${text}`);
    }
  }
  return lies;
}

const NOTHING_SENT = {
  chunks: 0,
  accepted: 0,
  end: false,
  allAccepted: false,
  activations: 0,
  activated: false,
};

/** What is said about a device against what it really got. */
function contradictions(said: Knowledge | null, record: DeviceRecord | undefined, found: Truth): string[] {
  // What an earlier play sent is settled, and no part of what is said of this one.
  const isOfPlay = record === undefined || found.startedFrom === record.before;
  const truth = isOfPlay ? found : { ...found, ...NOTHING_SENT };
  const known = said?.known ?? 'nothing-sent';
  const text = `said ${known} (${said?.text ?? 'no journal'}); in truth ${JSON.stringify(truth)}`;
  const wrong = (what: string): string => `${what}: ${text}`;
  if (known === 'verdict') {
    const updated = record?.result?.outcome === 'updated';
    return updated === (truth.revision === record?.target) ? [] : [wrong('a false verdict')];
  }
  const lies: string[] = [];
  const afterEnd = said?.verifyFirst === true;
  if (truth.chunks > 0 && known === 'nothing-sent') lies.push(wrong('says that nothing was sent'));
  if (truth.end && !afterEnd) lies.push(wrong('does not say that the image may be complete'));
  if (truth.activations > 0 && known !== 'activation-in-flight' && known !== 'activated-not-verified')
    lies.push(wrong('does not say that the activation was sent'));
  if (known === 'activated-not-verified' && !truth.activated) lies.push(wrong('was not activated'));
  if (known === 'sent-not-activated' && !truth.allAccepted) lies.push(wrong('was not accepted as a whole'));
  if (known === 'activation-in-flight' && !truth.allAccepted) lies.push(wrong('was not accepted as a whole'));
  if (known === 'unclear') lies.push(wrong('a journal of this version is not understood'));
  if ((record?.facts.chunk ?? 0) > truth.accepted && known === 'partly-sent')
    lies.push(wrong('says too much'));
  return lies;
}

kill.after(() => {
  process.stdout.write(
    `  killed at ${count.points} points, ${count.statements} statements compared, ${count.next} next runs\n`,
  );
});

kill.run();
