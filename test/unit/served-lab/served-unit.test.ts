import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { HostStatus } from '../../../src/scsi/status.ts';
import { faultBehavior } from '../../../src/simulator/faults.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import { CommandRing, TaskManagement } from '../../../src/served-lab/command-ring.ts';
import { ServedUnit } from '../../../src/served-lab/served-unit.ts';
import { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { suite } from '../../support/suite.ts';
import { PretendKernel } from './pretend-kernel.ts';
import type { Persona } from '../../../src/simulator/simulated-device.ts';

const unit = suite('simulator/served/served-unit');

const TEST_UNIT_READY = [0, 0, 0, 0, 0, 0];
const NEXUS = '6:0:0:0';
const IMAGE = standardImage(512);

/** An HP card behind a ring; `due` holds what was put off. */
function serve({
  latencyMs = 0,
  persona = PERSONAS['hp-sas-expander'],
}: { latencyMs?: number; persona?: Persona } = {}) {
  const kernel = new PretendKernel();
  const device = new SimulatedDevice({
    persona,
    identity: { vendor: 'HP', product: 'HP SAS EXP Card', serial: 'S1', naa: '50014380ab000000' },
    revision: '2.08',
    images: [{ name: 'image', revision: '2.10', product: null, bytes: IMAGE }],
    clock: new VirtualClock(),
    latencyMs,
  });
  device.ports.set(NEXUS, '50014380ab000000');
  const due: { afterMs: number; action: () => void }[] = [];
  let notified = 0;
  const served = new ServedUnit({
    device,
    nexus: NEXUS,
    ring: new CommandRing(kernel.memory),
    schedule: (afterMs, action) => {
      const entry = { afterMs, action };
      due.push(entry);
      return () => void due.splice(due.indexOf(entry), 1);
    },
    notifyKernel: () => notified++,
  });
  const statuses = (): [number, number][] => kernel.answers().map(({ id, status }) => [id, status]);
  return { kernel, device, served, due, statuses, notified: () => notified };
}

unit('hands a command to the device and its data to the initiator, cut at what came', () => {
  const { kernel, served, notified } = serve();
  const [place] = kernel.command(1, [0x12, 0, 0, 0, 255, 0], [255]);
  served.serve();
  const [answer] = kernel.answers();
  assert.is(answer?.status, 0);
  assert.is(answer?.readLength, 36);
  const text = Buffer.from(kernel.bytes.subarray(place! + 8, place! + 36)).toString('latin1');
  assert.is(text, 'HP      HP SAS EXP Card 2.08');
  assert.is(notified(), 1);
});

unit('answers several commands with one word to the kernel', () => {
  const { kernel, served, statuses, notified } = serve();
  kernel.command(1, TEST_UNIT_READY); // the unit attention of power on
  kernel.command(2, TEST_UNIT_READY);
  served.serve();
  assert.equal(statuses(), [
    [1, 2],
    [2, 0],
  ]);
  assert.is(notified(), 1);
});

unit('takes an image and runs it', () => {
  const { kernel, served, device, statuses } = serve();
  kernel.command(1, TEST_UNIT_READY);
  kernel.command(2, [0x3b, 0x0e, 0, 0, 0, 0, 0, 1, 0, 0], [256], IMAGE.subarray(0, 256));
  kernel.command(3, [0x3b, 0x0e, 0, 0, 1, 0, 0, 1, 0, 0], [200, 56], IMAGE.subarray(256));
  kernel.command(4, [0x3b, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0]);
  served.serve();
  assert.equal(statuses(), [
    [1, 2],
    [2, 0],
    [3, 0],
    [4, 0],
  ]);
  assert.is(device.shownRevision, '2.10');
});

unit('answers after the time that the device takes', () => {
  const { kernel, served, due, statuses, notified } = serve({ latencyMs: 5 });
  kernel.command(1, TEST_UNIT_READY);
  served.serve();
  assert.equal(statuses(), []);
  assert.equal(
    due.map(({ afterMs }) => afterMs),
    [5],
  );
  assert.is(notified(), 0);
  due[0]!.action();
  assert.equal(statuses(), [[1, 2]]);
  assert.is(notified(), 1);
});

unit('does not answer for a silent device until the initiator aborts, then answers TASK ABORTED', () => {
  const { kernel, served, device, due, statuses } = serve();
  device.putInFront(faultBehavior({ when: {}, answer: { hostStatus: HostStatus.timeOut } }));
  kernel.command(1, TEST_UNIT_READY);
  kernel.command(2, [0x12, 0, 0, 0, 36, 0], [36]); // meets the device itself
  served.serve();
  assert.equal(due, []);
  assert.equal(statuses(), [[2, 0]], 'another command does not wait behind it');
  kernel.taskManagement(TaskManagement.abortTask, [1]);
  served.serve();
  assert.equal(statuses(), [[1, 0x40]]);
});

unit('an answer that is late is called off by an abort', () => {
  const { kernel, served, due, statuses } = serve({ latencyMs: 5 });
  kernel.command(1, TEST_UNIT_READY);
  served.serve();
  kernel.taskManagement(TaskManagement.abortTaskSet, [1]);
  served.serve();
  assert.equal(statuses(), [[1, 0x40]]);
  assert.equal(due, []);
});

unit('a reset of the unit reaches the device: a partial image is dropped', () => {
  const { kernel, served, device, statuses } = serve();
  kernel.command(1, TEST_UNIT_READY);
  kernel.command(2, [0x3b, 0x0e, 0, 0, 0, 0, 0, 1, 0, 0], [256], IMAGE.subarray(0, 256));
  served.serve();
  assert.ok(device.microcode.incoming !== null);
  kernel.taskManagement(TaskManagement.lunReset, []);
  kernel.command(3, TEST_UNIT_READY);
  served.serve();
  assert.is(device.microcode.incoming, null);
  assert.equal(statuses().at(-1), [3, 2]);
});

unit('what was under way when the power went gets no answer', () => {
  const { kernel, served, due, statuses } = serve({ latencyMs: 5 });
  kernel.command(1, TEST_UNIT_READY);
  served.serve();
  served.losePower();
  assert.equal(due, []);
  kernel.taskManagement(TaskManagement.abortTask, [1]);
  served.serve();
  assert.equal(statuses(), [[1, 0x40]]);
});

unit('nothing waits any more when the unit leaves, not even for a silent device', () => {
  const { kernel, served, device, due, statuses } = serve({ latencyMs: 5 });
  device.putInFront(faultBehavior({ when: { times: 0 }, answer: { hostStatus: HostStatus.timeOut } }));
  kernel.command(1, TEST_UNIT_READY);
  served.serve();
  served.leave();
  assert.equal(statuses(), [[1, 0x40]]);
  kernel.command(2, TEST_UNIT_READY);
  served.serve();
  assert.equal(statuses(), [[2, 0x40]]);
  assert.equal(due, []);
});

unit('does not touch the ring after it was closed', () => {
  const { kernel, served, due, notified } = serve({ latencyMs: 5 });
  kernel.command(1, TEST_UNIT_READY);
  served.serve();
  served.close();
  assert.equal(due, []);
  kernel.command(2, TEST_UNIT_READY);
  served.serve();
  assert.is(kernel.tail, 0);
  assert.is(notified(), 0);
});

unit('outlives every command block that a program may send', () => {
  const cdb = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc
      .tuple(
        fc.constantFrom(0x00, 0x03, 0x12, 0x1c, 0x1d, 0x3b, 0x3c, 0x4d, 0xa0, 0xa3),
        fc.uint8Array({ minLength: 15, maxLength: 15 }),
      )
      .map(([operationCode, rest]) => Uint8Array.of(operationCode, ...rest)),
  );
  const command = fc.record({ cdb, data: fc.uint8Array({ maxLength: 600 }) });
  const personas = Object.values<Persona>(PERSONAS);
  fc.assert(
    fc.property(
      fc.nat(personas.length - 1),
      fc.array(command, { minLength: 1, maxLength: 12 }),
      (which, commands) => {
        const { kernel, served, due } = serve({ persona: personas[which]! });
        for (const [id, { cdb: bytes, data }] of commands.entries()) {
          if (bytes[0] === 0x7f) bytes[7] = 24;
          kernel.command(
            id,
            [...bytes, ...new Array<number>(16).fill(0)],
            data.length === 0 ? [] : [data.length],
            data,
          );
          served.serve();
        }
        for (const { action } of due.splice(0)) action();
        served.leave();
        assert.is(kernel.answers().length, commands.length);
      },
    ),
    { numRuns: 400 },
  );
});

unit.run();
