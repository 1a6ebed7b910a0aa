import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import type { LabFaultWords } from '../../../src/generated/lab.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { downloadMicrocode } from '../../../src/ses/download-microcode-control.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { faultBehavior } from '../../../src/simulator/faults.ts';
import { labFault as labFaultOf } from '../../../src/simulator/lab-faults.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import { suite } from '../../support/suite.ts';
import {
  IMAGE,
  NEXUS,
  OTHER_NEXUS,
  activateMc,
  chunk,
  deviceOf,
  download,
  said,
  tur,
} from './device-under-test.ts';

const faults = suite('simulator: faults');

const WRITE_BUFFER = 0x3b;
const { bytes } = IMAGE;

function faulty(fault: Fault, clock = new VirtualClock()): ReturnType<typeof deviceOf> {
  const device = deviceOf('hp-sas-expander', { clock });
  device.putInFront(faultBehavior(fault));
  return device;
}

faults('the nth command of a kind is answered otherwise and not executed', () => {
  const device = faulty({
    when: { operationCode: WRITE_BUFFER, nth: 2 },
    sense: { key: 5, asc: 0x26, ascq: 0 },
  });
  assert.equal(download(device, 0x07), ['good', '5/26/00', '5/24/00 byte 3']);
  assert.equal(
    device.log.map(({ executed }) => executed),
    [true, false, false],
  );
});

faults('an answer that got lost was executed nevertheless', () => {
  const device = faulty({
    when: { moment: 'last-chunk' },
    executed: true,
    answer: { hostStatus: 3 },
  });
  assert.equal(download(device, 0x0e), ['good', 'good', 'host 3']);
  assert.is(device.microcode.waiting.get(0)?.image, IMAGE);
  assert.is(device.log.at(-1)?.executed, true);
});

faults('activation and last chunk are found without counting', () => {
  const activation = faulty({ when: { moment: 'activation' }, answer: { errno: 5 } });
  download(activation, 0x0e);
  assert.is(said(activation.execute(activateMc, NEXUS)), 'errno 5');
  assert.is(said(activation.execute(activateMc, NEXUS)), 'good');
  const last = faulty({ when: { moment: 'last-chunk' }, answer: { status: 8 } });
  assert.equal(download(last, 0x07, { bpw: 3333 }), ['good', 'good', 'good', 'status 8']);
});

faults('several in a row, all from then on, one mode only, one path only', () => {
  const row = faulty({ when: { operationCode: 0, nth: 2, times: 2 }, answer: { status: 0x28 } });
  assert.equal(
    [1, 2, 3, 4].map(() => tur(row)),
    ['good', 'status 40', 'status 40', 'good'],
  );
  const ever = faulty({ when: { operationCode: 0, nth: 2, times: 0 }, answer: { status: 0x18 } });
  assert.equal(
    [1, 2, 3].map(() => tur(ever)),
    ['good', 'status 24', 'status 24'],
  );
  const mode = faulty({ when: { mode: 0x0f }, answer: { hostStatus: 7 } });
  assert.equal(download(mode, 0x0e), ['good', 'good', 'good']);
  assert.is(said(mode.execute(activateMc, NEXUS)), 'host 7');
  const path = faulty({ when: { operationCode: 0, nexus: OTHER_NEXUS }, answer: { hostStatus: 1 } });
  assert.equal([tur(path), tur(path, OTHER_NEXUS)], ['good', 'host 1']);
});

faults('a short residual is told on a command that was executed', () => {
  const device = faulty({
    when: { operationCode: WRITE_BUFFER },
    executed: true,
    answer: { residualBytes: 96 },
  });
  const outcome = device.execute(chunk(0x07, 0, bytes.subarray(0, 4096)), NEXUS);
  assert.equal([said(outcome), outcome.residualBytes], ['good', 96]);
  const short = faulty({ when: { operationCode: 0x12 }, executed: true, answer: { residualBytes: 26 } });
  const { dataIn, residualBytes } = short.execute(standardInquiry(), NEXUS);
  assert.equal([dataIn.length, residualBytes], [10, 26]);
});

faults('CHECK CONDITION can come without sense, and sense without CHECK CONDITION', () => {
  const bare = faulty({ when: { operationCode: 0 }, answer: { status: 2, driverStatus: 8 } });
  const { status, sense } = bare.execute(testUnitReady(), NEXUS);
  assert.equal([status, sense.length], [2, 0]);
  const old = faulty({
    when: { operationCode: 0 },
    sense: { key: 1, asc: 0x5d, ascq: 0 },
    answer: { status: 0 },
  });
  const outcome = old.execute(testUnitReady(), NEXUS);
  assert.equal([outcome.status, outcome.driverStatus, said(outcome)], [0, 8, '1/5D/00']);
});

faults('a reset in the middle drops what was sent', () => {
  const device = faulty({
    when: { operationCode: WRITE_BUFFER, nth: 2 },
    answer: { hostStatus: 8 },
    then: (victim) => victim.hardReset(),
  });
  assert.equal(download(device, 0x07), ['good', 'host 8', '6/29/02']);
  assert.is(device.microcode.incoming, null);
});

faults('a fault in front of another is asked first', () => {
  const device = faulty({ when: { operationCode: 0 }, answer: { status: 8 } });
  device.putInFront(faultBehavior({ when: { operationCode: 0 }, answer: { status: 0x28 } }));
  assert.equal(
    [1, 2, 3].map(() => tur(device)),
    ['status 40', 'status 8', 'good'],
  );
});

faults('a device that is away answers DID_NO_CONNECT, and is as it was when it is back', async () => {
  const device = deviceOf('hp-sas-expander');
  device.execute(chunk(0x07, 0, bytes.subarray(0, 4096)), NEXUS);
  device.leave({ forMs: 3000 });
  assert.is(tur(device), 'host 1');
  await device.clock.sleep(2999);
  assert.is(tur(device), 'host 1');
  await device.clock.sleep(1);
  assert.is(said(device.execute(chunk(0x07, 4096, bytes.subarray(4096, 8192)), NEXUS)), 'good');
});

faults('a delay beyond the time-out ends as DID_TIME_OUT after exactly that time', async () => {
  const clock = new VirtualClock();
  const device = faulty({ when: { operationCode: WRITE_BUFFER }, executed: true, delayMs: 400_000 }, clock);
  const transport = openSimulated({ device, nexus: NEXUS, node: '/dev/sg1' });
  const outcome = await transport.execute(chunk(0x07, 0, bytes.subarray(0, 4096)));
  assert.equal([said(outcome), outcome.durationMs, clock.nowMs()], ['host 3', 300_000, 300_000]);
  assert.is(device.microcode.incoming?.image.receivedBytes, 4096);
});

faults('after anything but GOOD the buffer holds stale bytes with residual 0', async () => {
  const device = faulty({ when: { operationCode: 0x12 }, answer: { hostStatus: 3 } });
  const transport = openSimulated({ device, nexus: NEXUS, node: '/dev/sg1' });
  const { dataIn, residualBytes } = await transport.execute(standardInquiry());
  assert.equal([dataIn.length, residualBytes, new Set(dataIn)], [36, 0, new Set([0xaa])]);
});

const labFault = (words: LabFaultWords): Fault => labFaultOf(words, (node) => `nexus of ${node}`);

faults('the words of a lab file become the same faults', () => {
  assert.equal(labFault({ command: 'write-buffer', mode: 14, nth: 3, executed: true, 'host-status': 3 }), {
    when: { operationCode: 0x3b, mode: 14, nth: 3, times: 1 },
    executed: true,
    answer: { hostStatus: 3 },
  });
  assert.equal(labFault({ command: 'test-unit-ready', sense: '6/3f/01', times: 0 }), {
    when: { operationCode: 0x00, nth: 1, times: 0 },
    executed: false,
    sense: { key: 6, asc: 0x3f, ascq: 0x01 },
    answer: {},
  });
  const device = deviceOf('hp-sas-expander');
  for (const words of [
    { command: 'test-unit-ready', sense: '2/04/01', nth: 2 },
    { command: 'inquiry', errno: 19 },
    { command: 'report-supported-operation-codes', status: 8, 'driver-status': 1 },
  ] as const) {
    device.putInFront(faultBehavior(labFault(words)));
  }
  assert.equal([tur(device), tur(device), tur(device)], ['good', '2/04/01', 'good']);
  assert.is(said(device.execute(standardInquiry(), NEXUS)), 'errno 19');
});

faults(
  'a fault can be bound to a moment and to a path, take time, reset the device and make it leave',
  () => {
    const { when, delayMs, executed } = labFault({
      command: 'write-buffer',
      moment: 'activation',
      path: 'sg4',
      delay: '2s',
    });
    assert.equal([when.moment, when.nexus, delayMs, executed], ['activation', 'nexus of sg4', 2000, true]);
    const device = deviceOf('hp-sas-expander');
    device.putInFront(faultBehavior(labFault({ command: 'test-unit-ready', reset: 'power-cycle' })));
    assert.equal([tur(device), tur(device)], ['good', '6/29/00']);
    device.putInFront(
      faultBehavior(labFault({ command: 'inquiry', leaves: { for: '1s', node: 'sg9', serial: 'OTHER' } })),
    );
    assert.is(said(device.execute(standardInquiry(), NEXUS)), 'good');
    assert.equal([device.present, device.wantedNode, device.identity.serial], [false, '/dev/sg9', 'OTHER']);
  },
);

faults('the last page and the activation of page 0Eh are moments, too', async () => {
  const device = deviceOf('ses-shelf-deferred');
  const met: string[] = [];
  for (const moment of ['last-chunk', 'activation'] as const) {
    const note = (): void => void met.push(moment);
    device.putInFront(faultBehavior({ when: { moment, times: 0 }, executed: true, then: note }));
  }
  const send = (mode: number, at: number, data: Uint8Array): void => {
    const fields = { subenclosureId: 0, generationCode: 1, bufferId: 0, imageLengthBytes: 10_000 };
    device.execute(downloadMicrocode({ ...fields, mode, bufferOffsetBytes: at, data }), NEXUS);
  };
  send(0x0e, 0, IMAGE.bytes.subarray(0, 8000));
  assert.equal(met, []);
  send(0x0e, 8000, IMAGE.bytes.subarray(8000));
  assert.equal(met, ['last-chunk']);
  await device.clock.sleep(5000);
  send(0x0f, 0, new Uint8Array(0));
  assert.equal(met, ['last-chunk', 'activation']);
});

faults.run();
