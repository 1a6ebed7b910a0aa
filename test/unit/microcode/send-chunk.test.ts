import * as assert from 'uvu/assert';
import { sendChunk } from '../../../src/microcode/send-chunk.ts';
import type { ChunkEnd, ChunkOptions } from '../../../src/microcode/send-chunk.ts';
import { writeBuffer } from '../../../src/scsi/write-buffer.ts';
import { scripted } from '../../support/scripted-transport.ts';
import type { Answer, Script } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

const CHUNK = writeBuffer({
  mode: 0x0e,
  bufferId: 0,
  offsetBytes: 0x1000,
  data: new Uint8Array(4096),
  timeoutMs: 300_000,
});
const FIRST = { first: true, last: false };
const MIDDLE = { first: false, last: false };
const LAST = { first: false, last: true };
const ONLY = { first: true, last: true };

const times = (count: number, answer: Answer): Answer[] => Array.from({ length: count }, () => answer);

async function send(
  script: Script,
  where: Pick<ChunkOptions, 'first' | 'last'>,
  unchanged = true,
): Promise<{ end: ChunkEnd; sent: number; log: string[]; tookMs: number; message: string }> {
  const { device, transport, clock } = scripted(script);
  const end = await sendChunk(device, CHUNK, {
    ...where,
    offset: 0x1000,
    waitMs: 10_000,
    unchanged: () => Promise.resolve(unchanged),
  });
  const message = 'failure' in end ? end.failure.message : (end.warning ?? '');
  return { end, sent: transport.sent.length, log: transport.log, tookMs: clock.nowMs(), message };
}

const test = suite('microcode/send-chunk');

test('GOOD is accepted without a warning', async () => {
  assert.equal((await send({}, FIRST)).end, { kind: 'complete', warning: null });
});

test('a recovered error is accepted, with a warning that names it', async () => {
  const { end, message } = await send({ writeBuffer: ['1/5D/00'] }, MIDDLE);
  assert.is(end.kind, 'complete');
  assert.match(message, /at offset 4096: RECOVERED ERROR.*1\/5D\/00/);
});

for (const [title, answers, where, kind, sent] of [
  ['a harmless attention: sent again', ['6/28/00'], MIDDLE, 'complete', 2],
  ['power on before the first chunk: sent again', ['6/29/00'], FIRST, 'complete', 2],
  ['power on in the middle: the image is gone', ['6/29/00'], MIDDLE, 'forgotten', 1],
  ['power on at the last chunk: the device has to be asked', ['6/29/00'], LAST, 'unclear', 1],
  ['power on at the only chunk: it was not executed', ['6/29/00'], ONLY, 'complete', 2],
  ['eight attentions and more before a first chunk', times(8, '6/29/00'), FIRST, 'complete', 9],
  ['attentions without an end', times(9, '6/29/00'), FIRST, 'failed', 9],
  ['microcode changed in the middle: somebody else is at work', ['6/3F/01'], MIDDLE, 'failed', 1],
  ['microcode changed at the last chunk', ['6/3F/01'], LAST, 'unclear', 1],
  ['commands cleared by another initiator', ['6/2F/00'], MIDDLE, 'failed', 1],
  ['BUSY once', ['status 8'], MIDDLE, 'complete', 2],
  ['BUSY twice: the kernel has tried all the time', times(2, 'status 8'), MIDDLE, 'failed', 2],
  ['TASK SET FULL twice', times(2, 'status 40'), MIDDLE, 'failed', 2],
  ['no resources six times', times(6, '5/55/00'), MIDDLE, 'complete', 7],
  ['no resources seven times', times(7, '5/55/00'), MIDDLE, 'failed', 7],
  ['requeued by the adapter', ['host 13'], MIDDLE, 'complete', 2],
  ['requeued without an end', times(9, 'host 13'), MIDDLE, 'failed', 9],
  ['bus busy', ['host 2'], MIDDLE, 'complete', 2],
  ['reservation conflict', ['status 24'], MIDDLE, 'failed', 1],
  ['time-out', ['host 3'], MIDDLE, 'unclear', 1],
  ['lost ioctl', ['errno 5'], MIDDLE, 'unclear', 1],
  ['aborted command', ['B/4B/00'], MIDDLE, 'unclear', 1],
  ['task aborted', ['status 64'], MIDDLE, 'unclear', 1],
  ['reset by somebody', ['host 8'], MIDDLE, 'forgotten', 1],
  ['reset by somebody at the last chunk', ['host 8'], LAST, 'unclear', 1],
  ['gone in the middle', ['host 1'], MIDDLE, 'failed', 1],
  ['gone at the last chunk', ['host 1'], LAST, 'unclear', 1],
  ['a hole', ['residual 16'], MIDDLE, 'failed', 1],
  ['refused', ['5/24/00'], MIDDLE, 'failed', 1],
  ['deferred sense', ['deferred 6/29/00'], MIDDLE, 'failed', 1],
  ['internal failure', ['4/44/00'], MIDDLE, 'frozen', 1],
  ['too big for the kernel, first', ['errno 22'], FIRST, 'refused', 1],
  ['no memory in the kernel, first', ['errno 12'], FIRST, 'refused', 1],
  ['too big for the kernel, the only one', ['errno 22'], ONLY, 'refused', 1],
  ['EINVAL in the middle', ['errno 22'], MIDDLE, 'unclear', 1],
  ['not permitted', ['errno 1'], MIDDLE, 'refused', 1],
] as const) {
  test(`${title}: ${kind} after ${sent} ${sent === 1 ? 'command' : 'commands'}`, async () => {
    const found = await send({ writeBuffer: answers }, where);
    assert.is(found.end.kind, kind, found.message);
    assert.is(found.sent, sent);
  });
}

test('the pauses before another try grow, and end', async () => {
  const { tookMs } = await send({ writeBuffer: times(7, '5/55/00') }, MIDDLE);
  assert.is(tookMs, 100 + 200 + 500 + 1000 + 2000 + 2000);
  assert.is((await send({ writeBuffer: ['status 8'] }, MIDDLE)).tookMs, 100);
});

test('changed microcode before the first chunk: the revision is read again, and decides', async () => {
  assert.is((await send({ writeBuffer: ['6/3F/01'] }, FIRST)).end.kind, 'complete');
  const changed = await send({ writeBuffer: ['6/3F/01'] }, FIRST, false);
  assert.is(changed.end.kind, 'refused');
  assert.is(changed.sent, 1);
});

test('an attention for the only chunk of an image: if other code runs then, it may be our own', async () => {
  for (const attention of ['6/3F/01', '6/29/04']) {
    const { end, sent } = await send({ writeBuffer: [attention] }, ONLY, false);
    assert.is(end.kind, 'unclear');
    assert.is(sent, 1);
  }
});

test('a device that becomes ready is waited for, and the chunk sent again', async () => {
  const { end, log } = await send(
    { writeBuffer: ['2/04/01'], testUnitReady: ['2/04/01', '2/04/01'] },
    MIDDLE,
  );
  assert.is(end.kind, 'complete');
  assert.equal(log.slice(1, -1), times(3, 'TEST UNIT READY'));
});

test('a device that does not become ready in time: stop', async () => {
  const { end, sent, message } = await send(
    { writeBuffer: ['2/04/01'], testUnitReady: times(100, '2/04/01') },
    MIDDLE,
  );
  assert.is(end.kind, 'failed');
  assert.is(sent, 1);
  assert.match(message, /TEST UNIT READY: NOT READY/);
});

test('a device that calls itself ready and is not ready for the chunk is given its time', async () => {
  const { end, sent, tookMs } = await send({ writeBuffer: times(9, '2/04/07') }, MIDDLE);
  assert.is(end.kind, 'complete');
  assert.equal([sent, tookMs], [10, 4500]);
});

test('a device that is never ready for the chunk itself: stop when its time is over', async () => {
  const { end, tookMs } = await send({ writeBuffer: times(99, '2/04/01') }, MIDDLE);
  assert.is(end.kind, 'failed');
  assert.is(tookMs, 10_000);
});

for (const [title, attention, where, kind, sent] of [
  ['a reset while waiting in the middle', '6/29/04', MIDDLE, 'forgotten', 1],
  ['a reset while waiting for the first', '6/29/04', FIRST, 'complete', 2],
  ['a reset while waiting at the end', '6/29/04', LAST, 'unclear', 1],
  ['other microcode while waiting in the middle', '6/3F/01', MIDDLE, 'failed', 1],
  ['another initiator while waiting', '6/2F/00', MIDDLE, 'failed', 1],
  ['changed LUNs while waiting', '6/3F/0E', MIDDLE, 'complete', 2],
  ['operating conditions changed while waiting', '6/3F/00', MIDDLE, 'complete', 2],
] as const) {
  test(`${title} (${attention}): ${kind}`, async () => {
    const found = await send({ writeBuffer: ['2/04/01'], testUnitReady: [attention] }, where);
    assert.is(found.end.kind, kind, found.message);
    assert.is(found.sent, sent);
  });
}

test('an internal failure while waiting freezes', async () => {
  const script = { writeBuffer: ['2/04/01'], testUnitReady: times(50, '4/44/00') };
  assert.is((await send(script, MIDDLE)).end.kind, 'frozen');
});

test('an executed chunk whose operation goes on is waited for, and not sent again', async () => {
  const { end, sent, message } = await send(
    { writeBuffer: ['0/00/16'], testUnitReady: ['0/00/16', '2/04/07'] },
    MIDDLE,
  );
  assert.is(end.kind, 'complete');
  assert.is(sent, 1);
  assert.match(message, /0\/00\/16/);
});

test('an executed chunk whose operation never ends: stop, and at the end ask the device', async () => {
  const script = { writeBuffer: ['0/00/16'], testUnitReady: times(50, '2/04/07') };
  assert.is((await send(script, MIDDLE)).end.kind, 'failed');
  assert.is((await send(script, LAST)).end.kind, 'unclear');
});

test('a reset after an executed first chunk: what was sent is gone', async () => {
  const script = { writeBuffer: ['0/00/16'], testUnitReady: ['6/29/00'] };
  assert.is((await send(script, FIRST)).end.kind, 'forgotten');
});

test.run();
