import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { madeDevice } from '../../../src/rehearsal/made-devices.ts';
import type { MadeDevice } from '../../../src/rehearsal/made-devices.ts';
import { untruth } from '../../../src/rehearsal/truth.ts';
import { OUTCOMES, type DeviceResult, type Outcome } from '../../../src/run/facts/outcome.ts';
import { writeBuffer } from '../../../src/scsi/write-buffer.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, playOf } from '../run/builders.ts';

const test = suite('cli/rehearsal/truth');

/** Sends the image to a made card in mode 0Eh; `activate` starts it. */
async function cardAfter(what: 'nothing' | 'download' | 'activation'): Promise<MadeDevice> {
  const clock = new VirtualClock();
  const made = madeDevice([playOf()], 0, clock);
  const { device } = made;
  device.unitAttentions.attach('path');
  device.unitAttentions.take('path');
  const send = (mode: number, data: Uint8Array): void => {
    const fields = { mode, bufferId: 0, offsetBytes: 0, data, timeoutMs: 1000 };
    assert.is(device.execute(writeBuffer(fields), 'path').status, 0);
  };
  if (what !== 'nothing') send(0x0e, IMAGE);
  if (what === 'activation') send(0x0f, new Uint8Array(0));
  await clock.sleep(60_000);
  return made;
}

/** Outcomes that are lies about the device. */
const liesAbout = (made: MadeDevice): Outcome[] =>
  OUTCOMES.filter((outcome) => untruth({ outcome, play: 'cards' } as DeviceResult, made, []) !== null);

test('a device that nobody touched is refused, skipped, or what failed before the first byte', async () => {
  assert.equal(liesAbout(await cardAfter('nothing')), ['updated', 'current', 'pending', 'lost']);
});

test('a device with an image that waits is pending, and was neither refused nor skipped', async () => {
  assert.equal(liesAbout(await cardAfter('download')), ['updated', 'current', 'refused', 'lost', 'skipped']);
});

test('a device that runs the target is updated, and nothing else', async () => {
  assert.equal(liesAbout(await cardAfter('activation')), [
    'unverified',
    'refused',
    'failed',
    'degraded',
    'lost',
    'frozen',
    'skipped',
  ]);
});

test('a device that is away is lost, and not updated', async () => {
  const made = await cardAfter('activation');
  made.device.leave({ forMs: 1e9 });
  assert.equal(
    liesAbout(made).filter((outcome) => ['updated', 'lost'].includes(outcome)),
    ['updated'],
  );
});

test('a device that came back as another unit is not updated', async () => {
  const made = await cardAfter('activation');
  made.device.identity = { ...made.device.identity, naa: '5000000000000099' };
  assert.ok(liesAbout(made).includes('updated'));
  assert.not(liesAbout(made).includes('degraded'));
});

test.run();
