import * as assert from 'uvu/assert';
import { TransportError } from '../../../../src/base/errors.ts';
import type { Access, AttachedDevice, Host } from '../../../../src/host/host.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { inquiryVpd } from '../../../../src/scsi/vpd.ts';
import { deviceIdentification } from '../../../../src/scsi/vpd-device-identification.ts';
import { exactSerialNumber } from '../../../../src/scsi/vpd-unit-serial-number.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { suite } from '../../../support/suite.ts';
import { playbookOf, playOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { scratch } from '../records/builders.ts';

/** A path is more than a line of sysfs: the unit is asked over each one, right before the first byte and before it is `updated`. */
const test = suite('run: the unit answers over its further paths');

const [FIRST, SECOND] = ['6:0:0:0', '7:0:0:0'];
const TWO_PATHS = [
  { node: 'sg0', adapter: 6 },
  { node: 'sg1', adapter: 7 },
];
const GONE = { hostStatus: 0x01 };

/** What another than its own answer comes over a path, from some moment on. */
interface Broken {
  /** By nexus; a function makes it of the own answer. */
  readonly answers: Map<string, Partial<CommandOutcome> | ((cdb: Uint8Array) => CommandOutcome | undefined)>;
  /** Nodes that cannot be opened: the code of the error. */
  readonly closed: Map<
    string,
    { readonly code: 'node-busy' | 'not-permitted' | 'open-failed'; readonly errno?: number }
  >;
}

/** As the kernel does: a node that is open for one alone is not opened by anybody else, and is not opened so while it is open. */
function exclusive(
  host: SimulatedHost,
  { closed }: Broken,
): { readonly host: Host; readonly opened: string[] } {
  const open = new Map<string, number>();
  const opened: string[] = [];
  const openOnce: Host['open'] = async (path: AttachedDevice, access: Access) => {
    const node = path.sgNode!;
    const why = closed.get(node);
    if (why !== undefined)
      throw new TransportError(why.code, `${node}: ${why.code}`, { node, errno: why.errno ?? 0 });
    const count = open.get(node) ?? 0;
    if (count < 0 || (access === 'change' && count > 0))
      throw new TransportError('node-busy', `${node}: is open already`, { node });
    const transport = await host.open(path, access);
    open.set(node, access === 'change' ? -1 : count + 1);
    opened.push(`${node} ${access}`);
    return {
      execute: (command) => transport.execute(command),
      close: async () => {
        open.set(node, access === 'change' ? 0 : open.get(node)! - 1);
        await transport.close();
      },
    };
  };
  const seen = new Proxy<Host>(host, {
    get: (_host, name) => {
      const own: unknown = name === 'open' ? openOnce : Reflect.get(host, name, host);
      return typeof own === 'function' ? (own.bind(host) as unknown) : own;
    },
  });
  return { opened, host: seen };
}

interface End extends LabRunEnd {
  readonly opened: readonly string[];
  readonly broken: Broken;
  readonly notices: readonly string[];
  readonly view: Host;
}

/** @param when behind the last check (`before`), at the first chunk, and at the look at the revision (`afterwards`) */
async function run(
  when: Partial<Record<'before' | 'written' | 'afterwards', (broken: Broken) => void>>,
  more: LabRun = {},
): Promise<End> {
  const broken: Broken = { answers: new Map(), closed: new Map() };
  let opened: readonly string[] = [];
  let view: Host | undefined;
  const end = await runLab({
    devices: [{ paths: TWO_PATHS }],
    plays: [play()],
    ...more,
    prepare: (devices, host) => {
      more.prepare?.(devices, host);
      devices[0]!.putInFront(({ cdb }, _device, nexus) => {
        const answer = broken.answers.get(nexus);
        return typeof answer === 'function' ? answer(cdb) : answer && outcomeOf(answer);
      });
      when.before?.(broken);
    },
    instead: (host) => {
      const made = exclusive(host, broken);
      ({ opened } = made);
      view = made.host;
      return made.host;
    },
    onEvent: (event, ...rest) => {
      more.onEvent?.(event, ...rest);
      if (event.type === 'progress') when.written?.(broken);
      if (event.type === 'waiting' && event.what.startsWith('revision')) when.afterwards?.(broken);
    },
  });
  const notices = end.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  return { ...end, opened, broken, notices, view: view! };
}

const asked = ({ log }: SimulatedDevice): number =>
  log.filter(({ cdb }) => cdb[0] === OperationCode.inquiry).length;

/** A short wait: what does not come in it does not come. */
const play = (fields: PlayFields = {}): ResolvedPlay =>
  playOf({ ...fields, verify: { ...playOf().verify, withinMs: 15_000, ...fields.verify } });
const ignoring = (): ResolvedPlay => play({ verify: { ...play().verify, paths: 'ignore' } });

for (const [title, answer] of [
  ['no device at the address', GONE],
  ['an errno', { errno: 5 }],
  ['a time-out', { hostStatus: 0x03 }],
] as const) {
  test(`a path that answers no more since the last chunk (${title}) makes the unit degraded, and is named`, async () => {
    const { results, exit } = await run({ written: ({ answers }) => void answers.set(SECOND, answer) });
    const [{ outcome, error, reason }] = results as [LabRunEnd['results'][number]];
    assert.equal([outcome, error?.code, exit.name], ['degraded', 'paths-missing', 'FAILED']);
    assert.match(
      reason!,
      /runs 2\.10, but a path does not answer any more: .*on adapter 7 \(\/dev\/sg1: INQUIRY/,
    );
    assert.ok(error!.cdb?.startsWith('12'), 'the command that was not answered');
  });
}

test('the path that was written over is one of them, where the unit goes on over another', async () => {
  const { results } = await run({ afterwards: ({ answers }) => void answers.set(FIRST, GONE) });
  assert.match(
    results[0]!.reason!,
    /a path does not answer any more: the unit itself on adapter 6 \(\/dev\/sg0/,
  );
});

test('a path that answers late is waited for', async () => {
  let nowMs = (): number => 0;
  const { outcomes, clock } = await run(
    {
      written: ({ answers }) => void answers.set(SECOND, GONE),
      afterwards: ({ answers }) =>
        void answers.set(SECOND, () => (nowMs() < 9_000 ? outcomeOf(GONE) : undefined)),
    },
    { prepare: ([device]) => (nowMs = () => device!.clock.nowMs()) },
  );
  assert.is(outcomes, 'updated');
  assert.ok(clock.nowMs() >= 9_000);
});

test('a path that never answered need not answer afterwards, nor be there, and that is told', async () => {
  const { outcomes, notices } = await run({ before: ({ answers }) => void answers.set(SECOND, GONE) });
  assert.is(outcomes, 'updated');
  assert.match(notices.join('\n'), /\/dev\/sg1: INQUIRY: .*this path need not answer afterwards/);
});

test('nothing is asked where nobody wants to know, and where there is one path alone', async () => {
  const quiet = await run(
    { written: ({ answers }) => void answers.set(SECOND, GONE) },
    { plays: [ignoring()] },
  );
  assert.is(quiet.outcomes, 'updated');
  assert.not.ok(quiet.opened.some((open) => open.startsWith('/dev/sg1')));
  const [compared, ignored] = await Promise.all(
    [play(), ignoring()].map((play) => run({}, { devices: [{}], plays: [play] })),
  );
  assert.is(asked(compared!.devices[0]!), asked(ignored!.devices[0]!));
});

test('a path in standby answers', async () => {
  const standby = (cdb: Uint8Array): CommandOutcome | undefined =>
    cdb[0] === OperationCode.testUnitReady
      ? outcomeOf({
          status: 2,
          sense: Uint8Array.from([0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x04, 0x0b, 0, 0, 0, 0]),
        })
      : undefined;
  assert.is((await run({ before: ({ answers }) => void answers.set(SECOND, standby) })).outcomes, 'updated');
});

test('what the unit has to say over a further path waits there still, and nothing but looks was sent over it', async () => {
  const { devices, outcomes, opened } = await run({});
  assert.is(outcomes, 'updated');
  assert.ok(devices[0]!.unitAttentions.pending()[SECOND]!.length > 0);
  const further = opened.filter((open) => open.startsWith('/dev/sg1'));
  assert.ok(further.length >= 2);
  assert.equal([...new Set(further)], ['/dev/sg1 read']);
});

/** VPD page 80h of another unit. */
const otherSerial = (cdb: Uint8Array): CommandOutcome | undefined =>
  cdb[0] === OperationCode.inquiry && cdb[1] === 1 && cdb[2] === exactSerialNumber.pageCode
    ? outcomeOf({ dataIn: exactSerialNumber.encode('OTHER') })
    : undefined;

test('a path over which another unit answers is refused before the first byte', async () => {
  const { results, devices } = await run({ before: ({ answers }) => void answers.set(SECOND, otherSerial) });
  assert.equal([results[0]!.outcome, results[0]!.error?.code], ['refused', 'identity-changed']);
  assert.match(
    results[0]!.reason!,
    /naa\.\w+ \(serial \w+\) was at \/dev\/sg1, now naa\.\w+ \(serial OTHER\)/,
  );
  assert.equal(sentTo(devices[0]!), []);
});

test('a path over which another unit answers afterwards makes it degraded: with both names', async () => {
  const { results } = await run({ written: ({ answers }) => void answers.set(SECOND, otherSerial) });
  assert.equal([results[0]!.outcome, results[0]!.error?.code], ['degraded', 'identity-changed']);
  assert.match(results[0]!.reason!, /was at \/dev\/sg1, now naa\.\w+ \(serial OTHER\)/);
});

test('a serial number that the new code changes is another one over all paths', async () => {
  const end = await run(
    {},
    {
      devices: [{ paths: TWO_PATHS, 'new-serial': 'NEW1' }],
      plays: [play({ firmware: { ...playOf().firmware, serialMayChange: true } })],
    },
  );
  assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
});

for (const code of ['node-busy', 'not-permitted'] as const) {
  test(`a path that could not be opened before (${code}) has to be there afterwards, and need not answer`, async () => {
    const end = await run({ before: ({ closed }) => void closed.set('/dev/sg1', { code }) });
    assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
  });

  test(`a path that answered and cannot be opened any more (${code}) is not called missing, and not updated`, async () => {
    const { results } = await run({ written: ({ closed }) => void closed.set('/dev/sg1', { code }) });
    assert.equal([results[0]!.outcome, results[0]!.error?.code], ['degraded', 'paths-unreadable']);
    assert.match(
      results[0]!.reason!,
      `a path cannot be asked any more: the unit itself on adapter 7 (/dev/sg1: ${code})`,
    );
  });
}

test('a node behind which the kernel has no device any more is a silent one', async () => {
  const { results } = await run({
    written: ({ closed }) => void closed.set('/dev/sg1', { code: 'open-failed', errno: 6 }),
  });
  assert.is(results[0]!.error?.code, 'paths-missing');
});

const HARDWARE_ERROR = {
  status: 2,
  sense: Uint8Array.from([0x70, 0, 4, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3e, 1, 0, 0, 0, 0]),
};

test('a path that answers, if only with hardware errors, is not a silent one: it is there, and could not be asked', async () => {
  const before = await run({ before: ({ answers }) => void answers.set(SECOND, HARDWARE_ERROR) });
  assert.is(before.outcomes, 'updated');
  assert.match(
    before.notices.join('\n'),
    /\/dev\/sg1: INQUIRY: HARDWARE ERROR.*; this path has to be there afterwards, and need not answer/,
  );
  const { results } = await run({ written: ({ answers }) => void answers.set(SECOND, HARDWARE_ERROR) });
  assert.equal([results[0]!.outcome, results[0]!.error?.code], ['degraded', 'paths-unreadable']);
  assert.match(
    results[0]!.reason!,
    /a path cannot be asked any more: .*on adapter 7 \(\/dev\/sg1: INQUIRY: HARDWARE ERROR/,
  );
});

for (const page of [exactSerialNumber, deviceIdentification]) {
  const refusing = (cdb: Uint8Array): CommandOutcome | undefined =>
    cdb[0] === OperationCode.inquiry && cdb[1] === 1 && cdb[2] === page.pageCode
      ? outcomeOf({
          status: 2,
          sense: Uint8Array.from([0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0]),
        })
      : undefined;
  const title = `page ${page.pageCode.toString(16)}h that the unit has, and that is refused over a further path,`;

  test(`${title} does not make another unit of it before the first byte`, async () => {
    const { outcomes } = await run({ before: ({ answers }) => void answers.set(SECOND, refusing) });
    assert.is(outcomes, 'updated');
  });

  test(`${title} does not make another unit of it afterwards`, async () => {
    const { results } = await run({ written: ({ answers }) => void answers.set(SECOND, refusing) });
    assert.equal([results[0]!.outcome, results[0]!.error?.code], ['degraded', 'paths-unreadable']);
  });
}

test('an identity that cannot be read over it is neither an answer nor another unit', async () => {
  const unread = (cdb: Uint8Array): CommandOutcome | undefined =>
    cdb[0] === OperationCode.inquiry && cdb[1] === 1 && cdb[2] === inquiryVpd(exactSerialNumber).cdb[2]
      ? outcomeOf({ dataIn: new Uint8Array(2) })
      : undefined;
  const { results } = await run({ written: ({ answers }) => void answers.set(SECOND, unread) });
  assert.equal([results[0]!.outcome, results[0]!.error?.code], ['degraded', 'paths-unreadable']);
});

for (const [title, plays, outcome] of [
  ['degraded', [play()], 'degraded'],
  ['pending', [play({ activate: [{ step: 'power-cycle' }] })], 'pending'],
] as const) {
  test(`verify of a ${title} unit asks the paths that answered: over what is left of them, as plan says it`, async () => {
    const directory = directoryIn(scratch());
    const end = await run(
      { written: ({ answers }) => void answers.set(SECOND, GONE) },
      { plays, directory, devices: [{ paths: TWO_PATHS }] },
    );
    assert.is(end.outcomes, outcome);
    const { host, clock, broken, view } = end;
    if (outcome === 'pending') end.devices[0]!.powerCycle();
    const looked = async () => {
      const { memory } = await readMemory(directory);
      const facts = await inspect(host, new Set([0x0d]), clock);
      const [open] = openUnits(memory, end.run);
      const found = await verifyUnit(open!, facts[0], { host: view, clock });
      const judged = await judgeOpen(facts, plays, { ...NO_MEMORY, memory }, { host: view, clock });
      const [decision] = makePlan(playbookOf(plays), facts, { only: [], remembered: judged }).decisions;
      return { found, decision: decision! };
    };
    for (const [at, silent] of [
      [SECOND, 7],
      [FIRST, 6],
    ] as const) {
      broken.answers.clear();
      broken.answers.set(at, GONE);
      const { found, decision } = await looked();
      assert.is(found.result.outcome, 'degraded', found.result.reason ?? '');
      assert.is(found.result.error?.code, 'paths-missing');
      assert.match(found.result.reason!, `on adapter ${silent} (`);
      assert.equal([decision.verdict, decision.error?.code], ['degraded', 'paths-missing']);
    }
    broken.answers.clear();
    const { found } = await looked();
    assert.is(found.result.outcome, 'updated', found.result.reason ?? '');
    assert.ok(found.settles);
  });
}

test.run();
