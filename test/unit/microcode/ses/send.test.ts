import * as assert from 'uvu/assert';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { checkCondition } from '../../../support/scripted-transport.ts';
import type { Answer } from '../../../support/scripted-transport.ts';
import { answering, reading, sending, sesDownload } from '../ses-shelf.ts';
import type { SesCase } from '../ses-shelf.ts';

const test = suite('microcode/ses-download');

const SENT = 'R 07@0 R 07@4096 R 07@8192';
const COMPLETE = `${SENT} R R R`;
const pointing = (byte: number, inCdb = false): Answer =>
  checkCondition({ key: 5, asc: 0x26, ascq: 0, fieldPointer: { inCdb, byte, bit: null } });

test('every page accepted: progress after each, and the final status', async () => {
  const { end, wire, progress, notices } = await sesDownload();
  assert.equal(end, {
    kind: 'complete',
    mode: 0x07,
    doneBytes: 10_000,
    doneChunks: 3,
    chunks: 3,
    acceptance: 'accepted',
    mayRun: true,
    inDoubt: false,
    finalStatus: 0x12,
    finalAnswer: true,
    generationCode: 1,
    failure: null,
  });
  assert.is(wire, COMPLETE);
  assert.equal(progress, ['4096/10000 1/3', '8192/10000 2/3', '10000/10000 3/3']);
  assert.equal(notices, []);
});

// ---- a page that is refused ----

for (const page of [1, 2, 3]) {
  for (const code of ['5/24/00', '5/1A/00', '5/26/98', '7/27/00', '4/3E/03', '5/2C/00']) {
    test(`${code} for page ${page} is followed by one reading, and nothing more`, async () => {
      const { end, wire } = await sesDownload({ front: [sending(page, code)] });
      // Before its data: nothing of the image came.
      assert.is(end.kind, page === 1 && code === '5/24/00' ? 'refused' : 'failed');
      assert.is(
        wire,
        `${SENT.split(' ')
          .slice(0, 2 * page)
          .join(' ')} R`,
      );
      assert.is(end.failure!.sense!.text.includes(code), true);
      assert.is(end.doneChunks, page - 1);
      assert.is(end.failure!.offset, (page - 1) * 4096);
    });
  }
}

test('after a refusal the status names the field, also where the playbook reads no status', async () => {
  const { end, wire } = await sesDownload({
    download: { statusReads: 'none' },
    front: [reading(2, { status: 0x80, additionalStatus: 16 }), sending(2, '5/26/00')],
  });
  assert.is(end.kind, 'failed');
  assert.is(wire, 'R 07@0 07@4096 R');
  assert.match(
    end.failure!.message,
    /\(5\/26\/00\); status: a field .*\(80h\): MICROCODE IMAGE LENGTH, byte 16/,
  );
});

test('83h behind a refusal freezes', async () => {
  const { end } = await sesDownload({ front: [reading(3, { status: 0x83 }), sending(2, '5/26/00')] });
  assert.is(end.kind, 'frozen');
  assert.match(end.failure!.next, /or switch it off/);
});

test('82h behind a refusal begins again', async () => {
  const { end, wire } = await sesDownload({ front: [reading(3, { status: 0x82 }), sending(2, '5/26/00')] });
  assert.is(end.kind, 'complete');
  assert.is(wire, `R 07@0 R 07@4096 R R FF@0 R ${COMPLETE}`);
});

test('4/44 freezes, and the status that follows is in the text', async () => {
  const { end, wire } = await sesDownload({ front: [reading(3, { status: 0x84 }), sending(2, '4/44/00')] });
  assert.is(end.kind, 'frozen');
  assert.is(wire, 'R 07@0 R 07@4096 R');
  assert.match(end.failure!.message, /4\/44\/00.*; status: internal error/);
});

test('a page that the kernel does not take is a refusal, because nothing was sent', async () => {
  const { end, wire } = await sesDownload({ front: [sending(1, 'errno 22')] });
  assert.is(end.kind, 'refused');
  assert.is(wire, 'R 07@0');
});

test('the same after a restart is a failure: an image was on its way', async () => {
  const { end } = await sesDownload({ front: [reading(2, { status: 0x00 }), sending(3, 'errno 22')] });
  assert.is(end.kind, 'failed');
});

test('a status that refuses after a restart is a failure as well', async () => {
  const { end } = await sesDownload({ front: [reading(2, { status: 0x00 }), reading(4, { status: 0x11 })] });
  assert.is(end.kind, 'failed');
  assert.match(end.failure!.message, /starts at hard reset/);
});

// ---- the fallback ----

const FALLBACK: SesCase = { persona: 'ses-shelf-deferred', fallback: { mode: 0x0e } };

test('80h at the mode of the very first page takes the fallback', async () => {
  const { end, wire, notices } = await sesDownload(FALLBACK);
  assert.is(end.kind, 'complete');
  assert.is(end.mode, 0x0e);
  assert.is(wire, 'R 07@0 R R 0E@0 R 0E@4096 R 0E@8192 R R R');
  assert.match(notices[0]!, /dmc_offs_save is not supported by this device; .* dmc_offs_defer is used/);
});

test('so it does where SEND DIAGNOSTIC itself was good', async () => {
  const { end } = await sesDownload({ ...FALLBACK, ses: { refusal: 'good' } });
  assert.is(end.kind, 'complete');
});

test('so it does where the first page is the last', async () => {
  const { end, wire } = await sesDownload({
    ...FALLBACK,
    ses: { refusal: 'good' },
    download: { bytesPerWrite: 10_000 },
    fallback: { mode: 0x0e, bytesPerWrite: 10_000 },
  });
  assert.is(end.kind, 'complete');
  assert.is(wire, 'R 07@0 R R 0E@0 R R R');
});

test('without a fallback it is a refusal that names the mode: nothing was taken', async () => {
  const { end } = await sesDownload({ persona: 'ses-shelf-deferred' });
  assert.is(end.kind, 'refused');
  assert.is(end.failure!.code, 'mode-not-supported');
  assert.match(end.failure!.message, /DOWNLOAD MICROCODE MODE, byte 8/);
});

for (const [title, given] of [
  ['another field', { front: [reading(2, { status: 0x80, additionalStatus: 11 })] }],
  ['another status', { front: [reading(2, { status: 0x81, additionalStatus: 8 })] }],
  ['the second page', { front: [reading(3, { status: 0x80, additionalStatus: 8 })] }],
  [
    'the first page of a restart',
    { front: [reading(2, { status: 0x00 }), reading(5, { status: 0x80, additionalStatus: 8 })] },
  ],
] as const) {
  test(`no fallback after ${title}`, async () => {
    const { end, wire } = await sesDownload({ ...given, fallback: { mode: 0x06 } });
    assert.is(end.kind, 'failed');
    assert.not.match(wire, /06@/);
  });
}

// ---- the device that drops its download when the status is read ----

test('auto: the second page refused with 5/26/00 after a reading begins again without readings', async () => {
  const { end, wire, notices } = await sesDownload({ persona: 'ses-shelf-non' });
  assert.is(end.kind, 'complete');
  assert.is(wire, 'R 07@0 R 07@4096 R R R 07@0 07@4096 07@8192');
  assert.match(notices[1]!, /drops a download when its status is read; .* starts again from offset 0, once/);
});

test('so it does where the second page is the last', async () => {
  const { end, wire } = await sesDownload({ persona: 'ses-shelf-non', download: { bytesPerWrite: 8192 } });
  assert.is(end.kind, 'complete');
  assert.is(wire, 'R 07@0 R 07@8192 R R R 07@0 07@8192');
});

test('between: the error says which key to set, and nothing is sent again', async () => {
  const { end, wire } = await sesDownload({ persona: 'ses-shelf-non', download: { statusReads: 'between' } });
  assert.is(end.kind, 'failed');
  assert.is(end.failure!.code, 'drops-when-read');
  assert.is(wire, 'R 07@0 R 07@4096 R');
});

test('none: nothing is read, and all is well', async () => {
  const { end, wire } = await sesDownload({ persona: 'ses-shelf-non', download: { statusReads: 'none' } });
  assert.is(end.kind, 'complete');
  assert.is(wire, 'R 07@0 07@4096 07@8192');
});

for (const [title, front] of [
  ['the third page', [sending(3, '5/26/00')]],
  ['the first page', [sending(1, '5/26/00')]],
  ['another code', [sending(2, '5/26/01')]],
  ['sense about an earlier command', [sending(2, 'deferred 5/26/00')]],
  ['a field pointer to the generation code', [sending(2, pointing(4))]],
  ['a field pointer to the CDB', [sending(2, pointing(12, true))]],
  ['status 81h behind it', [sending(2, '5/26/00'), reading(3, { status: 0x81 })]],
  [
    'status 80h for the image length behind it',
    [sending(2, '5/26/00'), reading(3, { status: 0x80, additionalStatus: 16 })],
  ],
  ['a download that goes on behind it', [sending(2, '5/26/00')]],
  ['no status behind it', [sending(2, '5/26/00'), reading(3, '5/24/00')]],
] as const) {
  test(`${title} is not that pattern: nothing is sent again`, async () => {
    const { end, wire } = await sesDownload({ front });
    assert.is(end.kind, 'failed');
    assert.is(wire.split(' ').filter((page) => page === '07@0').length, 1);
    assert.not.match(end.failure!.next, /status-reads/);
  });
}

for (const byte of [12, 15]) {
  test(`a field pointer to byte ${byte}, the offset, belongs to the pattern`, async () => {
    const { wire } = await sesDownload({
      front: [sending(2, pointing(byte)), reading(3, { status: 0x80, additionalStatus: 12 })],
    });
    assert.match(wire, /07@0 07@4096 07@8192/);
  });
}

test('the pattern after a restart is a failure: it is restarted once in all', async () => {
  const { end, wire } = await sesDownload({ persona: 'ses-shelf-non', front: [reading(2, '6/29/00')] });
  assert.is(end.kind, 'failed');
  assert.is(end.failure!.code, 'drops-when-read');
  assert.is(wire.split(' ').filter((page) => page === '07@0').length, 2);
});

// ---- unit attentions ----

for (const [code, page, kind, times] of [
  ['6/29/00', 1, 'complete', 1],
  ['6/29/00', 2, 'complete', 2],
  ['6/29/00', 3, 'complete', 2],
  ['6/3F/01', 1, 'complete', 1],
  ['6/3F/01', 2, 'failed', 1],
  ['6/2F/00', 1, 'failed', 1],
  ['6/2F/00', 2, 'failed', 1],
  ['6/2A/01', 2, 'complete', 1],
  ['6/28/00', 3, 'complete', 1],
] as const) {
  test(`${code} for page ${page}: ${kind}, begun ${times === 1 ? 'once' : 'twice'}`, async () => {
    const { end, wire } = await sesDownload({ front: [sending(page, code)] });
    assert.is(end.kind, kind);
    const begun = wire.split(' ').filter((sent) => sent === '07@0').length;
    assert.is(begun, times + (page === 1 && kind === 'complete' ? 1 : 0));
  });
}

test('a reset that meets the abort page too is still one restart', async () => {
  const { end, wire } = await sesDownload({ front: [sending(2, '6/29/00', { times: 2 })] });
  assert.is(end.kind, 'complete');
  assert.is(wire, `R 07@0 R 07@4096 R FF@0 R FF@0 R ${COMPLETE}`);
});

test('a reset in mid-image, and another one in the restart: failed', async () => {
  const again = await sesDownload({ front: [sending(2, '6/29/00'), sending(4, '6/29/00')] });
  assert.is(again.end.kind, 'failed');
});

// ---- answers that were lost ----

const UNCLEAR = ['b/47/00', 'host 3', 'host 7', 'host 11', 'status 64', 'errno 5', '3/08/01'];

for (const answer of UNCLEAR) {
  for (const page of [2, 3]) {
    test(`${answer} for page ${page} that came: the expected offset says so, and nothing is sent twice`, async () => {
      const { end, wire, device } = await sesDownload({
        front: [sending(page, answer, { executed: true })],
      });
      assert.is(end.kind, 'complete');
      assert.equal(
        wire.split(' ').filter((sent) => sent !== 'R'),
        ['07@0', '07@4096', '07@8192'],
      );
      assert.is(device.microcode.waiting.size, 1);
    });
    test(`${answer} for page ${page} that did not come: the device asks for it, and gets it once more`, async () => {
      const { end, wire, device } = await sesDownload({ front: [sending(page, answer)] });
      assert.is(end.kind, 'complete');
      assert.is(wire.split(' ').filter((sent) => sent === `07@${(page - 1) * 4096}`).length, 2);
      assert.is(wire.split(' ').filter((sent) => sent === '07@0').length, 1);
      assert.is(device.microcode.waiting.size, 1);
    });
  }
}

test('the first page that did not come begins again', async () => {
  const { end, wire } = await sesDownload({ front: [sending(1, 'host 3')] });
  assert.is(end.kind, 'complete');
  assert.is(wire, `R 07@0 R R ${COMPLETE}`);
});

test('the first page that came goes on', async () => {
  const { end, wire } = await sesDownload({ front: [sending(1, 'host 3', { executed: true })] });
  assert.is(end.kind, 'complete');
  assert.is(wire, `R 07@0 R ${COMPLETE.slice(7)}`);
});

test('a page that is lost twice ends as failed', async () => {
  const { end, wire } = await sesDownload({ front: [sending(2, 'host 3', { times: 2 })] });
  assert.is(end.kind, 'failed');
  assert.is(wire, 'R 07@0 R 07@4096 R 07@4096 R');
});

for (const persona of ['ses-shelf-untracked', 'ses-shelf-any-offset'] as const) {
  for (const executed of [true, false]) {
    test(`${persona}, page 2 lost and ${executed ? 'executed' : 'not executed'}: once from offset 0`, async () => {
      const { end, wire, device } = await sesDownload({
        persona,
        front: [sending(2, 'host 3', { executed })],
      });
      assert.is(end.kind, 'complete');
      assert.is(wire.split(' ').filter((sent) => sent === '07@0').length, 2);
      assert.is(wire.split(' ').filter((sent) => sent === 'FF@0').length, 1, 'what hangs there is aborted');
      assert.is(device.microcode.waiting.size, 1);
    });
  }
}

test('a device that must not be asked gets everything once more', async () => {
  const { end, wire } = await sesDownload({
    download: { statusReads: 'none' },
    front: [sending(2, 'host 3', { executed: true })],
  });
  assert.is(end.kind, 'complete');
  assert.is(wire, 'R 07@0 07@4096 R FF@0 R R 07@0 07@4096 07@8192');
});

test('a lost page and a reset behind it: the reset decides', async () => {
  const { end, wire } = await sesDownload({
    front: [sending(2, 'host 3'), answering(OperationCode.testUnitReady, 1, '6/29/00')],
  });
  assert.is(end.kind, 'complete');
  assert.is(wire, `R 07@0 R 07@4096 R FF@0 R ${COMPLETE}`);
});

test('a lost page and changed microcode behind it: somebody else is at work', async () => {
  const { end, wire } = await sesDownload({
    front: [sending(2, 'host 3'), answering(OperationCode.testUnitReady, 1, '6/3F/01')],
  });
  assert.is(end.kind, 'failed');
  assert.is(wire, 'R 07@0 R 07@4096');
  assert.match(end.failure!.message, /DID_TIME_OUT.*; then UNIT ATTENTION/);
});

test('a lost page and 4/44 behind it freeze', async () => {
  const { end } = await sesDownload({
    front: [sending(2, 'host 3'), answering(OperationCode.testUnitReady, 1, '4/44/00', 0)],
  });
  assert.is(end.kind, 'frozen');
});

// ---- the last page ----

test('the last page lost and executed on a device that starts at once: unclear or seen, never sent again', async () => {
  const { end, wire } = await sesDownload({
    persona: 'ses-shelf-immediate',
    ses: { writeMs: 0 },
    front: [sending(3, 'host 3', { executed: true })],
  });
  assert.is(end.kind, 'complete');
  assert.is(end.finalStatus, 0x10);
  assert.is(end.failure?.message.includes('DID_TIME_OUT'), true, 'the error is kept');
  assert.is(wire, 'R 07@0 R 07@4096 R 07@8192 R');
});

test('the last page lost, and the device says nothing of it: the revision tells, and nothing is sent again', async () => {
  const { end, wire } = await sesDownload({
    front: [sending(3, 'host 3', { executed: true }), reading(4, { status: 0x00 })],
  });
  assert.is(end.kind, 'unclear');
  assert.is(wire, `${SENT} R`);
  assert.is(end.mayRun, true);
});

test('a deferred last page that is not confirmed is sent once more from offset 0', async () => {
  const { end, wire } = await sesDownload({
    persona: 'ses-shelf-deferred',
    download: { mode: 0x0e },
    front: [
      sending(3, 'host 3'),
      (command, device) => {
        if (command.cdb[0] === OperationCode.testUnitReady) device.enclosure!.primary.forget();
        return undefined;
      },
    ],
  });
  assert.is(end.kind, 'complete');
  assert.is(end.finalStatus, 0x13);
  assert.is(wire.split(' ').filter((sent) => sent === '0E@0').length, 2);
});

test('a deferred last page that stays unclear fails, and the text says what may happen', async () => {
  const { end } = await sesDownload({
    persona: 'ses-shelf-deferred',
    download: { mode: 0x0e },
    front: [
      sending(3, 'host 3'),
      sending(5, 'host 3'),
      (command, device) => {
        if (command.cdb[0] === OperationCode.testUnitReady) device.enclosure!.primary.forget();
        return undefined;
      },
    ],
  });
  assert.is(end.kind, 'failed');
  assert.is(end.inDoubt, true);
});

test('a deferred last page is confirmed by status 13h', async () => {
  const { end, wire } = await sesDownload({
    persona: 'ses-shelf-deferred',
    download: { mode: 0x0e },
    ses: { writeMs: 0 },
    front: [sending(3, 'host 3', { executed: true })],
  });
  assert.is(end.kind, 'complete');
  assert.is(end.finalStatus, 0x13);
  assert.is(wire, 'R 0E@0 R 0E@4096 R 0E@8192 R');
});

test('a deferred last page is confirmed by REQUEST SENSE where its status is gone', async () => {
  const { end, notices } = await sesDownload({
    persona: 'ses-shelf-deferred',
    download: { mode: 0x0e },
    ses: { writeMs: 0 },
    front: [sending(3, 'host 3', { executed: true }), reading(4, 'host 3')],
  });
  assert.is(end.kind, 'complete');
  assert.match(notices[0]!, /confirms that the image waits for activation/);
});

test('a reset in answer to the last page: it was not executed, and the image is sent once more', async () => {
  const { end, wire } = await sesDownload({ front: [sending(3, '6/29/00')] });
  assert.is(end.kind, 'complete');
  assert.is(wire.split(' ').filter((sent) => sent === '07@0').length, 2);
});

test('a reset in answer to the last page, and other code than before: the revision tells', async () => {
  const { end } = await sesDownload({ front: [sending(3, '6/29/00')], unchanged: false });
  assert.is(end.kind, 'unclear');
});

test('an enclosure that hangs after a large page ends in bounded time, and the text names the cure', async () => {
  const { end, wire, seconds } = await sesDownload({
    persona: 'ses-shelf-chunk-lockup',
    download: { bytesPerWrite: 8192 },
    waitMs: 120_000,
  });
  assert.is(end.kind, 'failed');
  assert.is(wire, 'R 07@0');
  assert.match(end.failure!.message, /DID_TIME_OUT.*it has not answered since/);
  assert.match(end.failure!.next, /Power-cycle the enclosure, then try `bpw: 4096`/);
  assert.ok(seconds < 160, `${seconds} s`);
});

test('an empty page at the end is left out when the device has everything before it', async () => {
  const { end, wire } = await sesDownload({ download: { endWithMode: 0x07 } });
  assert.is(end.kind, 'complete');
  assert.is(end.finalStatus, 0x12);
  assert.is(wire, COMPLETE);
});

test.run();
