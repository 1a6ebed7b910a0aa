import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { Device, DeviceError } from '../../../src/device/device.ts';
import { readFact } from '../../../src/device/fact.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { extendedInquiry } from '../../../src/scsi/vpd-extended-inquiry.ts';
import { inquiryVpd, rawVpdPage, vpdPageOf } from '../../../src/scsi/vpd.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import { receiveMicrocodeStatus } from '../../../src/ses/download-microcode-status.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import type { CommandOutcome } from '../../../src/transport/transport.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { outcomeFor } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

const test = suite('device/fact');

/** A device that gives the same answer to every command. */
function answering(answer: (command: ScsiCommand) => CommandOutcome): { device: Device; asked: number[] } {
  const asked: number[] = [];
  const transport = {
    execute: (command: ScsiCommand) => {
      asked.push(command.dataInBytes);
      return Promise.resolve(answer(command));
    },
    close: () => Promise.resolve(),
  };
  const options = { clock: new VirtualClock(), find: () => Promise.resolve(null) };
  return { device: new Device(transport, options), asked };
}

const VPD = inquiryVpd(extendedInquiry);
const SES = receiveDiagnosticResults(configuration);
const bytes = (...data: number[]): CommandOutcome => outcomeOf({ dataIn: Uint8Array.from(data) });

for (const [title, command, outcome, kind] of [
  ['5/20/00', VPD, outcomeFor('5/20/00'), 'absent'],
  ['5/24/00', VPD, outcomeFor('5/24/00'), 'absent'],
  ['5/35/01', SES, outcomeFor('5/35/01'), 'absent'],
  ['5/25/00', VPD, outcomeFor('5/25/00'), 'unreadable'],
  ['5/35/02', SES, outcomeFor('5/35/02'), 'unreadable'],
  ['B/24/00', VPD, outcomeFor('b/24/00'), 'unreadable'],
  ['2/04/01', SES, outcomeFor('2/04/01'), 'unreadable'],
  ['a time-out', VPD, outcomeFor('host 3'), 'unreadable'],
  ['EIO from the kernel', VPD, outcomeFor('errno 5'), 'unreadable'],
  ['page 08h in answer to an SES page', SES, bytes(0x08, 0, 0, 0), 'absent'],
  ['page 08h in answer to a VPD page', VPD, bytes(0, 0x08, 0, 0), 'unreadable'],
  ['another SES page', SES, bytes(0x02, 0, 0, 0), 'unreadable'],
  ['nothing', VPD, outcomeOf(), 'unreadable'],
] as const) {
  test(`${title}: ${kind}`, async () => {
    assert.is((await readFact<unknown>(answering(() => outcome).device, command)).kind, kind);
  });
}

test('a device that is gone is not a fact', async () => {
  try {
    await readFact(answering(() => outcomeFor('errno 19')).device, VPD);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, DeviceError);
  }
});

test('an answer that is longer than asked for is asked for again, once, with its length', async () => {
  const page = vpdPageOf(0xc0, new Uint8Array(10_000).fill(7));
  const whole = answering(({ dataInBytes }) => outcomeOf({ dataIn: page.slice(0, dataInBytes) }));
  const read = await readFact(whole.device, inquiryVpd(rawVpdPage(0xc0)));
  assert.equal(read, { kind: 'present', value: page });
  assert.equal(whole.asked, [252, 10_004]);
  const cut = answering(() => outcomeOf({ dataIn: page.slice(0, 100) }));
  assert.is((await readFact(cut.device, inquiryVpd(rawVpdPage(0xc0)))).kind, 'unreadable');
  assert.equal(cut.asked, [252, 10_004], 'and no third time');
});

test('page 0Eh is never asked again: reading it uses it up', async () => {
  const long = answering(({ dataInBytes }) => {
    const dataIn = new Uint8Array(dataInBytes);
    dataIn.set([0x0e, 0, 0xff, 0xf0]);
    return outcomeOf({ dataIn });
  });
  assert.is((await readFact(long.device, receiveMicrocodeStatus())).kind, 'unreadable');
  assert.is(long.asked.length, 1);
});

test.run();
