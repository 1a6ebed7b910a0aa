import * as assert from 'uvu/assert';
import { TransportError } from '../../../../src/base/errors.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { RunEvent } from '../../../../src/run/facts/events.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';

const DOWNLOAD = ['E@0', 'E@4096', 'E@8192'];
const ALL = [...DOWNLOAD, 'F@0'];
const chunk = { operationCode: OperationCode.writeBuffer };
/** The first chunk is refused. */
const REFUSES = { when: chunk, sense: { key: 5, asc: 0x26, ascq: 0 } };
const four = [{}, {}, {}, {}];

const test = suite('run/run');

test('a card is downloaded, activated, waited for and read again', async () => {
  const { outcomes, exit, devices, results, bugs } = await runLab();
  assert.is(outcomes, 'updated');
  assert.equal(exit, { code: 0, name: 'OK' });
  assert.equal(sentTo(devices[0]!), ALL);
  assert.equal(bugs, []);
  const [result] = results;
  assert.is(result!.before, '2.08');
  assert.is(result!.after, '2.10');
  assert.is(result!.bytes, 10_000);
  assert.is(result!.chunks, 3);
  assert.is(result!.reason, null);
  assert.is(result!.error, null);
});

test('the events of a device come in order, and each phase ends', async () => {
  const { events } = await runLab();
  const line = (event: RunEvent): string[] => {
    switch (event.type) {
      case 'phase-started':
        return [`${event.phase} {`];
      case 'phase-finished':
        return [`} ${event.phase}`];
      case 'progress':
        return [`${event.doneBytes}`];
      case 'notice':
      case 'waiting':
      case 'unit-attention':
        return [];
      default:
        return [event.type];
    }
  };
  assert.is(
    events.flatMap(line).join(' '),
    'run-started check { } check download { 4096 8192 10000 } download activate { } activate verify { device-finished } verify run-finished',
  );
});

test('the older sister: the fallback is taken, and activate_mc is left out and said so', async () => {
  const section = sectionOf({ otherwise: { mode: 'dmc_offs_save', bpw: 4096 } });
  const { outcomes, devices, events } = await runLab({
    devices: [{ persona: 'hp-sas-expander-old' }],
    plays: [playOf({ download: [section] })],
  });
  assert.is(outcomes, 'updated');
  assert.equal(sentTo(devices[0]!), ['E@0', '7@0', '7@4096', '7@8192']);
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  assert.match(notices.join('\n'), /fallback dmc_offs_save is used[^]*activate_mc is not needed/);
});

test('a revision that never changes is unverified, and counts as a failure', async () => {
  const { outcomes, exit } = await runLab({
    devices: [{ persona: 'hp-sas-expander-mute' }, {}],
    strategy: { maxFailures: 0 },
  });
  assert.is(outcomes, 'unverified skipped');
  assert.equal(exit, { code: 7, name: 'HALTED' });
});

test('a download without activate_mc is pending, and names the events', async () => {
  const { outcomes, exit, results } = await runLab({ plays: [playOf({ activate: [] })] });
  assert.is(outcomes, 'pending');
  assert.is(exit.name, 'PENDING');
  assert.equal(results[0]!.pending, ['activation', 'hard-reset', 'power-cycle']);
});

test('the first failure halts the run: the rest is skipped, exit 7', async () => {
  const { outcomes, exit, devices, results } = await runLab({ devices: four, faults: { 1: [REFUSES] } });
  assert.is(outcomes, 'updated failed skipped skipped');
  assert.equal(exit, { code: 7, name: 'HALTED' });
  assert.equal(
    devices.map((device) => sentTo(device).length),
    [4, 1, 0, 0],
  );
  assert.match(results[2]!.reason!, /halted: more failed or were not proven than max-failures: 0/);
});

test('a failure of the last device leaves nothing undone: exit 1', async () => {
  const { outcomes, exit } = await runLab({ devices: [{}, {}], faults: { 1: [REFUSES] } });
  assert.is(outcomes, 'updated failed');
  assert.is(exit.code, 1);
});

test('max-failures lets that many fail', async () => {
  const faults = { 0: [REFUSES], 1: [REFUSES] };
  const one = await runLab({ devices: four, faults, strategy: { maxFailures: 1 } });
  assert.is(one.outcomes, 'failed failed skipped skipped');
  const two = await runLab({ devices: four, faults, strategy: { maxFailures: 2 } });
  assert.is(two.outcomes, 'failed failed updated updated');
  assert.is(two.exit.code, 1);
});

for (const [concurrent, maximumConcurrent, expected] of [
  [1, undefined, 1],
  [2, undefined, 2],
  [4, undefined, 4],
  [4, 3, 3],
  [9, undefined, 6],
] as const) {
  test(`concurrent: ${concurrent}, threads for ${maximumConcurrent ?? 'all'}: ${expected} at once, never more`, async () => {
    let now = 0;
    let most = 0;
    const { outcomes } = await runLab({
      devices: Array.from({ length: 6 }, () => ({ latency: '5ms' })),
      strategy: { concurrent },
      ...(maximumConcurrent !== undefined && { maximumConcurrent }),
      onEvent: (event) => {
        if (event.type === 'phase-started' && event.phase === 'check') most = Math.max(most, ++now);
        if (event.type === 'device-finished') now--;
      },
    });
    assert.is(outcomes, 'updated updated updated updated updated updated');
    assert.is(most, expected);
  });
}

test('what is under way when another fails is finished; what was not begun is skipped', async () => {
  const { outcomes, exit } = await runLab({
    devices: [{ latency: '20ms' }, { latency: '21ms' }, {}, {}],
    strategy: { concurrent: 2 },
    faults: { 1: [{ ...REFUSES, when: { ...chunk, nth: 2 } }] },
  });
  assert.is(outcomes, 'updated failed skipped skipped');
  assert.is(exit.code, 7);
});

test('a device that was only looked at when another fails is not begun', async () => {
  const { outcomes, devices } = await runLab({
    devices: [{ latency: '500ms' }, { latency: '1ms' }],
    strategy: { concurrent: 2 },
    faults: { 1: [REFUSES] },
  });
  assert.is(outcomes, 'skipped failed');
  assert.equal(sentTo(devices[0]!), []);
});

test('stopped before the first byte: nothing is written, exit 130', async () => {
  const { outcomes, exit, devices } = await runLab({
    devices: [{}, {}],
    onEvent: (event, stop) => {
      if (event.type === 'phase-finished' && event.phase === 'check') stop.request('SIGINT');
    },
  });
  assert.is(outcomes, 'skipped skipped');
  assert.equal(exit, { code: 130, name: 'INTERRUPTED' });
  assert.equal(devices.flatMap(sentTo), []);
});

test('stopped after the first byte: this device gets its verdict, the next is not begun, exit 143', async () => {
  const { outcomes, exit, devices } = await runLab({
    devices: [{}, {}],
    onEvent: (event, stop) => {
      if (event.type === 'progress') stop.request('SIGTERM');
    },
  });
  assert.is(outcomes, 'updated skipped');
  assert.equal(exit, { code: 143, name: 'TERMINATED' });
  assert.equal(sentTo(devices[0]!), ALL);
});

test('stopped during the last device: nothing is left undone, exit 0', async () => {
  const { outcomes, exit } = await runLab({
    onEvent: (event, stop) => {
      if (event.type === 'progress') stop.request('SIGINT');
    },
  });
  assert.is(outcomes, 'updated');
  assert.is(exit.code, 0);
});

test('a refused unit keeps the play from its first byte, exit 4', async () => {
  const { outcomes, exit, devices } = await runLab({ devices: [{}, { revision: '1.52' }] });
  assert.is(outcomes, 'skipped refused');
  assert.is(exit.code, 4);
  assert.equal(devices.flatMap(sentTo), []);
});

test('on-refusal: skip goes on with the others, and the exit still says 4', async () => {
  const { outcomes, exit } = await runLab({
    devices: [{}, { revision: '1.52' }],
    strategy: { onRefusal: 'skip' },
  });
  assert.is(outcomes, 'updated refused');
  assert.is(exit.code, 4);
});

test('--only: the others are left alone', async () => {
  const { results, exit, devices } = await runLab({ devices: [{}, {}], only: ['sg1'] });
  assert.equal(
    devices.map((device) => sentTo(device).length),
    [0, 4],
  );
  assert.equal(
    results.map(({ paths, outcome }) => `${paths[0]!} ${outcome}`),
    ['/dev/sg1 updated'],
  );
  assert.is(exit.code, 0);
});

test('nothing matches: nothing is sent, exit 10', async () => {
  const { exit, devices, results } = await runLab({ plays: [playOf({ match: { product: 'D2*' } })] });
  assert.is(exit.code, 10);
  assert.equal(results, []);
  assert.equal(devices.flatMap(sentTo), []);
});

test('current cards are left alone, exit 0', async () => {
  const { outcomes, exit, devices } = await runLab({ devices: [{ revision: '2.10' }] });
  assert.is(outcomes, 'current');
  assert.is(exit.code, 0);
  assert.equal(devices.flatMap(sentTo), []);
});

// ---- between plan and first byte ----

test('another revision than planned: refused, and the rest of the play is not begun', async () => {
  const { outcomes, results, exit, devices } = await runLab({
    devices: [{}, {}],
    prepare: ([first]) => (first!.shownRevision = '2.06'),
  });
  assert.is(outcomes, 'refused skipped');
  assert.is(exit.code, 4);
  assert.is(results[0]!.error!.code, 'changed-since-plan');
  assert.equal(devices.flatMap(sentTo), []);
});

test('updated by somebody else meanwhile: current', async () => {
  const { outcomes } = await runLab({ prepare: ([card]) => (card!.shownRevision = '2.10') });
  assert.is(outcomes, 'current');
});

test('another unit under the node: refused', async () => {
  const { outcomes, results, devices } = await runLab({
    prepare: ([card]) => (card!.identity = { ...card!.identity, naa: '5000000000000001' }),
  });
  assert.is(outcomes, 'refused');
  assert.match(results[0]!.reason!, /identity changed/);
  assert.equal(devices.flatMap(sentTo), []);
});

test('a unit that does not become ready: refused', async () => {
  const { outcomes, devices } = await runLab({
    faults: {
      0: [
        {
          when: { operationCode: OperationCode.testUnitReady, times: 0 },
          sense: { key: 2, asc: 4, ascq: 1 },
        },
      ],
    },
  });
  assert.is(outcomes, 'refused');
  assert.equal(devices.flatMap(sentTo), []);
});

test('unit attentions before the first chunk are cleared, and told', async () => {
  const { outcomes, events } = await runLab({
    prepare: ([card]) => card!.unitAttentions.establish({ asc: 0x3f, ascq: 0x01 }),
  });
  assert.is(outcomes, 'updated');
  const codes = events.flatMap((event) =>
    event.type === 'unit-attention' ? [`${event.asc.toString(16)}/${event.ascq}`] : [],
  );
  assert.is(codes[0], '3f/1'); // that of power on met the question for page 01h
});

test('a command that would not fit its fields is found before the first byte', async () => {
  const section = sectionOf({ bpw: 32, bufferIdStep: 1 });
  const { outcomes, devices } = await runLab({ plays: [playOf({ download: [section] })] });
  assert.is(outcomes, 'refused');
  assert.equal(devices.flatMap(sentTo), []);
});

// ---- the way back ----

test('a card that comes back under another node is found by its identity', async () => {
  const { outcomes, events } = await runLab({
    faults: {
      0: [
        {
          when: { ...chunk, moment: 'activation' },
          executed: true,
          answer: { hostStatus: 0x0e },
          then: (device) => device.leave({ forMs: 5000, removed: true, node: '/dev/sg7' }),
        },
      ],
    },
  });
  assert.is(outcomes, 'updated');
  assert.match(JSON.stringify(events), /came back as \/dev\/sg7/);
});

test('a card that does not come back is lost, exit 8', async () => {
  const { outcomes, exit } = await runLab({
    faults: {
      0: [
        {
          when: { ...chunk, moment: 'activation' },
          executed: true,
          answer: { hostStatus: 0x01 },
          then: (device) => device.leave({ forMs: 3_600_000, removed: true }),
        },
      ],
    },
  });
  assert.is(outcomes, 'lost');
  assert.is(exit.code, 8);
});

test('a unit whose node another program opened while it restarted is looked at nevertheless', async () => {
  let opened = 0;
  const { outcomes, results, devices } = await runLab({
    plays: [playOf({ activate: [{ step: 'activate_mc' }, { step: 'run', argv: ['true'] }] })],
    instead: (host) =>
      new Proxy(host, {
        get: (target, key): unknown => {
          if (key === 'open')
            return (...[path, access]: Parameters<Host['open']>) => {
              if (access === 'change' && ++opened > 1)
                return Promise.reject(new TransportError('node-busy', 'held by smartd'));
              return target.open(path, access);
            };
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
  });
  assert.ok(opened > 1);
  assert.is(devices[0]!.shownRevision, '2.10');
  assert.is(outcomes, 'updated', results[0]!.reason ?? '');
});

test('another unit that comes back in its place is degraded, and never updated', async () => {
  const { outcomes, results } = await runLab({
    faults: {
      0: [
        {
          when: { ...chunk, moment: 'activation' },
          executed: true,
          answer: { hostStatus: 0x01 },
          then: (device) =>
            device.leave({ forMs: 5000, removed: true, becomes: { naa: '50014380ffffffff' } }),
        },
      ],
    },
  });
  assert.is(outcomes, 'degraded');
  assert.match(results[0]!.reason!, /another identity/);
});

test('a card that fails its self-test with new code is not a success', async () => {
  const turFails = (sense: { key: number; asc: number; ascq: number }): ReturnType<typeof runLab> =>
    runLab({
      faults: {
        0: [{ when: { operationCode: OperationCode.testUnitReady, nth: 3, times: 0 }, sense }],
      },
    });
  const selfTest = await turFails({ key: 4, asc: 0x3e, ascq: 3 });
  assert.is(selfTest.outcomes, 'degraded');
  const internal = await turFails({ key: 4, asc: 0x44, ascq: 0 });
  assert.is(internal.outcomes, 'frozen');
  assert.is(internal.exit.code, 9);
});

test('an activation that is refused is a failure, and the image that waits is told', async () => {
  const { outcomes, results, devices } = await runLab({
    faults: { 0: [{ when: { ...chunk, moment: 'activation' }, sense: { key: 5, asc: 0x24, ascq: 0 } }] },
  });
  assert.is(outcomes, 'failed');
  assert.match(results[0]!.reason!, /the image starts at: hard-reset, power-cycle$/);
  assert.equal(sentTo(devices[0]!), ALL);
});

test('nothing is activated after an error', async () => {
  const { outcomes, devices } = await runLab({
    faults: { 0: [{ when: { ...chunk, nth: 3 }, sense: { key: 5, asc: 0x26, ascq: 0 } }] },
  });
  assert.is(outcomes, 'failed');
  assert.equal(sentTo(devices[0]!), DOWNLOAD);
});

test('a phase that has nothing to do is not announced', async () => {
  const phasesOf = (events: readonly RunEvent[]): string =>
    events.flatMap((event) => (event.type === 'phase-started' ? [event.phase] : [])).join(' ');
  const failed = await runLab({ faults: { 0: [REFUSES] } });
  assert.is(failed.outcomes, 'failed');
  assert.is(phasesOf(failed.events), 'check download verify');
  const notReady = { when: { operationCode: 0x00, times: 0 }, sense: { key: 2, asc: 0x04, ascq: 0x03 } };
  const refused = await runLab({ faults: { 0: [notReady] } });
  assert.is(refused.outcomes, 'refused');
  assert.is(phasesOf(refused.events), 'check');
  const waits = await runLab({ plays: [playOf({ activate: [] })] });
  assert.is(waits.outcomes, 'pending');
  assert.is(phasesOf(waits.events), 'check download verify');
});

test('a device refusing the end of the image is not waited for', async () => {
  const { outcomes, clock } = await runLab({
    faults: { 0: [{ when: { ...chunk, nth: 3 }, sense: { key: 5, asc: 0x26, ascq: 0 } }] },
  });
  assert.is(outcomes, 'failed');
  assert.ok(clock.nowMs() < 1000);
});

// ---- bugs ----

test('a bug before the first byte: exit 70, nothing written, the others are skipped', async () => {
  const { outcomes, exit, bugs, devices } = await runLab({
    devices: [{}, {}, {}],
    prepare: ([first]) =>
      first!.putInFront(() => {
        throw new TypeError('a bug');
      }),
  });
  assert.is(outcomes, 'refused skipped skipped');
  assert.equal(exit, { code: 70, name: 'INTERNAL' });
  assert.is(bugs.length, 1);
  assert.equal(devices.flatMap(sentTo), []);
});

test('a unit that starts its new code with the last chunk asks for nothing more', async () => {
  const { outcomes, results } = await runLab({
    plays: [playOf({ activate: [] })],
    faults: {
      0: [
        {
          when: { operationCode: OperationCode.writeBuffer, moment: 'last-chunk' },
          executed: true,
          sense: { key: 6, asc: 0x29, ascq: 0x04 },
          then: (device) => device.hardReset(),
        },
      ],
    },
  });
  assert.is(outcomes, 'updated');
  assert.is(results[0]!.error!.code, 'unit-attention');
  assert.is(results[0]!.error!.next, 'Nothing: the unit runs the new code.');
});

test('a bug in the middle of a download: exit 70, and the verdict comes from a fresh read', async () => {
  const { outcomes, exit, results, devices } = await runLab({
    devices: [{}, {}],
    prepare: ([first]) =>
      first!.putInFront(({ cdb }) => {
        if (cdb[0] === OperationCode.writeBuffer && cdb[4] === 0x10) throw new TypeError('a bug');
        return undefined;
      }),
  });
  assert.is(outcomes, 'failed skipped');
  assert.is(exit.code, 70);
  assert.is(results[0]!.after, '2.08');
  assert.match(results[0]!.reason!, /runs 2.08 still: a bug in runbook ended the download.*a bug/);
  assert.equal(sentTo(devices[0]!), ['E@0']);
});

test('a bug after the activation was sent: exit 70, and what runs now is told', async () => {
  const { outcomes, exit, results } = await runLab({
    plays: [playOf({ activate: [{ step: 'activate_mc' }, { step: 'rescan' }] })],
    prepare: (_devices, host) => {
      host.rescan = () => Promise.reject(new TypeError('a bug'));
    },
  });
  assert.is(outcomes, 'updated');
  assert.is(exit.code, 70);
  assert.match(results[0]!.reason!, /despite an error.*a bug in runbook/);
});

test('a reporter that throws costs no device its verdict: exit 70, the next is not begun', async () => {
  const { outcomes, exit, bugs } = await runLab({
    devices: [{}, {}],
    onEvent: (event) => {
      if (event.type === 'progress') throw new Error('EPIPE');
    },
  });
  assert.is(outcomes, 'updated skipped');
  assert.is(exit.code, 70);
  assert.ok(bugs.length > 0);
});

test.run();
