import * as assert from 'uvu/assert';
import { refusal } from '../../../../src/base/refusal.ts';
import { HostError } from '../../../../src/host/host-error.ts';
import type { Host } from '../../../../src/host/host.ts';
import { activateMicrocode } from '../../../../src/microcode/write-buffer/activation.ts';
import type { ActivationStep } from '../../../../src/playbook/resolved.ts';
import { runActivationSteps } from '../../../../src/run/unit/activation-steps.ts';
import type { StepsEnd } from '../../../../src/run/unit/activation-steps.ts';
import { scripted } from '../../../support/scripted-transport.ts';
import type { Script } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { pathOf } from '../builders.ts';

interface Done {
  readonly end: StepsEnd;
  /** What was done, in order: commands by their log line, host steps by name. */
  readonly log: string[];
  readonly notices: string[];
  readonly tookMs: number;
}

async function run(
  steps: readonly ActivationStep[],
  given: { script?: Script; deferred?: boolean; exitCode?: number; rescan?: Error } = {},
): Promise<Done> {
  const { device, transport, clock } = scripted(given.script ?? {});
  const notices: string[] = [];
  const { log } = transport;
  const host = {
    rescan: ({ sgNode }) => {
      log.push(`rescan ${sgNode ?? ''}${transport.closed ? '' : ', still open'}`);
      return given.rescan === undefined ? Promise.resolve() : Promise.reject(given.rescan);
    },
    reloadDriver: (driver) => {
      log.push(`reload ${driver}`);
      return Promise.resolve();
    },
    run: (argv) => {
      log.push(`run ${argv.join(' ')}`);
      return Promise.resolve({ exitCode: given.exitCode ?? 0, output: 'said\n', timedOut: false });
    },
  } satisfies Partial<Host>;
  const end = await runActivationSteps(steps, {
    device,
    host: host as unknown as Host,
    path: () => pathOf(1),
    deferred: given.deferred ?? true,
    activate: () => activateMicrocode(device, { timeoutMs: 1000, waitMs: 10_000 }),
    waitMs: 10_000,
    onNotice: (message) => notices.push(message),
    onWaiting: () => undefined,
  });
  return { end, log, notices, tookMs: clock.nowMs() };
}

const ACTIVATE: ActivationStep = { step: 'activate_mc' };
const READY: ActivationStep = { step: 'wait-ready', withinMs: 5000 };
const RESCAN: ActivationStep = { step: 'rescan' };
const PROGRAM: ActivationStep = { step: 'run', argv: ['/bin/check', '-v'] };
const SENT = '3b0f0000000000000000';
const TUR = 'TEST UNIT READY';

const test = suite('run/activation-steps');

test('no steps: done, and nothing was activated', async () => {
  assert.equal((await run([])).end, {
    kind: 'complete',
    activation: 'not-sent',
    waitsFor: [],
    failedStep: null,
    failure: null,
  });
});

test('the steps are done in their order, with our descriptor closed during a rescan', async () => {
  const steps: ActivationStep[] = [
    ACTIVATE,
    { step: 'pause', forMs: 3000 },
    READY,
    RESCAN,
    { step: 'reload-driver', driver: 'mpt3sas' },
    PROGRAM,
  ];
  const { end, log, notices, tookMs } = await run(steps);
  assert.equal(end, {
    kind: 'complete',
    activation: 'accepted',
    waitsFor: [],
    failedStep: null,
    failure: null,
  });
  assert.equal(log, [SENT, TUR, 'rescan /dev/sg1', 'reload mpt3sas', 'run /bin/check -v']);
  assert.equal(notices, ['/bin/check: said']);
  assert.is(tookMs, 3000);
});

test('activate_mc after a mode that activates by itself is left out, and said so', async () => {
  const { end, log, notices } = await run([ACTIVATE], { deferred: false });
  assert.equal(end, {
    kind: 'complete',
    activation: 'not-sent',
    waitsFor: [],
    failedStep: null,
    failure: null,
  });
  assert.equal(log, []);
  assert.match(notices[0]!, /not needed/);
});

test('activate_mc is never sent twice', async () => {
  const { end, log } = await run([ACTIVATE, READY, ACTIVATE]);
  assert.is(end.kind, 'complete');
  assert.equal(log, [SENT, TUR]);
});

for (const [answer, kind, activation] of [
  ['5/24/00', 'failed', 'refused'],
  ['4/44/00', 'frozen', 'refused'],
  // Nothing waits: the revision tells.
  ['5/2C/00', 'complete', 'nothing-waited'],
] as const) {
  test(`an activation answered with ${answer}: ${kind}, and no further step`, async () => {
    const { end, log } = await run([ACTIVATE, READY, RESCAN], { script: { writeBuffer: [answer] } });
    assert.is(end.kind, kind);
    assert.is(end.activation, activation);
    assert.equal(log, [SENT]);
  });
}

test('a lost answer to the activation: the other steps follow, and the end stays unclear', async () => {
  const { end, log } = await run([ACTIVATE, READY, RESCAN], { script: { writeBuffer: ['host 3'] } });
  assert.is(end.kind, 'unclear');
  assert.is(end.activation, 'answer-lost');
  assert.match(end.failure!.message, /DID_TIME_OUT/);
  assert.equal(log, [SENT, TUR, 'rescan /dev/sg1']);
});

test('after a lost answer nothing touches the links before the device is ready', async () => {
  const ready = { writeBuffer: ['host 3'], testUnitReady: ['2/04/01'] };
  const waited = await run([ACTIVATE, { step: 'reload-driver', driver: 'mpt3sas' }], { script: ready });
  assert.equal(waited.log, [SENT, TUR, TUR, 'reload mpt3sas']);

  const never = { writeBuffer: ['host 3'], testUnitReady: Array.from({ length: 99 }, () => '2/04/01') };
  const left = await run([ACTIVATE, { step: 'reload-driver', driver: 'mpt3sas' }], { script: never });
  assert.is(left.end.kind, 'unclear');
  assert.not.ok(left.log.includes('reload mpt3sas'));
});

test('a device that does not become ready: unclear, and no further step', async () => {
  const script = { testUnitReady: Array.from({ length: 99 }, () => '2/04/01') };
  const { end, log, tookMs } = await run([READY, ACTIVATE, RESCAN], { script });
  assert.is(end.kind, 'unclear');
  assert.is(end.activation, 'not-sent');
  assert.is(tookMs, 5000);
  assert.equal([...new Set(log)], [TUR]);
});

for (const step of ['power-cycle', 'reboot'] as const) {
  test(`${step} is left to a person: it ends the steps, and is what the device waits for`, async () => {
    const { end, log } = await run([ACTIVATE, { step }, RESCAN]);
    assert.equal(end, {
      kind: 'complete',
      activation: 'accepted',
      waitsFor: [step],
      failedStep: null,
      failure: null,
    });
    assert.equal(log, [SENT]);
  });
}

test('a program that fails ends the steps', async () => {
  const { end, log } = await run([PROGRAM, ACTIVATE], { exitCode: 3 });
  assert.is(end.kind, 'failed');
  assert.match(end.failure!.message, /\/bin\/check -v ended with exit status 3/);
  assert.equal(log, ['run /bin/check -v']);
});

test('a rescan that the host refuses ends the steps', async () => {
  const { end } = await run([RESCAN, ACTIVATE], {
    rescan: new HostError('step-removes-disk', 'sdb is mounted'),
  });
  assert.is(end.kind, 'failed');
  assert.equal(end.failure, refusal('step-failed', { step: 'rescan', what: 'sdb is mounted' }));
});

test('a bug in a step is not taken for a failure of the host', async () => {
  let caught: unknown;
  await run([RESCAN], { rescan: new TypeError('a bug') }).catch((error: unknown) => (caught = error));
  assert.ok(caught instanceof TypeError);
});

const START: ActivationStep = { step: 'start-unit', withinMs: 5000 };
const STARTED = 'START STOP UNIT';

test('start-unit: the unit is told to start, and waited for', async () => {
  const { end, log, tookMs } = await run([START], { script: { testUnitReady: ['2/04/02', '2/04/1A'] } });
  assert.is(end.kind, 'complete');
  assert.equal(log, [STARTED, TUR, TUR, TUR]);
  assert.is(tookMs, 1000);
});

test('start-unit: what was not executed, or not answered, is sent again', async () => {
  for (const answer of ['6/29/00', '2/04/01', 'status 8', 'host 3', 'B/00/00']) {
    const { end, log } = await run([START], { script: { startStopUnit: [answer] } });
    assert.is(end.kind, 'complete', answer);
    assert.equal(log, [STARTED, STARTED, TUR], answer);
  }
});

test('start-unit: a unit that refuses it, or stays stopped, does not end well', async () => {
  const stopped = Array.from({ length: 100 }, () => '2/04/02');
  for (const [script, kind, failedStep] of [
    [{ startStopUnit: ['5/20/00'] }, 'failed', 'start-unit'],
    [{ startStopUnit: ['4/44/00'] }, 'frozen', 'start-unit'],
    [{ testUnitReady: stopped }, 'unclear', null],
    [{ startStopUnit: Array.from({ length: 100 }, () => '2/04/01') }, 'unclear', null],
  ] as const) {
    const { end, tookMs } = await run([START, PROGRAM], { script });
    assert.is(end.kind, kind);
    assert.is(end.failedStep, failedStep);
    assert.ok(tookMs <= 5500, `${tookMs} ms`);
  }
});

test('start-unit waits for an activation whose answer was lost, and not for a unit that is stopped by it', async () => {
  const script = { writeBuffer: ['host 3'], testUnitReady: ['2/04/01', '2/04/02'] };
  const { end, log } = await run([ACTIVATE, START], { script });
  assert.is(end.kind, 'unclear');
  assert.equal(log.filter((line) => line === STARTED).length, 1);
});

test.run();
