import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import type { DeviceResult } from '../../../../src/run/facts/outcome.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';
import { sesPlayOf } from '../ses-plays.ts';

/** Two modules of an enclosure: what keeps one from being begun, and what is to be looked at again, is the other one. */
const test = suite('run: which module is meant');

const ENCLOSURE = '0x3000000e0100003f';
const module = (process: number, more: Partial<LabDeviceWords> = {}): Partial<LabDeviceWords> => ({
  persona: 'ses-shelf-immediate',
  revision: '2.08',
  enclosure: { id: ENCLOSURE, process, of: 2 },
  ...more,
});
const WAITS = { persona: 'ses-shelf', revision: '2.08' };

const waiting = (): ResolvedPlay => sesPlayOf({}, { activate: [{ step: 'power-cycle' }] });

interface Kept {
  readonly end: LabRunEnd;
  readonly ids: readonly string[];
  /** What a plan says now. */
  readonly plan: (strategy?: LabRun['strategy']) => Promise<Plan>;
}

async function kept(lab: LabRun): Promise<Kept> {
  const directory = directoryIn(scratch());
  const end = await runLab({ ...lab, directory });
  const { host, clock } = end;
  const plays = lab.plays!;
  return {
    end,
    ids: end.results.map(({ id }) => id),
    plan: async (strategy = lab.strategy) => {
      const { memory } = await readMemory(directory);
      const facts = await inspect(host, new Set([0x0d]), clock);
      const remembered = await judgeOpen(facts, plays, { ...NO_MEMORY, memory }, { host, clock });
      return makePlan(playbookOf(plays, strategy), facts, { only: [], remembered });
    },
  };
}

/** `reason` and `next` name the first module alone. */
function namesFirst({ error }: Pick<DeviceResult, 'error'>, [first, second]: readonly string[]): void {
  assert.ok(error!.message.includes(first!), error!.message);
  assert.not.ok(`${error!.message} ${error!.next}`.includes(second!), `${error!.message} ${error!.next}`);
  assert.match(error!.next, `runbook verify --only ${first}`);
}

for (const [title, lab] of [
  ['pending', { devices: [module(1, WAITS), module(2, WAITS)], plays: [waiting()] }],
  [
    'degraded',
    {
      devices: [module(1, { restart: { leaves: { for: '1s', serial: 'OTHER' } } }), module(2)],
      plays: [sesPlayOf()],
    },
  ],
  ['lost', { devices: [module(1, { restart: { leaves: { for: '9h' } } }), module(2)], plays: [sesPlayOf()] }],
] as const) {
  test(`the module that is not begun names the one that ended ${title}`, async () => {
    const { results } = await runLab({ ...lab, strategy: { maxFailures: 5 } });
    assert.equal(
      results.map(({ outcome, error }) => [outcome, error?.code]).map(([outcome]) => outcome),
      [title, 'skipped'],
    );
    assert.is(results[1]!.error?.code, 'partner-not-updated');
    assert.match(results[1]!.reason!, `ended ${title}`);
    namesFirst(
      results[1]!,
      results.map(({ id }) => id),
    );
  });
}

test('later, too: the module that waits for its event, or is degraded, is the one to be verified', async () => {
  const pending = await kept({ devices: [module(1, WAITS), module(2, WAITS)], plays: [waiting()] });
  const [, second] = (await pending.plan()).decisions;
  assert.is(second!.error?.code, 'partner-pending');
  namesFirst({ error: second!.error! }, pending.ids);
  const degraded = await kept({
    devices: [module(1, { restart: { 'lost-paths': 1 }, paths: [{ behind: ['iom'] }] }), module(2), DRIVE],
    plays: [sesPlayOf()],
  });
  assert.is(degraded.end.outcomes, 'degraded skipped');
  const [, partner] = (await degraded.plan()).decisions;
  assert.is(partner!.error?.code, 'partner-degraded');
  namesFirst({ error: partner!.error! }, degraded.ids);
});
const DRIVE: Partial<LabDeviceWords> = {
  persona: 'disk',
  revision: '0001',
  paths: [{ behind: ['iom'] }, { adapter: 7 }],
};

test('a module whose partner does not follow stays degraded until the partner shows the target, for whoever looks', async () => {
  const { end, ids, plan } = await kept({
    devices: [module(1), module(2, { enclosure: { id: ENCLOSURE, process: 2, of: 2, follows: '2h' } })],
    plays: [sesPlayOf()],
    strategy: { partnerSync: 'both' },
  });
  assert.is(end.outcomes, 'degraded skipped');
  const error = end.results[0]!.error!;
  assert.is(error.code, 'partner-out-of-step');
  assert.match(error.message, `its partner ${ids[1]}`);
  assert.match(error.next, `runbook verify --only ${ids[0]}`);
  assert.match(error.next, `runbook verify --accept ${ids[0]}`);
  const still = (await plan()).decisions[0]!;
  assert.equal([still.verdict, still.error?.code], ['degraded', 'partner-out-of-step']);
  assert.match(still.error!.message, `its partner ${ids[1]}`);
  await end.clock.sleep(3 * 3_600_000);
  const after = (await plan()).decisions;
  assert.equal(
    after.map(({ action }) => action),
    ['current', 'current'],
    after.map(({ reason }) => reason).join('; '),
  );
});

test.run();
