import * as assert from 'uvu/assert';
import { fromHex } from '../../../../src/base/bytes.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { encodeFixedSense } from '../../../../src/scsi/sense.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import { suite } from '../../../support/suite.ts';
import { answering, reading, sesDownload } from '../ses-shelf.ts';
import type { SesCase } from '../ses-shelf.ts';

const test = suite('microcode/ses-final');

/** The fourth reading is the one after the last page. */
const final = (change: Parameters<typeof reading>[1], times = 1): SesCase => ({
  front: [reading(4, change, times)],
});
const SENT = 'R 07@0 R 07@4096 R 07@8192';
const DEFERRED: Partial<SesCase> = { persona: 'ses-shelf-deferred', download: { mode: 0x0e } };

for (const [status, kind, finalStatus, message] of [
  [0x00, 'complete', null, null],
  [0x10, 'complete', 0x10, null],
  [0x11, 'complete', 0x11, null],
  [0x12, 'complete', 0x12, null],
  [0x13, 'complete', 0x13, null],
  [0x14, 'complete', 0x14, null],
  [0x6f, 'complete', 0x6f, null],
  [0x70, 'complete', 0x70, null],
  [0x7f, 'complete', 0x7f, null],
  [0x80, 'failed', null, /wrong/],
  [0x81, 'failed', null, /error in the image/],
  [0x83, 'frozen', null, /new microcode is needed/],
  [0x84, 'failed', null, /are safe/],
  [0x85, 'failed', null, /without deferred/],
  [0x86, 'failed', null, /unknown error status 86h/],
  [0xef, 'failed', null, /unknown error status EFh/],
  [0xf0, 'failed', null, /vendor specific error status F0h/],
] as const) {
  test(`final status ${status.toString(16)}h: ${kind}`, async () => {
    const { end, wire } = await sesDownload(final({ status }));
    assert.is(end.kind, kind);
    assert.is(end.finalStatus, finalStatus);
    assert.is(end.finalAnswer, true);
    assert.is(wire, `${SENT} R`, 'shown once, read once');
    if (message === null) assert.is(end.failure, null);
    else assert.match(end.failure!.message, message);
    assert.is(end.mayRun, kind === 'complete', 'what was dropped cannot run');
  });
}

test('82h at the end, and then 02h: a device that writes its flash is left alone', async () => {
  const { end, wire } = await sesDownload(final({ status: 0x82 }));
  assert.is(end.kind, 'unclear', 'the device itself was still writing what it had');
  assert.is(wire, `${SENT} R R`);
});

test('82h at the end: once more from offset 0, and only once', async () => {
  const { end, wire } = await sesDownload({ persona: 'ses-shelf-status-82' });
  assert.is(wire, `${SENT} R R ${SENT} R`);
  assert.is(end.kind, 'failed');
  assert.match(end.failure!.message, /too much time between two pages/);
});

for (const status of [0x14, 0x70]) {
  test(`final status ${status.toString(16)}h is told with its number`, async () => {
    const { notices } = await sesDownload(final({ status }));
    assert.match(notices[0]!, new RegExp(`final status: .*${status.toString(16)}h`));
  });
}

test('02h and 03h are waited for, and what follows is kept', async () => {
  const { end, waits, seconds } = await sesDownload({ persona: 'ses-shelf', ses: { writeMs: 600_000 } });
  assert.is(end.finalStatus, 0x12);
  assert.equal(waits, ['all data received, writing to non-volatile storage (02h)']);
  assert.is(seconds, 600);
});

for (const status of [0x02, 0x03, 0x04, 0x0f]) {
  test(`status ${status.toString(16)}h that never ends is given up with the time-out of the last page`, async () => {
    const { end, seconds } = await sesDownload({
      ...final({ status }, 0),
      download: { timeouts: { firstMs: 1000, chunkMs: 1000, lastMs: 300_000 } },
    });
    assert.is(end.kind, 'unclear');
    assert.is(end.finalAnswer, false, 'there is something left to ask');
    assert.is(seconds, 300);
    assert.match(end.failure!.message, /all bytes were sent, but the status is: /);
  });
}

test('01h that never ends is a failure after a minute: bytes are missing', async () => {
  const { end, seconds } = await sesDownload({ download: { imageLengthBytes: 20_000 } });
  assert.is(end.kind, 'failed');
  assert.is(seconds, 60);
  assert.match(end.failure!.message, /all bytes were sent, but the status is: download in progress/);
});

test('the generation code of the final status is kept for the activation', async () => {
  const { end } = await sesDownload(final({ status: 0x13, generationCode: 5 }));
  assert.is(end.generationCode, 5);
});

// ---- 00h at the end, and answers that were lost ----

test('00h where the device activates by itself: the revision tells', async () => {
  const { end, notices } = await sesDownload(final({ status: 0x00 }));
  assert.is(end.kind, 'complete');
  assert.match(notices[0]!, /no final status was seen/);
});

test('00h after a lost answer may have been any status, and the text says not to power-cycle', async () => {
  const { end, wire } = await sesDownload({
    persona: 'ses-shelf',
    ses: { writeMs: 0 },
    front: [reading(4, 'host 3')],
  });
  assert.is(wire, `${SENT} R R`);
  assert.is(end.kind, 'unclear');
  assert.match(end.failure!.message, /DID_TIME_OUT.*; then no final status was seen/);
  assert.match(end.failure!.next, /Do not power-cycle/);
});

test('00h after a deferred download is confirmed by REQUEST SENSE 0/00/22', async () => {
  const { end } = await sesDownload({ ...DEFERRED, ses: { writeMs: 0 }, front: [reading(4, 'host 3')] });
  assert.is(end.kind, 'complete');
  assert.is(end.finalStatus, null);
});

test('00h after a deferred download that nothing confirms is never activated', async () => {
  const nothing = outcomeOf({ dataIn: encodeFixedSense({ key: 0, asc: 0, ascq: 0 }) });
  const { end } = await sesDownload({
    ...DEFERRED,
    front: [reading(4, { status: 0x00 }), answering(OperationCode.requestSense, 1, nothing, 0)],
  });
  assert.is(end.kind, 'unclear');
  assert.match(end.failure!.message, /no final status was seen/);
});

for (const [title, change] of [
  ['a reset (6/29/04)', '6/29/04'],
  ['changed microcode (6/3F/01)', '6/3F/01'],
  ['changed microcode without reset (6/3F/16)', '6/3F/16'],
  ['a device that is gone', 'host 1'],
  ['lost answers', 'host 3'],
  ['a page without our subenclosure', { subenclosureId: 9 }],
  ['another page', () => fromHex('08000000')],
] as const) {
  test(`${title} instead of the final status: the revision tells, and the text names the key`, async () => {
    const { end } = await sesDownload(final(change, 0));
    assert.is(end.kind, 'unclear');
    assert.is(end.finalAnswer, false);
    assert.match(end.failure!.next, /`final-status: skip`/);
  });
}

test('4/44 instead of the final status is frozen', async () => {
  const { end } = await sesDownload(final('4/44/00', 0));
  assert.is(end.kind, 'frozen');
});

test('a unit attention that concerns nobody is read over', async () => {
  const { end } = await sesDownload(final('6/2A/01'));
  assert.is(end.finalStatus, 0x12);
});

// ---- not read ----

test('final-status: skip reads between the pages and not after the last', async () => {
  const { end, wire } = await sesDownload({ download: { finalStatus: 'skip' } });
  assert.is(wire, SENT);
  assert.is(end.kind, 'complete');
  assert.is(end.finalAnswer, false);
});

test('status-reads: none reads once, before the first page', async () => {
  const { end, wire } = await sesDownload({ download: { statusReads: 'none' } });
  assert.is(wire, 'R 07@0 07@4096 07@8192');
  assert.is(end.kind, 'complete');
});

test.run();
