import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { TransportError } from '../../../../src/base/errors.ts';
import { HostError } from '../../../../src/host/host-error.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { memoryOf, NOTHING_REMEMBERED } from '../../../../src/run/records/memory.ts';
import { readStatus } from '../../../../src/run/facts/status.ts';
import type { UnitStatus } from '../../../../src/run/facts/status.ts';
import { documentOf } from '../../../../src/report/documents.ts';
import { statusEntry } from '../../../../src/report/status-text.ts';
import type { RememberedStatus } from '../../../../src/report/status-text.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { PersonaName } from '../../../../src/simulator/personas.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { POWER_ON } from '../../../../src/simulator/unit-attentions.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { answering, reading } from '../../microcode/ses-shelf.ts';
import { obeys } from '../../report/schemas.ts';
import { IMAGE } from '../builders.ts';

const test = suite('run/status');

interface Asked {
  readonly persona?: PersonaName;
  readonly prepare?: (device: SimulatedDevice) => void;
  readonly prepareHost?: (host: SimulatedHost) => unknown;
  readonly beforeReading?: (host: SimulatedHost, id: string) => Promise<unknown>;
  readonly leftOpenBy?: string | null;
}

async function statusOf({
  persona = 'ses-shelf',
  prepare,
  prepareHost,
  beforeReading,
  leftOpenBy = null,
}: Asked): Promise<{
  status: RememberedStatus;
  device: SimulatedDevice;
}> {
  const clock = new VirtualClock();
  const host = createLabHost(
    {
      lab: 'v1',
      images: [{ name: 'fw.bin', revision: '2.10' }],
      devices: [{ persona, revision: '2.08' }],
    },
    { images: new Map([['fw.bin', IMAGE]]), clock, keepLog: true },
  );
  const [device] = host.devices;
  prepare?.(device!);
  prepareHost?.(host);
  const [facts] = await inspect(host, new Set([0x0d]), clock);
  await beforeReading?.(host, facts!.id);
  device!.log.length = 0;
  const status = {
    ...(await readStatus(facts!, { host, clock, leftOpenBy })),
    memory: memoryOf(NOTHING_REMEMBERED, facts!.id),
  };
  obeys('report', {
    ...documentOf('runbook.status/1', 'status', exitOf('OK'), { body: { devices: [statusEntry(status)] } }),
  });
  return { status, device: device! };
}

test('an idle shelf shows what page 01h and page 0Eh say', async () => {
  const { status } = await statusOf({});
  assert.equal(statusEntry(status), {
    id: 'naa.3000000e01000000',
    paths: ['/dev/sg0'],
    vendor: 'LAB',
    product: 'SES SHELF',
    revision: '2.08',
    generationCode: 1,
    deferredImageWaits: false,
    notAsked: null,
    subenclosures: [
      {
        subenclosure: 0,
        vendor: 'LAB',
        product: 'SES SHELF',
        revision: '2.08',
        logicalIdentifier: '3000000e0100003f',
        processId: 1,
        processCount: 1,
        status: 0,
        additionalStatus: 0,
        text: 'no download in progress (00h)',
        startsAt: [],
        maximumImageBytes: 16_777_216,
        expectedBufferId: 0,
        expectedOffsetBytes: 0,
      },
    ],
    lockedBy: null,
    remembered: { atWork: null, last: null, frozenSince: null },
    error: null,
  });
});

test('every subenclosure has its own revision and status, found by its id', async () => {
  const { status } = await statusOf({
    persona: 'ses-shelf-triple',
    prepare: (device) => device.enclosure!.withId(2)!.wait(0x11),
  });
  assert.equal(
    status.subenclosures.map(({ subenclosureId, descriptor, microcode, startsAt }) => [
      subenclosureId,
      descriptor!.revision,
      microcode!.status,
      startsAt,
    ]),
    [
      [0, '2.08', 0x00, []],
      [2, '0030', 0x11, ['hard-reset', 'power-cycle']],
      [1, '0200', 0x00, []],
    ],
  );
});

test('a download in progress is shown and goes on', async () => {
  const { status, device } = await statusOf({
    prepare: ({ enclosure }) =>
      enclosure!.primary.take(
        {
          nexus: 'n',
          mode: 7,
          bufferId: 0,
          offsetBytes: 0,
          imageBytes: 10_000,
          data: IMAGE.subarray(0, 4096),
        },
        0,
      ),
  });
  const [{ microcode }] = status.subenclosures as [UnitStatus['subenclosures'][0]];
  assert.equal([microcode!.status, microcode!.expectedOffsetBytes], [0x01, 4096]);
  assert.is(device.enclosure!.primary.download!.nextOffsetBytes, 4096);
});

test('80h names the field', async () => {
  const { status } = await statusOf({ prepare: ({ enclosure }) => enclosure!.primary.fail(0x80, 4) });
  assert.match(status.subenclosures[0]!.text!, /EXPECTED GENERATION CODE, byte 4 of the page/);
});

test('a deferred image that waits is told by REQUEST SENSE, long after its status was read', async () => {
  const { status } = await statusOf({
    persona: 'ses-shelf-deferred',
    prepare: ({ microcode }) =>
      void microcode.waiting.set(0, {
        image: microcode.known[0]!,
        events: new Set(['activate']),
        deferred: true,
      }),
  });
  assert.is(status.deferredImageWaits, true);
});

test('a deferred image that waits is told by the sense with which REQUEST SENSE is answered, too', async () => {
  const { status } = await statusOf({
    prepare: (device) =>
      device.putInFront(({ cdb }) =>
        cdb[0] === OperationCode.requestSense ? outcomeFor('0/00/22') : undefined,
      ),
  });
  assert.is(status.deferredImageWaits, true);
});

test('nothing is sent that changes the device', async () => {
  const { device } = await statusOf({ persona: 'ses-shelf-triple' });
  const sent = new Set(device.log.map(({ cdb }) => cdb[0]));
  assert.equal([...sent].sort(), [OperationCode.receiveDiagnosticResults, OperationCode.requestSense]);
});

test('page 0Eh is not read while another run holds the unit', async () => {
  const { status, device } = await statusOf({ beforeReading: (host, id) => host.lock(id) });
  assert.equal(status.lockedBy, { run: null, pid: null, since: null });
  assert.equal([status.failure?.code, status.failure?.lockedBy], ['locked', status.lockedBy]);
  assert.equal(status.subenclosures, []);
  assert.equal(device.log, [], 'the unit was not even opened');
});

test('without permission the node is told of, and the lock where the node could be opened', async () => {
  const denied = new HostError('lock-failed', '/run/lock: no permission', {}, { next: 'Run it as root.' });
  const noLock = (host: SimulatedHost) => (host.lock = () => Promise.reject(denied));
  const both = await statusOf({
    prepareHost: (host) =>
      (host.open = () => Promise.reject(new TransportError('not-permitted', '/dev/sg0: no permission'))),
    beforeReading: async (host) => noLock(host),
  });
  assert.is(both.status.failure?.message, '/dev/sg0: no permission');
  assert.match(both.status.failure!.next, 'as root');
  const lock = await statusOf({ beforeReading: async (host) => noLock(host) });
  assert.is(lock.status.failure?.message, '/run/lock: no permission');
  assert.is(lock.status.failure?.next, 'Run it as root.');
});

test('a unit that another run has open is locked, and one that any other program has open is not', async () => {
  const clock = new VirtualClock();
  const host = createLabHost(
    { lab: 'v1', devices: [{ persona: 'ses-shelf', revision: '0100' }] },
    { images: new Map(), clock },
  );
  host.open = () => Promise.reject(new TransportError('node-busy', '/dev/sg0: another program has it open'));
  const [facts] = await inspect(host, new Set([0x0d]), clock);
  const other = await readStatus(facts!, { host, clock, leftOpenBy: null });
  assert.is(other.lockedBy, null);
  assert.match(other.failure!.message, /another program has it open/);
  const lock = await host.lock(facts!.id);
  const run = await readStatus(facts!, { host, clock, leftOpenBy: null });
  assert.equal([run.lockedBy !== null, run.failure?.code], [true, 'locked']);
  await lock.release();
});

test('the lock is free again afterwards', async () => {
  const clock = new VirtualClock();
  const host = createLabHost(
    { lab: 'v1', devices: [{ persona: 'ses-shelf', revision: '0100' }] },
    { images: new Map(), clock },
  );
  const [facts] = await inspect(host, new Set([0x0d]), clock);
  await readStatus(facts!, { host, clock, leftOpenBy: null });
  const lock = await host.lock(facts!.id);
  await lock.release();
});

test('a pending unit attention hides nothing', async () => {
  const { status } = await statusOf({
    beforeReading: async (host) => {
      host.devices[0]!.unitAttentions.reset(POWER_ON);
      await Promise.resolve();
    },
  });
  assert.is(status.failure, null);
  assert.is(status.subenclosures.length, 1);
});

test('what page 01h said is shown also where page 0Eh fails', async () => {
  const { status } = await statusOf({ prepare: (device) => device.putInFront(reading(1, '5/24/00', 0)) });
  assert.match(status.failure!.message, /5\/24\/00/);
  assert.is(status.subenclosures[0]!.descriptor!.revision, '2.08');
  assert.is(status.subenclosures[0]!.microcode, null);
});

test('a device that does not answer is an error of its own', async () => {
  const silent = answering(OperationCode.receiveDiagnosticResults, 1, 'host 3', 0);
  const { status } = await statusOf({
    beforeReading: async (host) => {
      host.devices[0]!.putInFront(silent);
      await Promise.resolve();
    },
  });
  assert.match(status.failure!.message, /DID_TIME_OUT/);
});

for (const persona of ['ses-simple', 'hp-sas-expander'] as const) {
  test(`${persona} has no pages for microcode, which is not an error`, async () => {
    const { status } = await statusOf({ persona });
    assert.equal([status.subenclosures, status.failure], [[], null]);
  });
}

test('a unit that cannot be asked shows why', async () => {
  const clock = new VirtualClock();
  const host = createLabHost(
    { lab: 'v1', devices: [{ persona: 'ses-shelf', revision: '0100' }] },
    { images: new Map(), clock },
  );
  host.devices[0]!.leave({ forMs: 1e9 });
  const [facts] = await inspect(host, new Set([0x0d]), clock);
  const { failure } = await readStatus(facts!, { host, clock, leftOpenBy: null });
  assert.is.not(failure, null);
});

test('page 0Eh is not asked of a unit that a run left open: what it says would be lost to verify', async () => {
  const asked = (device: SimulatedDevice): number =>
    device.log.filter(({ cdb }) => cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === 0x0e)
      .length;
  const { status, device } = await statusOf({ leftOpenBy: 'r1' });
  assert.is(asked(device), 0);
  assert.is(status.notAsked, 'run r1 left this unit open, and runbook verify asks and keeps what it says');
  assert.equal(
    status.subenclosures.map(({ descriptor, microcode }) => [descriptor?.revision, microcode]),
    [['2.08', null]],
  );
  const other = await statusOf({});
  assert.is(asked(other.device), 1);
  assert.is(other.status.notAsked, null);
});

test.run();
