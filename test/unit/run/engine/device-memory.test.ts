import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { writtenName } from '../../../../src/run/facts/device-name.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Decision } from '../../../../src/run/plan/decision.ts';
import { memoryNotes } from '../../../../src/run/records/earlier-work.ts';
import { memoryOf, rememberSharing } from '../../../../src/run/records/memory.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import type { StateDirectory } from '../../../../src/run/records/state-directory.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf, playOf, sectionOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';

/** What a run left on one logical unit, asked about through another one that runs its microcode, too. */
const test = suite('run: the memory goes by the device');

const DISK = { type: 'disk', deviceType: 0x00, vendor: 'LAB', product: 'DISK' } as const;
const saves = playOf({ match: DISK, download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });
const defers = playOf({ match: DISK, activate: [] });
const ofAnother: ResolvedPlay = { ...saves, imageSha256: 'e'.repeat(64) };

const ACTUATORS = [
  { persona: 'disk-two-actuators', node: 'sg0', serial: 'ACT1' },
  { persona: 'disk-two-actuators', node: 'sg1', serial: 'ACT1', 'target-of': 'sg0' },
];

interface First {
  readonly end: LabRunEnd;
  readonly directory: StateDirectory;
}

/** A run on sg0 alone. */
async function first(lab: LabRun): Promise<First> {
  const root = scratch();
  const at = (name: string): string => path.join(root, name);
  const directory = { root, runs: at('runs'), units: at('units'), jobs: at('jobs'), open: at('open') };
  return {
    end: await runLab({ devices: ACTUATORS, only: ['sg0'], plays: [saves], ...lab, directory }),
    directory,
  };
}

/** What `plan --only sg1` decides then. */
async function planOther(
  { end, directory }: First,
  play: ResolvedPlay,
  { retry = false, away = '' } = {},
): Promise<Decision> {
  const { host, clock } = end;
  const { memory } = await readMemory(directory);
  const facts = (await inspect(host, new Set([0]), clock)).filter(({ paths }) => paths[0]!.sgNode !== away);
  const known = { memory, retry, takeOver: false, recover: [] };
  const judged = await judgeOpen(facts, [play], known, { host, clock });
  const plan = makePlan(playbookOf([play]), facts, { only: [writtenName('sg1')], remembered: judged });
  return plan.decisions.find(({ facts: { paths } }) => paths[0]!.sgNode === '/dev/sg1')!;
}

const said = ({ action, error, verdict }: Decision): string =>
  [action, error?.code, verdict].filter((word) => word !== undefined).join(' ');

const CHUNK = { operationCode: 0x3b } as const;
const REFUSED = { 0: [{ when: { ...CHUNK, nth: 2 }, sense: { key: 5, asc: 0x26, ascq: 0 } }] };
/** The first chunk breaks it for good: all that is not a look is answered with 4/44. */
const breaks = ([device]: readonly SimulatedDevice[]): void => {
  let broken = false;
  device!.putInFront(({ cdb }) => {
    broken ||= cdb[0] === CHUNK.operationCode;
    return broken && [0x00, 0x3b].includes(cdb[0]!) ? outcomeFor('4/44/00') : undefined;
  });
};

const showsTarget = (devices: readonly SimulatedDevice[]): void => {
  devices[0]!.putInFront((command) => {
    if (command.cdb[0] === CHUNK.operationCode) for (const device of devices) device.shownRevision = '2.10';
    return undefined;
  });
};

const ROWS: readonly (readonly [
  title: string,
  lab: LabRun,
  outcome: string,
  play: ResolvedPlay,
  says: string,
])[] = [
  ['failed', { faults: REFUSED }, 'failed', saves, 'refused ended-badly failed'],
  [
    'failed, and a staged revision is shown',
    { faults: REFUSED, prepare: showsTarget },
    'failed',
    saves,
    'refused image-incomplete failed',
  ],
  ['pending', { plays: [defers] }, 'pending', defers, 'pending waits-for-event'],
  ['frozen', { prepare: breaks }, 'frozen', saves, 'refused frozen frozen'],
];

for (const [title, lab, outcome, play, says] of ROWS) {
  test(`${title}: the other actuator gets nothing without --retry`, async () => {
    const run = await first(lab);
    assert.is(run.end.outcomes, outcome);
    const decision = await planOther(run, play);
    assert.is(said(decision), says);
    const written = `naa.${run.end.devices[0]!.identity.naa}`;
    assert.match(
      decision.reason,
      says.includes('incomplete') ? 'staged' : `${written}, which shares its microcode`,
    );
    if (outcome !== 'frozen') assert.is((await planOther(run, play, { retry: true })).action, 'update');
  });
  test(`${title}: a record of an older version does not name the other actuator, and the units that are there do`, async () => {
    const run = await first(lab);
    asOlder(run);
    assert.is(said(await planOther(run, play)), says);
  });
  test(`${title}: drives of a bridge are devices of their own`, async () => {
    const run = await first({
      ...lab,
      devices: [
        { persona: 'disk', node: 'sg0', serial: 'B1' },
        { persona: 'disk', node: 'sg1', serial: 'B2', 'target-of': 'sg0' },
      ],
    });
    assert.is(run.end.outcomes, outcome);
    const { error, action } = await planOther(run, play);
    assert.not.ok(['ended-badly', 'waits-for-event', 'frozen'].includes(error?.code ?? ''), action);
  });
}

/** Records and journals as a version wrote them that did not know of shared microcode. */
function asOlder({ directory: { runs, units } }: First): void {
  for (const folder of [runs, units]) {
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(/"shares":\s*\[[^\]]*\],\s*/g, ''));
    }
  }
}

/** The journal of the first run ends behind the first entry of this state, and no record is there. */
function interruptAt({ directory }: First, state: string): void {
  const [name] = readdirSync(directory.runs).filter((file) => file.endsWith('.jsonl'));
  const file = path.join(directory.runs, name!);
  const lines = readFileSync(file, 'utf8').split('\n');
  const last = lines.findIndex((line) => line.includes(`"state":"${state}"`));
  assert.ok(last > 0);
  // Its process is gone.
  const kept = lines.slice(0, last + 1).map((line) => line.replace(/"pid":\d+/, '"pid":999999999'));
  writeFileSync(file, `${kept.join('\n')}\n`);
  rmSync(directory.units, { recursive: true });
}

test('an interrupted run: its work is taken up through the other actuator; another image waits for a person', async () => {
  const run = await first({ faults: REFUSED });
  interruptAt(run, 'progress');
  const decision = await planOther(run, saves);
  assert.is(decision.action, 'update');
  const { memory } = await readMemory(run.directory);
  const [note] = memoryNotes([decision], memory);
  assert.match(
    note!.message,
    `was interrupted on naa.${run.end.devices[0]!.identity.naa}, which shares its microcode`,
  );
  const sent = await first({});
  interruptAt(sent, 'last-chunk');
  for (const device of sent.end.devices) device.shownRevision = '2.08';
  assert.is(said(await planOther(sent, ofAnother)), 'refused interrupted-run');
});

test('both fell back: the other actuator is refused with the runs of the one that was written', async () => {
  const run = await first({});
  assert.is(run.end.outcomes, 'updated');
  assert.is((await planOther(run, saves)).action, 'current');
  for (const device of run.end.devices) device.shownRevision = '2.08';
  const decision = await planOther(run, saves);
  assert.is(said(decision), 'refused fell-back');
  assert.match(decision.reason, `run ${run.end.run} brought naa.`);
});

test('the unit that was written is away: the other one is asked in its place', async () => {
  const run = await first({ faults: REFUSED, prepare: showsTarget });
  assert.is(said(await planOther(run, saves, { away: '/dev/sg0' })), 'refused image-incomplete failed');
});

test('later work through the other actuator settles what the first one left', async () => {
  const run = await first({ faults: REFUSED });
  const [sg0, sg1] = run.end.devices.map(({ identity }) => `naa.${identity.naa}`);
  const before = await readMemory(run.directory);
  assert.equal(
    openUnits(before.memory).map(({ device }) => device.id),
    [sg0],
  );
  assert.is(memoryOf(before.memory, sg1!).record?.outcome, 'failed');
  await new Promise((resolve) => setTimeout(resolve, 5));
  await runLab({ devices: ACTUATORS, only: ['sg1'], plays: [saves], directory: run.directory });
  const { memory } = await readMemory(run.directory);
  assert.equal(openUnits(memory), []);
  assert.is(memoryOf(memory, sg0!).record?.outcome, 'updated');
  assert.equal(memoryOf(memory, sg0!).record?.endedBadly, []);
});

test('later work through the other actuator settles it where no record says that they share', async () => {
  const run = await first({ faults: REFUSED });
  asOlder(run);
  await new Promise((resolve) => setTimeout(resolve, 5));
  // Another lab, with the same units: what the second run of the older version left.
  await runLab({ devices: ACTUATORS, only: ['sg1'], plays: [saves], directory: run.directory });
  asOlder(run);
  const { memory } = await readMemory(run.directory);
  assert.is(openUnits(memory).length, 1, 'the records alone do not tell');
  const facts = await inspect(run.end.host, new Set([0]), run.end.clock);
  assert.equal(openUnits(rememberSharing(memory, facts)), []);
});

test('both are selected: what waits is one device, and no unit was left undone', async () => {
  const { end } = await first({ plays: [defers], only: [] });
  assert.is(end.outcomes, 'pending skipped');
  assert.is(end.exit.code, 6);
});

for (const [title, answer, outcome, exit] of [
  ['reports an internal failure', '4/44/00', 'frozen', 'FROZEN'],
  ['does not answer', 'host 1', 'lost', 'LOST'],
] as const) {
  test(`the other unit ${title} after the microcode of both was written: ${outcome}, and not refused`, async () => {
    const end = await first({
      only: [],
      prepare: ([written, other]) => {
        other!.putInFront(({ cdb }) => {
          const isOver = written!.log.some(({ cdb: sent }) => sent[0] === CHUNK.operationCode);
          return isOver && (outcome === 'lost' || cdb[0] === 0x00) ? outcomeFor(answer) : undefined;
        });
      },
    });
    assert.equal(
      end.end.results.map((result) => result.outcome),
      ['updated', outcome],
    );
    assert.is(end.end.exit.name, exit);
    assert.equal([...openUnits((await readMemory(end.directory)).memory)].length, 1);
  });
}

test.run();
