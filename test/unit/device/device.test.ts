import * as assert from 'uvu/assert';
import { TransportError } from '../../../src/base/errors.ts';
import { VirtualClock } from '../../../src/base/clock.ts';
import { Device, DeviceError } from '../../../src/device/device.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { writeBuffer } from '../../../src/scsi/write-buffer.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { ScriptedTransport, scripted } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

const test = suite('device/device');

async function ask(answers: readonly string[]): Promise<{ code: string; sent: number; tookMs: number }> {
  const { device, transport, clock } = scripted({ testUnitReady: answers });
  const code = await device.ask(testUnitReady()).then(
    () => 'answered',
    (error: unknown) => (error instanceof DeviceError ? error.kind : 'bug'),
  );
  return { code, sent: transport.log.length, tookMs: clock.nowMs() };
}

for (const [title, answers, code, sent] of [
  ['GOOD', [], 'answered', 1],
  ['unit attentions', ['6/29/00', '6/3F/01', '6/28/00'], 'answered', 4],
  ['attentions without an end', Array.from({ length: 50 }, () => '6/29/00'), 'refused-by-device', 8],
  ['BUSY once', ['status 8'], 'answered', 2],
  ['BUSY twice', ['status 8', 'status 8'], 'no-answer', 2],
  ['a lost answer', ['host 3'], 'answered', 2],
  ['two lost answers', ['host 3', 'host 3'], 'no-answer', 2],
  ['refused', ['5/24/00'], 'refused-by-device', 1],
  ['not ready', ['2/04/01'], 'not-ready', 1],
  ['a reservation', ['status 24'], 'bad-answer', 1],
  ['deferred sense', ['deferred 4/15/01'], 'refused-by-device', 1],
] as const) {
  test(`a looking command that meets ${title}: ${code}, ${sent} sent`, async () => {
    const found = await ask(answers);
    assert.is(found.sent, sent);
    assert.is(found.code, code);
  });
}

test('a command that changes the device is never asked, only attempted', async () => {
  const { device, transport } = scripted({});
  const command = writeBuffer({
    mode: 7,
    bufferId: 0,
    offsetBytes: 0,
    data: new Uint8Array(4),
    timeoutMs: 1,
  });
  let refused = false;
  await device.ask(command).catch((error: unknown) => (refused = error instanceof TypeError));
  assert.is(refused, true);
  assert.equal(transport.log, []);
});

test('an attempt is one command, whatever the answer', async () => {
  const { device, transport, attentions } = scripted({ testUnitReady: ['6/29/00', 'status 8', 'host 13'] });
  for (const action of ['send-again', 'send-later', 'send-again', 'accept']) {
    assert.is((await device.attempt(testUnitReady(), 'probe')).judgement.action, action);
  }
  assert.is(transport.log.length, 4);
  assert.equal(attentions, ['6/29/00']);
});

test('data that cannot be decoded are not an answer', async () => {
  const transport = new ScriptedTransport({ inquiry: [outcomeOf({ dataIn: new Uint8Array(4) })] });
  const device = new Device(transport, { clock: new VirtualClock(), find: () => Promise.resolve(null) });
  const { judgement, response } = await device.attempt(standardInquiry(), 'probe');
  assert.is(judgement.action, 'stop');
  assert.match(judgement.text, /cannot be decoded/);
  assert.is(response, null);
});

test('a closed device answers like one that is gone', async () => {
  const { device, transport } = scripted({});
  await device.close();
  assert.is(transport.closed, true);
  const { outcome, judgement } = await device.attempt(testUnitReady(), 'probe');
  assert.is(outcome.errno, 19);
  assert.is(judgement.action, 'unclear');
});

test('a search that fails is not an answer yet; a bug in it is a bug', async () => {
  const clock = new VirtualClock();
  const finding = (error: Error): Device =>
    new Device(new ScriptedTransport({}), { clock, find: () => Promise.reject(error) });
  assert.is(await finding(new TransportError('node-busy', 'held')).reopen(), false);
  let caught: unknown;
  await finding(new TypeError('a bug'))
    .reopen()
    .catch((error: unknown) => (caught = error));
  assert.instance(caught, TypeError);
});

test.run();
