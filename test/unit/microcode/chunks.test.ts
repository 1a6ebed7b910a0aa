import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { EncodeError } from '../../../src/base/errors.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { commandCount, endMode, endsDeferred } from '../../../src/microcode/chunks.ts';
import {
  automaticBytesPerWrite,
  requireSendableChunks,
  writeBufferChunk,
  writeBufferCommand,
} from '../../../src/microcode/write-buffer/commands.ts';
import type { WriteBufferDownload } from '../../../src/microcode/write-buffer/commands.ts';
import { suite } from '../../support/suite.ts';
import type { Chunk } from '../../../src/microcode/chunks.ts';
import { downloadOf } from './downloads.ts';

function cutChunks(download: WriteBufferDownload): Chunk[] {
  requireSendableChunks(download);
  return Array.from({ length: commandCount(download) }, (_, index) => writeBufferChunk(download, index));
}

function cdbs(fields: Partial<WriteBufferDownload>): string[] {
  const download = downloadOf(fields);
  return cutChunks(download).map((chunk) => toHex(writeBufferCommand(download, chunk).cdb));
}

const test = suite('microcode/chunks');

test('offsets are contiguous from 0 and the last chunk is the rest, as sg_write_buffer sends them', () => {
  assert.equal(cdbs({ image: new Uint8Array(10_000) }), [
    '3b0e0000000000100000',
    '3b0e0000100000100000',
    '3b0e0000200000071000',
  ]);
});

test('an image that is a multiple of bpw has no empty chunk at its end', () => {
  assert.equal(cdbs({ image: new Uint8Array(8192), mode: 7 }), [
    '3b070000000000100000',
    '3b070000100000100000',
  ]);
});

test('a bpw above the image, or equal to it, sends everything in one command', () => {
  assert.equal(cdbs({ image: new Uint8Array(10_000), mode: 7, bytesPerWrite: 0x10000 }), [
    '3b070000000000271000',
  ]);
  assert.equal(cdbs({ image: new Uint8Array(512), mode: 4, bytesPerWrite: 512 }), ['3b040000000000020000']);
});

test('buffer id and offset go into every command', () => {
  const image = new Uint8Array(5000);
  assert.equal(cdbs({ image, mode: 6, bufferId: 3, offsetBytes: 0x1000, bytesPerWrite: 2048 }), [
    '3b060300100000080000',
    '3b060300180000080000',
    '3b060300200000038800',
  ]);
});

test('MODE SPECIFIC stands in the upper bits of byte 1', () => {
  assert.equal(cdbs({ image: new Uint8Array(4096), mode: 0x0d, modeSpecific: 7 }), ['3bed0000000000100000']);
});

test('the buffer id may grow with each chunk', () => {
  assert.equal(cdbs({ image: new Uint8Array(5000), mode: 7, bufferId: 1, bufferIdStep: 2 }), [
    '3b070100000000100000',
    '3b07030010000003 88 00'.replaceAll(' ', ''),
  ]);
});

test('the last chunk may have a mode of its own, and an empty command may follow', () => {
  assert.equal(cdbs({ image: new Uint8Array(5000), mode: 6, lastMode: 7 }), [
    '3b060000000000100000',
    '3b070000100000038800',
  ]);
  assert.equal(cdbs({ image: new Uint8Array(5000), mode: 4, endWithMode: 5 }), [
    '3b040000000000100000',
    '3b040000100000038800',
    '3b050000000000000000',
  ]);
});

test('the chunk before an empty command ends the image too: new code may start after it', () => {
  const chunks = cutChunks(downloadOf({ image: new Uint8Array(9000), mode: 4, endWithMode: 5 }));
  assert.equal(
    chunks.map(({ hasAll, last }) => [hasAll, last]),
    [
      [false, false],
      [false, false],
      [true, false],
      [true, true],
    ],
  );
});

test('first, middle and last chunk have their own time-outs; a single chunk has that of the last', () => {
  const timeouts = { firstMs: 1, chunkMs: 2, lastMs: 3 };
  const times = (bytes: number): number[] =>
    cutChunks(downloadOf({ image: new Uint8Array(bytes), timeouts })).map(({ timeoutMs }) => timeoutMs);
  assert.equal(times(4 * 4096), [1, 2, 2, 3]);
  assert.equal(times(2 * 4096), [1, 3]);
  assert.equal(times(4096), [3]);
});

test('what does not fit a CDB is refused before anything is sent', () => {
  const image = new Uint8Array(0x101 * 16);
  for (const wrong of [
    { image, bytesPerWrite: 16, bufferIdStep: 1 }, // buffer id 256 half way
    { image, offsetBytes: 0xffffff },
    { image, bytesPerWrite: 0 },
    { image, bytesPerWrite: 1.5 },
    { image: new Uint8Array(0x1000000), bytesPerWrite: 0x1000000 },
    { image: new Uint8Array(0), bytesPerWrite: 0 },
  ]) {
    assert.throws(
      () => cutChunks(downloadOf(wrong)),
      (error: unknown) => error instanceof EncodeError,
    );
  }
});

test('an empty image is not a download, whatever bpw says', () => {
  assert.throws(
    () => cutChunks(downloadOf({ image: new Uint8Array(0) })),
    (error: unknown) => error instanceof EncodeError,
  );
});

test('the chunks of any image, one after the other, are the image', () => {
  const anyDownload = fc.record({
    image: fc.uint8Array({ minLength: 1, maxLength: 3000 }),
    bytesPerWrite: fc.integer({ min: 1, max: 4000 }),
    offsetBytes: fc.integer({ min: 0, max: 0x10000 }),
  });
  fc.assert(
    fc.property(anyDownload, ({ image, bytesPerWrite, offsetBytes }) => {
      const chunks = cutChunks(downloadOf({ image, bytesPerWrite, offsetBytes }));
      let at = offsetBytes;
      for (const { offsetBytes: offset, data } of chunks) {
        if (offset !== at || data.length === 0 || data.length > bytesPerWrite) return false;
        if (data.buffer !== image.buffer) return false; // a view: one copy for all devices
        at += data.length;
      }
      const joined = Buffer.concat(chunks.map(({ data }) => data));
      return Buffer.compare(joined, image) === 0 && chunks.filter(({ last }) => last).length === 1;
    }),
  );
});

for (const [title, fields, mode, deferred] of [
  ['mode 0Eh', { mode: 0x0e }, 0x0e, true],
  ['mode 0Dh', { mode: 0x0d }, 0x0d, true],
  ['mode 7', { mode: 7 }, 7, false],
  ['mode 6, then 7', { mode: 6, lastMode: 7 }, 7, false],
  ['mode 7, then 0Eh', { mode: 7, lastMode: 0x0e }, 0x0e, true],
  ['mode 4, ended by an empty 5', { mode: 4, endWithMode: 5 }, 5, false],
] as const) {
  test(`${title}: ends ${deferred ? 'deferred' : 'active'}`, () => {
    assert.is(endMode(downloadOf(fields)), mode);
    assert.is(endsDeferred(downloadOf(fields)), deferred);
  });
}

for (const [title, imageBytes, boundary, host, expected] of [
  ['32 KiB when nothing is known', 1 << 20, null, Infinity, 32_768],
  ['less where the host says less', 1 << 20, null, 4096, 4096],
  ['a host that says 0 says nothing', 1 << 20, null, 0, 32_768],
  ['not more because the host says more', 1 << 20, null, 1 << 20, 32_768],
  ['rounded down to the boundary', 1 << 20, 9, 5000, 4608],
  ['at least the boundary', 1 << 20, 16, 4096, 65_536],
  ['an image below it in one command', 1000, 9, Infinity, 1000],
  ['everything at once where offset 0 is the only one', 1 << 20, 0xff, Infinity, 1 << 20],
] as const) {
  test(`bpw auto: ${title}`, () => {
    assert.is(automaticBytesPerWrite(imageBytes, boundary, host), expected);
  });
}

test.run();
