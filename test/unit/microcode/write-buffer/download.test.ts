import * as assert from 'uvu/assert';
import type { ModeSupport } from '../../../../src/device/capabilities.ts';
import { downloadByWriteBuffer } from '../../../../src/microcode/write-buffer/download.ts';
import type { DownloadEnd } from '../../../../src/microcode/write-buffer/download.ts';
import type { WriteBufferDownload } from '../../../../src/microcode/write-buffer/commands.ts';
import { checkCondition, scripted } from '../../../support/scripted-transport.ts';
import type { Answer, Script } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { downloadOf } from '../downloads.ts';

interface Case {
  readonly download?: Partial<WriteBufferDownload>;
  readonly fallback?: Partial<WriteBufferDownload>;
  readonly says?: ModeSupport;
  readonly unchanged?: boolean;
}

interface Found {
  readonly end: DownloadEnd;
  /** MODE and BUFFER OFFSET of every WRITE BUFFER: `0E@4096`. */
  readonly sent: string[];
  readonly notices: string[];
  readonly progress: string[];
}

async function download(script: Script, given: Case = {}): Promise<Found> {
  const { device, transport } = scripted(script);
  const notices: string[] = [];
  const progress: string[] = [];
  const end = await downloadByWriteBuffer(device, {
    download: downloadOf(given.download),
    fallback: given.fallback === undefined ? null : downloadOf(given.fallback),
    modeSupport: () => given.says ?? 'not-said',
    unchanged: () => Promise.resolve(given.unchanged ?? true),
    waitMs: 10_000,
    onProgress: ({ doneBytes, totalBytes, chunk, chunks }) =>
      progress.push(`${doneBytes}/${totalBytes} ${chunk}/${chunks}`),
    onNotice: (message) => notices.push(message),
  });
  const sent = transport.sent.map(
    (cdb) => `${cdb.slice(2, 4).toUpperCase()}@${Number.parseInt(cdb.slice(6, 12), 16)}`,
  );
  return { end, sent, notices, progress };
}

const ONCE = ['0E@0', '0E@4096', '0E@8192'];
const IN_7 = ONCE.map((line) => line.replace('0E', '07'));
const FALLBACK = { fallback: { mode: 7 } };
const SELF_ACTIVATING = { download: { mode: 7 } };
const pointing = (byte: number, inCdb = true): Answer =>
  checkCondition({ key: 5, asc: 0x24, ascq: 0, fieldPointer: { inCdb, byte, bit: null } });

const test = suite('microcode/download');

test('every chunk accepted: complete, deferred, with progress after each', async () => {
  const { end, sent, progress, notices } = await download({});
  assert.equal(end, {
    kind: 'complete',
    deferred: true,
    mode: 0x0e,
    doneBytes: 10_000,
    doneChunks: 3,
    chunks: 3,
    acceptance: 'accepted',
    mayRun: true,
    inDoubt: false,
    failure: null,
  });
  assert.equal(sent, ONCE);
  assert.equal(progress, ['4096/10000 1/3', '8192/10000 2/3', '10000/10000 3/3']);
  assert.equal(notices, []);
});

test('a recovered error is told, and the download goes on', async () => {
  const { end, sent, notices } = await download({ writeBuffer: ['1/5D/00'] });
  assert.is(end.kind, 'complete');
  assert.equal(sent, ONCE);
  assert.match(notices[0]!, /1\/5D\/00/);
});

// ---- fallback ----

for (const [title, answer, given, taken] of [
  ['5/24/00 without a field pointer', '5/24/00', {}, true],
  ['5/20/00', '5/20/00', {}, true],
  ['5/24/00 that points at MODE', pointing(1), {}, true],
  ['5/24/00 that points at BUFFER ID', pointing(2), {}, false],
  ['5/24/00 that points at the offset', pointing(3), {}, false],
  ['5/24/00 that points into the data', pointing(1, false), {}, false],
  ['the device says itself that it knows the mode', '5/24/00', { says: 'supported' }, false],
  ['the device says itself that it does not', '5/24/00', { says: 'not-supported' }, true],
  ['5/26/00', '5/26/00', {}, false],
  ['5/24/01', '5/24/01', {}, false],
  ['5/1A/00', '5/1A/00', {}, false],
  ['a deferred 5/24/00 is about an earlier command', 'deferred 5/24/00', {}, false],
  ['a hardware error', '4/15/01', {}, false],
] as const) {
  test(`fallback, first chunk answered with ${title}: ${taken ? 'taken' : 'not taken'}`, async () => {
    const { end, sent, notices } = await download({ writeBuffer: [answer] }, { ...FALLBACK, ...given });
    assert.equal(sent, taken ? ['0E@0', ...IN_7] : ['0E@0']);
    assert.is(end.kind, taken ? 'complete' : 'failed');
    assert.is(end.deferred, !taken);
    assert.is(notices.length, taken ? 1 : 0);
  });
}

test('fallback: not after an attention that was not about the mode, but still for the first chunk', async () => {
  const { end, sent } = await download({ writeBuffer: ['6/29/00', '5/24/00'] }, FALLBACK);
  assert.is(end.kind, 'complete');
  assert.equal(sent, ['0E@0', '0E@0', ...IN_7]);
});

test('fallback: never after the second chunk', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', '5/24/00'] }, FALLBACK);
  assert.is(end.kind, 'failed');
  assert.equal(sent, ['0E@0', '0E@4096']);
});

test('fallback: not for the first chunk after a restart, for chunks were accepted in this mode', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'host 3', '5/24/00'] }, FALLBACK);
  assert.is(end.kind, 'failed');
  assert.equal(sent, ['0E@0', '0E@4096', '0E@0']);
});

test('fallback: not after a first chunk of which nobody knows whether it was executed', async () => {
  const { end, sent } = await download({ writeBuffer: ['host 3', '5/24/00'] }, FALLBACK);
  assert.is(end.kind, 'failed');
  assert.equal(sent, ['0E@0', '0E@0']);
});

test('fallback: it has none of its own', async () => {
  const { end, sent } = await download({ writeBuffer: ['5/24/00', '5/24/00'] }, FALLBACK);
  assert.is(end.kind, 'refused');
  assert.equal(sent, ['0E@0', '07@0']);
});

test('no fallback in the playbook: refused, for nothing was written; it names mode, sense and the key', async () => {
  const { end } = await download({ writeBuffer: ['5/24/00'] });
  assert.is(end.kind, 'refused');
  assert.is(end.mayRun, false);
  assert.is(end.failure!.code, 'mode-not-supported');
  assert.match(end.failure!.next, /`mode`.*`otherwise`/);
  assert.match(end.failure!.message, /dmc_offs_defer\) at offset 0.*5\/24\/00/);
});

// ---- refused: nothing was written ----

for (const errno of ['errno 22', 'errno 12', 'errno 1']) {
  test(`${errno} for the first chunk: refused, nothing was written`, async () => {
    const { end, sent } = await download({ writeBuffer: [errno] });
    assert.is(end.kind, 'refused');
    assert.is(end.mayRun, false);
    assert.equal(sent, ['0E@0']);
  });
}

test('EINVAL for the first chunk after a restart is not a refusal: something was written', async () => {
  const { end } = await download({ writeBuffer: ['good', '6/29/00', 'errno 22'] });
  assert.is(end.kind, 'failed');
});

test('EINVAL for the only chunk: refused; after it was sent once: failed', async () => {
  const whole = { download: { bytesPerWrite: 10_000 } } as const;
  assert.is((await download({ writeBuffer: ['errno 22'] }, whole)).end.kind, 'refused');
  assert.is((await download({ writeBuffer: ['host 3', 'errno 22'] }, whole)).end.kind, 'failed');
});

test('another revision before the first chunk: refused', async () => {
  const { end } = await download({ writeBuffer: ['6/3F/01'] }, { unchanged: false });
  assert.is(end.kind, 'refused');
});

test('another revision before the first chunk after a restart: the revision tells', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', '6/29/00'] }, { unchanged: false });
  assert.is(end.kind, 'unclear');
  assert.equal(sent, ['0E@0', '0E@4096']);
});

// ---- restart ----

for (const answer of ['6/29/04', 'host 3', 'host 8', 'B/4B/00', 'errno 5', 'status 64', 'driver 6']) {
  test(`${answer} in the middle: one restart from offset 0`, async () => {
    const { end, sent, notices } = await download({ writeBuffer: ['good', answer] });
    assert.is(end.kind, 'complete');
    assert.equal(sent, ['0E@0', '0E@4096', ...ONCE]);
    assert.is(notices.length, 1);
    assert.match(notices[0]!, /again from offset 0, once/);
  });
}

test('a second reason to restart ends the download', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'host 3', 'good', 'host 3'] });
  assert.is(end.kind, 'failed');
  assert.equal(sent, ['0E@0', '0E@4096', '0E@0', '0E@4096']);
  assert.is(end.doneChunks, 1);
});

test('no offset is sent twice within one sequence after anything unclear', async () => {
  for (const answer of [
    'host 3',
    'host 5',
    'host 7',
    'host 11',
    'host 14',
    'B/00/00',
    'errno 19',
    'status 2',
  ]) {
    const { sent } = await download({ writeBuffer: ['good', answer] });
    assert.equal(sent, ['0E@0', '0E@4096', ...ONCE], answer);
  }
});

test('a device that is not ready for a restart: failed', async () => {
  const script = {
    writeBuffer: ['good', 'host 3'],
    testUnitReady: Array.from({ length: 99 }, () => '2/04/01'),
  };
  const { end, sent } = await download(script);
  assert.is(end.kind, 'failed');
  assert.is(sent.length, 2);
});

test('another initiator at work before the restart: failed', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'host 3'], testUnitReady: ['6/2F/00'] });
  assert.is(end.kind, 'failed');
  assert.is(sent.length, 2);
});

test('an internal failure before the restart: frozen', async () => {
  const script = {
    writeBuffer: ['good', 'host 3'],
    testUnitReady: Array.from({ length: 99 }, () => '4/44/00'),
  };
  assert.is((await download(script)).end.kind, 'frozen');
});

test('an attention in the middle that keeps the image: the same chunk again', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', '6/28/00'] });
  assert.is(end.kind, 'complete');
  assert.equal(sent, ['0E@0', '0E@4096', '0E@4096', '0E@8192']);
});

test('BUSY once in the middle: the same chunk again', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'status 8'] });
  assert.is(end.kind, 'complete');
  assert.equal(sent, ['0E@0', '0E@4096', '0E@4096', '0E@8192']);
});

for (const answer of ['5/24/00', '3/0C/00', 'status 24', 'residual 5', 'deferred B/00/00', '6/3F/01']) {
  test(`${answer} in the middle: failed, nothing more is sent, and nothing can run`, async () => {
    const { end, sent } = await download({ writeBuffer: ['good', answer] });
    assert.is(end.kind, 'failed');
    assert.is(end.mayRun, false);
    assert.equal(sent, ['0E@0', '0E@4096']);
    assert.is(end.failure!.offset, 4096);
  });
}

test('an internal failure freezes, and nothing more is sent', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', '4/44/00'] });
  assert.is(end.kind, 'frozen');
  assert.equal(sent, ['0E@0', '0E@4096']);
});

// ---- the last chunk ----

for (const answer of ['host 3', '6/29/04', '6/3F/01', 'errno 6', 'B/00/00', 'host 1', '2/04/20']) {
  test(`${answer} for a self-activating last chunk: never again, the revision tells`, async () => {
    const { end, sent } = await download({ writeBuffer: ['good', 'good', answer] }, SELF_ACTIVATING);
    assert.is(end.kind, 'unclear');
    assert.is(end.mayRun, true);
    assert.equal(sent, IN_7);
  });
}

test('an unclear last chunk of a deferred download that the device confirms: complete', async () => {
  for (const script of [{ requestSense: ['0/00/22'] }, { testUnitReady: ['6/29/00', '2/04/1E'] }]) {
    const { end, sent, notices } = await download({ writeBuffer: ['good', 'good', 'host 3'], ...script });
    assert.is(end.kind, 'complete');
    assert.equal(sent, ONCE);
    assert.match(notices[0]!, /confirms that the image waits/);
  }
});

test('an unclear last chunk that the device does not confirm: one restart', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'good', 'host 3'] });
  assert.is(end.kind, 'complete');
  assert.equal(sent, [...ONCE, ...ONCE]);
  assert.is(end.failure, null);
});

test('a last chunk that stays unclear: failed, with the warning about the next reset', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'good', 'host 3', 'good', 'good', 'host 3'] });
  assert.is(end.kind, 'failed');
  assert.is(end.mayRun, true);
  assert.equal(sent, [...ONCE, ...ONCE]);
  assert.is(end.inDoubt, true);
});

test('an unclear last chunk, and another revision then: no restart over new code', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'good', 'host 3'] }, { unchanged: false });
  assert.is(end.kind, 'unclear');
  assert.equal(sent, ONCE);
});

test('an image that the device refuses at its end: failed', async () => {
  const { end, sent } = await download({ writeBuffer: ['good', 'good', '5/26/00'] }, SELF_ACTIVATING);
  assert.is(end.kind, 'failed');
  assert.is(end.mayRun, true);
  assert.equal(sent, IN_7);
});

test('an unclear single command in mode 5: never again, the revision tells', async () => {
  const given = { download: { mode: 5, bytesPerWrite: 10_000 } } as const;
  const { end, sent } = await download({ writeBuffer: ['host 3'] }, given);
  assert.is(end.kind, 'unclear');
  assert.equal(sent, ['05@0']);
});

test('an unclear chunk without offsets is never followed by a restart', async () => {
  const given = { download: { mode: 4, endWithMode: 5 } };
  const { end, sent } = await download({ writeBuffer: ['good', 'host 3'] }, given);
  assert.is(end.kind, 'unclear');
  assert.equal(sent, ['04@0', '04@4096']);
});

test('an unclear last byte is not followed by the empty command that ends the download', async () => {
  const given = { download: { mode: 7, endWithMode: 7 } };
  const { end, sent } = await download({ writeBuffer: ['good', 'good', 'host 3'] }, given);
  assert.is(end.kind, 'unclear');
  assert.equal(sent, IN_7);
});

test('an attention for the only chunk: it was not executed', async () => {
  const given = { download: { mode: 5, bytesPerWrite: 10_000 } } as const;
  const { end, sent } = await download({ writeBuffer: ['6/29/00'] }, given);
  assert.is(end.kind, 'complete');
  assert.equal(sent, ['05@0', '05@0']);
});

test.run();
