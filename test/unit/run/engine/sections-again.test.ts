import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { readBootId } from '../../../../src/host/machine.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { silentScreen } from '../../../../src/report/screen.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { foldMemory, memoryOf } from '../../../../src/run/records/memory.ts';
import { readRuns } from '../../../../src/run/records/journal-reader.ts';
import type { RunRecord } from '../../../../src/run/records/run-record.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { runPlan } from '../../../../src/run/engine/run.ts';
import type { RunSummary } from '../../../../src/run/engine/run.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playbookOf, playOf, sectionOf } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { BOOT } from '../faults/procedures.ts';
import { scratch } from '../records/builders.ts';
import { sentTo } from '../lab-run.ts';

const test = suite('run/sections-again');

/** The firmware first: the unit shows its target before the boot block is sent. */
const PLAY: ResolvedPlay = playOf({
  match: { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' },
  download: [
    sectionOf({ mode: 'dmc_offs_save' }),
    sectionOf({ mode: 'dmc_offs_save', image: BOOT, bufferId: 1 }),
  ],
  activate: [],
});

class Lab {
  readonly clock = new VirtualClock();
  readonly directory = directoryIn(scratch());
  readonly host: SimulatedHost = createLabHost(
    {
      lab: 'v1',
      images: [
        { name: 'boot', revision: '2.10' },
        { name: 'firmware', revision: '2.10' },
      ],
      devices: [{ persona: 'disk-two-buffers', revision: '2.08' }],
    },
    {
      images: new Map([
        ['boot', BOOT],
        ['firmware', IMAGE],
      ]),
      clock: this.clock,
      keepLog: true,
    },
  );

  /** `asWere`: what the journals are taken for. */
  async plan(
    play = PLAY,
    {
      retry = false,
      asWere = (run) => run,
    }: { retry?: boolean; asWere?: (run: RunRecord) => RunRecord } = {},
  ): Promise<Plan> {
    const { runs } = await readRuns(this.directory.runs);
    const { byUnit } = await new UnitStore(this.directory.units).readAll();
    const memory = foldMemory(byUnit, runs.map(asWere), readBootId());
    const known = { ...NO_MEMORY, memory, retry };
    const facts = await inspect(this.host, new Set([0]), this.clock);
    return makePlan(playbookOf([play]), facts, { only: [], remembered: known });
  }

  run(plan: Plan, host: Host = this.host): Promise<RunSummary> {
    return runPlan(plan, {
      host,
      clock: this.clock,
      stop: new StopSwitch(),
      emit: () => undefined,
      screen: silentScreen,
      record: { directory: this.directory, version: 'test', fresh: false },
    });
  }

  /** The first run: section 2 is refused at its second chunk. */
  async failed(): Promise<void> {
    let count = 0;
    this.host.devices[0]!.putInFront((command, self) =>
      command.cdb[0] === OperationCode.writeBuffer && ++count === 5
        ? self.refuse({ key: 4, asc: 0x3e, ascq: 0x03 })
        : undefined,
    );
    assert.is((await this.run(await this.plan())).results[0]!.outcome, 'failed');
    assert.is(this.host.devices[0]!.shownRevision, '2.10');
  }
}

const said = ({ decisions: [first] }: Plan): string => `${first!.action}: ${first!.reason}`;

test('a unit that shows its target and lacks a section is not current', async () => {
  const lab = new Lab();
  await lab.failed();
  const plan = await lab.plan();
  assert.match(said(plan), /^refused: not all of its sections are proven since run/);
  assert.is(plan.decisions[0]!.error!.code, 'sections-unproven');
  assert.is(plan.work.length, 0);
});

test('with --retry it gets all sections again, from the first one', async () => {
  const lab = new Lab();
  await lab.failed();
  const before = sentTo(lab.host.devices[0]!).length;
  const plan = await lab.plan(PLAY, { retry: true });
  assert.match(said(plan), /^update: shows 2.10, and gets the whole image again: not all/);
  const { results } = await lab.run(plan);
  assert.is(results[0]!.outcome, 'updated', results[0]!.reason ?? '');
  assert.equal(sentTo(lab.host.devices[0]!).slice(before), ['7@0', '7@4096', '7@8192', '7@0', '7@4096']);
  assert.match(said(await lab.plan()), /^current/);
});

test('another image, or one section alone, is judged by the revision', async () => {
  const lab = new Lab();
  await lab.failed();
  assert.match(said(await lab.plan({ ...PLAY, imageSha256: 'f'.repeat(64) })), /^current/);
  assert.match(said(await lab.plan({ ...PLAY, download: PLAY.download.slice(0, 1) })), /^current/);
});

test('a unit on which an earlier section waits stays pending, whatever it shows', async () => {
  const lab = new Lab();
  const play = {
    ...PLAY,
    download: [sectionOf({ image: BOOT, bufferId: 1 }), sectionOf({ mode: 'dmc_offs_save' })],
    activate: [{ step: 'power-cycle' } as const],
  };
  assert.is((await lab.run(await lab.plan(play))).results[0]!.outcome, 'pending');
  assert.match(said(await lab.plan(play)), /^pending: was written by run/);
});

for (const [nth, text] of [
  [4, /^partly sent, section 2 of 2: at least 3 of 5 commands/],
  [5, /^the last chunk was in flight/],
] as const) {
  test(`a run that died at chunk ${nth} is taken up, although the unit shows its target`, async () => {
    const lab = new Lab();
    let count = 0;
    const hanging = new Proxy(lab.host, {
      get: (target, key): unknown => {
        if (key !== 'open') {
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        }
        return async (...given: Parameters<SimulatedHost['open']>) => {
          const transport = await target.open(...given);
          const execute: typeof transport.execute = (command) =>
            command.cdb[0] === OperationCode.writeBuffer && ++count === nth
              ? new Promise(() => undefined)
              : transport.execute(command);
          return { execute, close: () => transport.close() };
        };
      },
    });
    void lab.run(await lab.plan(), hanging);
    while (count < nth) await new Promise((resolve) => setTimeout(resolve, 5));
    const plan = await lab.plan(PLAY, { asWere: (run) => ({ ...run, state: 'died' }) });
    const { knowledge } = memoryOf(plan.memory, plan.decisions[0]!.facts.id).interrupted!;
    assert.match(knowledge.text, text);
    assert.match(
      said(plan),
      /^update: shows 2.10, and gets the whole image again: run .* was interrupted before all of its sections were sent/,
    );
  });
}

test.run();
