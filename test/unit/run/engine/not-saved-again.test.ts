import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { silentScreen } from '../../../../src/report/screen.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { runPlan } from '../../../../src/run/engine/run.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { memoryOf } from '../../../../src/run/records/memory.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playbookOf, playOf, sectionOf } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { sentTo } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';

/** A unit runs its target, and its next power cycle takes it away: what a playbook makes of that which would save it. */
const test = suite('run: an image that was not saved');

const DISK = { type: 'disk', deviceType: 0x00, vendor: 'LAB', product: 'DISK' } as const;
const by = (
  section: Parameters<typeof sectionOf>[0],
  fields: Parameters<typeof playOf>[0] = {},
): ResolvedPlay => playOf({ match: DISK, download: [sectionOf(section)], activate: [], ...fields });

const unsaved = by({ mode: 'dmc_offs' });
const WHOLE = { bpw: 'whole' } as const;
/** Mode 4 alone, and the others by which an image is saved. */
const SAVING: readonly (readonly [name: string, play: ResolvedPlay, outcome: string])[] = [
  ['5', by({ mode: 'dmc_save', ...WHOLE }), 'updated'],
  ['7', by({ mode: 'dmc_offs_save' }), 'updated'],
  ['6, ended with 7', by({ mode: 'dmc_offs', endWith: 'dmc_offs_save' }), 'updated'],
  ['0Eh, activated', by({ mode: 'dmc_offs_defer' }, { activate: [{ step: 'activate_mc' }] }), 'updated'],
  ['0Eh, which waits', by({ mode: 'dmc_offs_defer' }), 'pending'],
];

class Lab {
  readonly clock = new VirtualClock();
  readonly directory = directoryIn(scratch());
  readonly host: SimulatedHost;

  constructor(devices: readonly Partial<LabDeviceWords>[] = [{ persona: 'disk', node: 'sg0' }]) {
    const images = new Map([['2.10', IMAGE]]);
    const words = { lab: 'v1' as const, images: [{ name: '2.10', revision: '2.10' }] };
    const made = devices.map((device) => ({ persona: 'disk', revision: '2.08', ...device }));
    this.host = createLabHost({ ...words, devices: made }, { images, clock: this.clock, keepLog: true });
  }

  async plan(play: ResolvedPlay): Promise<Plan> {
    const { memory } = await readMemory(this.directory);
    const facts = await inspect(this.host, new Set([0]), this.clock);
    const remembered = await judgeOpen(facts, [play], { ...NO_MEMORY, memory }, this);
    return makePlan(playbookOf([play]), facts, { only: [], remembered });
  }

  /** Outcomes of all units. */
  async apply(play: ResolvedPlay): Promise<string> {
    const { results } = await runPlan(await this.plan(play), {
      host: this.host,
      clock: this.clock,
      stop: new StopSwitch(),
      emit: () => undefined,
      screen: silentScreen,
      record: { directory: this.directory, version: 'test', fresh: false },
    });
    return results.map(({ outcome }) => outcome).join(' ');
  }

  async isVolatile(): Promise<boolean> {
    const { memory } = await readMemory(this.directory);
    const [unit] = this.host.devices;
    return memoryOf(memory, `naa.${unit!.identity.naa}`).record?.sent?.isVolatile === true;
  }

  sent = (): number => this.host.devices.reduce((sum, device) => sum + sentTo(device).length, 0);

  /** The last run ended behind the first entry of this state, and no record is there. */
  interruptAt(state: string): void {
    const { runs, units } = this.directory;
    const [name] = readdirSync(runs).filter((file) => file.endsWith('.jsonl'));
    const file = path.join(runs, name!);
    const lines = readFileSync(file, 'utf8').split('\n');
    const last = lines.findIndex((line) => line.includes(`"state":"${state}"`));
    const kept = lines.slice(0, last + 1).map((line) => line.replace(/"pid":\d+/, '"pid":999999999'));
    writeFileSync(file, `${kept.join('\n')}\n`);
    rmSync(units, { recursive: true });
  }
}

const said = ({ decisions }: Plan): string =>
  decisions.map(({ action, reason }) => `${action}: ${reason}`).join('\n');

const AGAIN =
  /^update: runs 2\.10, which run \S+ sent without saving it: it gets the image again, and saved$/m;

for (const [mode, play, outcome] of SAVING) {
  test(`mode ${mode}: the image is sent again, and the record says no longer that it is lost`, async () => {
    const lab = new Lab();
    assert.is(await lab.apply(unsaved), 'updated');
    assert.ok(await lab.isVolatile());
    assert.match(said(await lab.plan(play)), AGAIN);
    const before = lab.sent();
    assert.is(await lab.apply(play), outcome);
    assert.ok(lab.sent() > before);
    assert.not.ok(await lab.isVolatile());
    assert.match(
      said(await lab.plan(play)),
      outcome === 'updated' ? /^current: runs 2\.10 already$/ : /^pending/,
    );
  });
}

test('a playbook that accepts it as well has nothing to do, and says what the next power cycle does', async () => {
  const falls = by({ mode: 'dmc_offs_save', otherwise: { mode: 'dmc_offs', bpw: 4096 } });
  const lab = new Lab();
  await lab.apply(unsaved);
  for (const play of [unsaved, falls]) {
    assert.match(said(await lab.plan(play)), /^current: runs 2\.10 already, not saved: .*power cycle/);
    assert.is(await lab.apply(play), 'current');
    assert.ok(await lab.isVolatile());
  }
});

test('logical units that run one microcode: one of them is written, and the other is looked at', async () => {
  const actuator = { persona: 'disk-two-actuators', serial: 'ACT1' };
  const lab = new Lab([
    { ...actuator, node: 'sg0' },
    { ...actuator, node: 'sg1', 'target-of': 'sg0' },
  ]);
  await lab.apply(unsaved);
  for (const device of lab.host.devices) device.shownRevision = '2.10';
  const saving = by({ mode: 'dmc_offs_save' });
  assert.match(said(await lab.plan(saving)), /sent without saving it.*\n.*sent without saving it/);
  assert.is(await lab.apply(saving), 'updated current');
  assert.not.ok(await lab.isVolatile());
  assert.is(await lab.apply(saving), 'current current');
});

test('where a witness decides, and not the revision, it gets the image again, too', async () => {
  const lab = new Lab();
  await lab.apply(unsaved);
  const witness = { kind: 'inquiry', offset: 8, equals: new TextEncoder().encode('LAB') } as const;
  const verify = { ...unsaved.verify, unchanged: true, witness };
  const match = { ...DISK, revision: ['2.10'] };
  const saving = by({ mode: 'dmc_offs_save' }, { match, verify });
  assert.match(said(await lab.plan(saving)), AGAIN);
  const before = lab.sent();
  assert.is(await lab.apply(saving), 'updated');
  assert.ok(lab.sent() > before);
  assert.is(await lab.apply(saving), 'current');
});

for (const state of ['last-chunk', 'sent']) {
  test(`a run that was interrupted at ${state}: what it sent was not saved either`, async () => {
    const lab = new Lab();
    await lab.apply(unsaved);
    lab.interruptAt(state);
    assert.match(said(await lab.plan(by({ mode: 'dmc_offs_save' }))), AGAIN);
    // A playbook that accepts it settles the run, and that changes nothing of it.
    assert.is(await lab.apply(unsaved), 'current');
    assert.match(said(await lab.plan(unsaved)), /^current: .*not saved/);
    assert.match(said(await lab.plan(by({ mode: 'dmc_offs_save' }))), AGAIN);
    const before = lab.sent();
    assert.is(await lab.apply(by({ mode: 'dmc_offs_save' })), 'updated');
    assert.ok(lab.sent() > before);
    assert.not.ok(await lab.isVolatile());
  });
}

test.run();
