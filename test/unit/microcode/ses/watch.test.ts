import * as assert from 'uvu/assert';
import { fromHex } from '../../../../src/base/bytes.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { answering, reading, sesDownload } from '../ses-shelf.ts';
import type { SesCase } from '../ses-shelf.ts';

const test = suite('microcode/ses-watch');

const COMPLETE = 'R 07@0 R 07@4096 R 07@8192 R R R';
/** One page, then everything again: status, page FFh where the device still has a download, status, and all pages. */
const AGAIN = 'R 07@0 R 07@4096 R 07@8192 R R R';
const RESTARTED = `R 07@0 R R FF@0 R ${AGAIN}`;
/** The second reading is the one after the first page. */
const second = (change: Parameters<typeof reading>[1], times = 1): SesCase => ({
  front: [reading(2, change, times)],
});

// ---- the status after a page that is not the last ----

for (const [status, kind, wire, message] of [
  [0x00, 'complete', RESTARTED, null],
  [0x01, 'complete', COMPLETE, null],
  [0x10, 'unclear', 'R 07@0 R', /ended the download early: .*10h/],
  [0x11, 'unclear', 'R 07@0 R', /ended the download early: .*11h/],
  [0x12, 'unclear', 'R 07@0 R', /ended the download early: .*12h/],
  [0x13, 'unclear', 'R 07@0 R', /ended the download early: .*13h/],
  [0x14, 'unclear', 'R 07@0 R', /ended the download early: .*14h/],
  [0x6f, 'unclear', 'R 07@0 R', /ended the download early: .*6Fh/],
  [0x70, 'unclear', 'R 07@0 R', /ended the download early: vendor.*70h/],
  [0x7f, 'unclear', 'R 07@0 R', /ended the download early: vendor.*7Fh/],
  [0x80, 'failed', 'R 07@0 R', /^a field of the control page is wrong/],
  [0x81, 'failed', 'R 07@0 R', /^error in the image/],
  [0x82, 'complete', RESTARTED, null],
  [0x83, 'frozen', 'R 07@0 R', /^internal error, new microcode is needed/],
  [0x84, 'failed', 'R 07@0 R', /^internal error, hard reset and power on are safe/],
  [0x85, 'failed', 'R 07@0 R', /^activation without deferred microcode/],
  [0x86, 'failed', 'R 07@0 R', /^unknown error status 86h/],
  [0xef, 'failed', 'R 07@0 R', /^unknown error status EFh/],
  [0xf0, 'failed', 'R 07@0 R', /^vendor specific error status F0h/],
  [0xff, 'failed', 'R 07@0 R', /^vendor specific error status FFh/],
] as const) {
  test(`status ${status.toString(16)}h after the first page: ${kind}`, async () => {
    const found = await sesDownload(second({ status }));
    assert.is(found.end.kind, kind);
    assert.is(found.wire, wire);
    if (message === null) assert.is(found.end.failure, null);
    else assert.match(found.end.failure!.message, message);
  });
}

for (const status of [0x02, 0x03, 0x04, 0x0f]) {
  test(`status ${status.toString(16)}h between two pages is waited for, and the download goes on`, async () => {
    const { end, wire, waits } = await sesDownload(second({ status }, 3));
    assert.is(end.kind, 'complete');
    assert.is(wire, `R 07@0 R R R ${COMPLETE.slice(7)}`);
    assert.is(waits.length, 2, 'told once for it, and once at the end');
  });
}

test('a device that never ends to write after a page ends with its time-out', async () => {
  const { end, seconds } = await sesDownload({
    download: { timeouts: { firstMs: 1000, chunkMs: 60_000, lastMs: 1000 } },
    front: [reading(2, { status: 0x02 }, 0)],
  });
  assert.is(end.kind, 'unclear');
  assert.is(seconds, 60);
});

test('status 83h is told before anything else that the page says', async () => {
  const change = { status: 0x83, generationCode: 99, maximumImageBytes: 1, expectedOffsetBytes: 4 };
  const { end, wire } = await sesDownload(second(change));
  assert.is(end.kind, 'frozen');
  assert.is(wire, 'R 07@0 R');
  assert.match(end.failure!.next, /Do not reset the enclosure or switch it off/);
  assert.match(end.failure!.message, /the generation code changed from 1 to 99/);
});

test('80h names the field that was wrong', async () => {
  const { end } = await sesDownload(second({ status: 0x80, additionalStatus: 14 }));
  assert.match(end.failure!.message, /\(80h\): BUFFER OFFSET, byte 14 of the page/);
});

test('a second drop after the restart is the end', async () => {
  const { end, wire } = await sesDownload({
    front: [reading(2, { status: 0x00 }), reading(5, { status: 0x00 })],
  });
  assert.is(end.kind, 'failed');
  assert.is(wire, 'R 07@0 R R FF@0 R R 07@0 R');
  assert.is(end.failure!.code, 'download-dropped');
});

test('an image that somebody else brought meanwhile is not overwritten by a restart', async () => {
  const { end, wire } = await sesDownload({ ...second({ status: 0x00 }), unchanged: false });
  assert.is(end.kind, 'unclear');
  assert.is(wire, 'R 07@0 R');
});

// ---- expected buffer id and offset, maximum ----

for (const [title, nth, change, kind] of [
  ['offset 0 after the first page is not reported', 2, { expectedOffsetBytes: 0 }, 'complete'],
  ['offset 0 after the second page', 3, { expectedOffsetBytes: 0 }, 'failed'],
  ['an offset before ours', 3, { expectedOffsetBytes: 4096 }, 'failed'],
  ['an offset behind ours', 2, { expectedOffsetBytes: 8192 }, 'failed'],
  ['any offset (FFFFFFFFh)', 2, { expectedOffsetBytes: 0xffffffff }, 'complete'],
  ['any offset, and another buffer', 2, { expectedOffsetBytes: 0xffffffff, expectedBufferId: 9 }, 'complete'],
  ['another buffer', 2, { expectedBufferId: 3 }, 'failed'],
  ['a smaller maximum than the image', 2, { maximumImageBytes: 9_996 }, 'failed'],
  ['a maximum of 0', 2, { maximumImageBytes: 0 }, 'complete'],
] as const) {
  test(`${title}: ${kind}`, async () => {
    const { end, wire } = await sesDownload({ front: [reading(nth, change)] });
    assert.is(end.kind, kind);
    const sent = wire.split(' ').filter((page) => page !== 'R').length;
    assert.is(sent, kind === 'complete' ? 3 : nth - 1);
  });
}

test('a wrong place is told with both numbers', async () => {
  const { end } = await sesDownload(second({ expectedOffsetBytes: 512, expectedBufferId: 1 }));
  assert.match(end.failure!.message, /expects offset 512 of buffer 1, but offset 4096 of buffer 0 is next/);
  assert.is(end.failure!.offset, 4096);
});

test('an offset that is not reported is told once and never compared', async () => {
  const { end, notices } = await sesDownload({ persona: 'ses-shelf-untracked' });
  assert.is(end.kind, 'complete');
  assert.equal(notices, ['the device does not report the offset that it expects; it is not compared']);
});

// ---- the generation code ----

const moveCode = (to: number, nth = 2): NonNullable<SesCase['front']> => {
  let met = 0;
  return [
    ({ cdb }, { enclosure }) => {
      if (cdb[0] === OperationCode.sendDiagnostic && ++met === nth - 1) return undefined;
      if (cdb[0] === OperationCode.receiveDiagnosticResults && met === nth - 1)
        enclosure!.generationCode = to;
      return undefined;
    },
  ];
};

test('a generation code that moves in mid-image is followed when the subenclosure is the same', async () => {
  const { end, wire, notices, device } = await sesDownload({ front: moveCode(77) });
  assert.is(end.kind, 'complete');
  assert.is(wire, COMPLETE);
  assert.is(end.generationCode, 77);
  assert.match(notices[0]!, /changed from 1 to 77; the subenclosure is the same/);
  assert.is(device.microcode.waiting.size, 1, 'the device took every page with the code that it had then');
});

test('a generation code that moves while the offset is not reported is followed', async () => {
  const { end } = await sesDownload({ persona: 'ses-shelf-untracked', front: moveCode(77) });
  assert.is(end.kind, 'complete');
});

test('a generation code that moves with an offset that is not ours stops', async () => {
  const { end } = await sesDownload(second({ generationCode: 2, expectedOffsetBytes: 8 }));
  assert.is(end.kind, 'failed');
});

test('a generation code that moves because another product is there stops', async () => {
  const front = moveCode(77);
  const { end, wire } = await sesDownload({
    front: [
      ...front,
      (_command, device) => {
        if (device.enclosure!.generationCode === 77)
          device.identity = { ...device.identity, product: 'OTHER' };
        return undefined;
      },
    ],
  });
  assert.is(end.kind, 'failed');
  assert.is(wire, 'R 07@0 R');
  assert.match(end.failure!.message, /page 01h does not show the same subenclosure/);
});

const CONFIGURATION = 0x01;
const page01 = (nth: number, answer: string): NonNullable<SesCase['front']>[number] => {
  let met = 0;
  const fault = answering(OperationCode.receiveDiagnosticResults, 1, answer, 0);
  return (command, device, nexus) => {
    const asked =
      command.cdb[0] === OperationCode.receiveDiagnosticResults && command.cdb[2] === CONFIGURATION;
    return asked && ++met >= nth ? fault(command, device, nexus) : undefined;
  };
};

for (const [title, nth] of [
  ['could not be read before the first byte', 1],
  ['cannot be read now', 2],
] as const) {
  test(`a generation code that moves, and a page 01h that ${title}, stops`, async () => {
    const { end, wire } = await sesDownload({ front: [...moveCode(77), page01(nth, '5/24/00')] });
    assert.is(end.kind, 'failed');
    assert.is(wire, 'R 07@0 R');
  });
}

test('a reset that page 01h tells of is not overheard', async () => {
  const { end } = await sesDownload({ front: [...moveCode(77), page01(2, '6/29/00')] });
  assert.is(end.kind, 'failed');
});

test('without a move page 01h is asked for once, before the first page', async () => {
  const { device } = await sesDownload();
  const asked = device.log.filter(({ cdb }) => cdb[0] === 0x1c && cdb[2] === 1);
  assert.is(asked.length, 1);
});

// ---- answers that are none ----

for (const [title, change, kind, wire] of [
  ['a page without our subenclosure', { subenclosureId: 7 }, 'failed', 'R 07@0 R'],
  ['another page', () => fromHex('08000000'), 'failed', 'R 07@0 R'],
  ['a page that is cut', () => fromHex('0e000014'), 'failed', 'R 07@0 R'],
  ['5/24/00', '5/24/00', 'failed', 'R 07@0 R'],
  ['a reset (6/29/00)', '6/29/00', 'complete', RESTARTED],
  ['changed microcode (6/3F/01)', '6/3F/01', 'failed', 'R 07@0 R'],
  ['commands cleared by another initiator (6/2F/00)', '6/2F/00', 'failed', 'R 07@0 R'],
  ['an internal failure (4/44/00)', '4/44/00', 'frozen', 'R 07@0 R'],
  ['changed operating conditions (6/3F/00)', '6/3F/00', 'complete', `R 07@0 R ${COMPLETE.slice(7)}`],
  ['changed mode parameters (6/2A/01)', '6/2A/01', 'complete', `R 07@0 R ${COMPLETE.slice(7)}`],
  ['becoming ready (2/04/01)', '2/04/01', 'complete', `R 07@0 R ${COMPLETE.slice(7)}`],
  ['BUSY', 'status 8', 'complete', `R 07@0 R ${COMPLETE.slice(7)}`],
  ['one lost answer', 'host 3', 'complete', `R 07@0 R ${COMPLETE.slice(7)}`],
  ['one aborted reading', 'b/47/00', 'complete', `R 07@0 R ${COMPLETE.slice(7)}`],
] as const) {
  test(`${title} instead of the status after the first page: ${kind}`, async () => {
    const found = await sesDownload(second(change));
    assert.is(found.end.kind, kind);
    assert.is(found.wire, wire);
  });
}

test('three lost answers in a row: once from offset 0', async () => {
  const { end, wire } = await sesDownload(second('host 3', 3));
  assert.is(end.kind, 'complete');
  assert.is(wire, `R 07@0 R R R R FF@0 R ${AGAIN}`);
});

test('a device that is gone after the first page fails, and does not hang', async () => {
  const { end, seconds } = await sesDownload({
    front: [
      (_command, device) => {
        if (device.enclosure!.primary.download !== null) device.leave({ forMs: 3_600_000 });
        return undefined;
      },
    ],
  });
  assert.is(end.kind, 'failed');
  assert.ok(seconds <= 11, `${seconds} s`);
});

test.run();
