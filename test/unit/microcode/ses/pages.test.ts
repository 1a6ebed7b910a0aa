import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { EncodeError } from '../../../../src/base/errors.ts';
import { commandCount } from '../../../../src/microcode/chunks.ts';
import { pageAt, pageCommand, requireSendablePages } from '../../../../src/microcode/ses/pages.ts';
import type { Chunk } from '../../../../src/microcode/chunks.ts';
import type { SesDownload } from '../../../../src/microcode/ses/pages.ts';
import { decodeDownloadMicrocodeControl } from '../../../../src/ses/download-microcode-control.ts';
import { suite } from '../../../support/suite.ts';
import { sesDownloadOf } from '../ses-shelf.ts';

const test = suite('microcode/ses-pages');

const pagesOf = (fields: Partial<SesDownload>): Chunk[] => {
  const download = sesDownloadOf(fields);
  return Array.from({ length: commandCount(download) }, (_, index) => pageAt(download, index));
};

test('the last page is the rest; first, middle and last have their time-outs', () => {
  const pages = pagesOf({ timeouts: { firstMs: 1, chunkMs: 2, lastMs: 3 } });
  assert.equal(
    pages.map(({ offsetBytes, data, timeoutMs, last, hasAll }) => [
      offsetBytes,
      data.length,
      timeoutMs,
      last,
      hasAll,
    ]),
    [
      [0, 4096, 1, false, false],
      [4096, 4096, 2, false, false],
      [8192, 1808, 3, true, true],
    ],
  );
});

test('one page is first and last', () => {
  const [page, ...rest] = pagesOf({ bytesPerWrite: 10_000, timeouts: { firstMs: 1, chunkMs: 2, lastMs: 3 } });
  assert.equal(rest, []);
  assert.equal([page!.timeoutMs, page!.last, page!.hasAll], [3, true, true]);
});

test('another mode for the last page, an empty page at the end, a buffer id that steps', () => {
  const pages = pagesOf({ lastMode: 0x07, mode: 0x06, endWithMode: 0x0e, bufferId: 2, bufferIdStep: 1 });
  assert.equal(
    pages.map(({ mode, bufferId, offsetBytes, data, last, hasAll }) => [
      mode,
      bufferId,
      offsetBytes,
      data.length,
      last,
      hasAll,
    ]),
    [
      [0x06, 2, 0, 4096, false, false],
      [0x06, 3, 4096, 4096, false, false],
      [0x07, 4, 8192, 1808, false, true],
      [0x0e, 2, 10_000, 0, true, true],
    ],
  );
});

test('an empty page at the end begins at a multiple of 4', () => {
  const image = new Uint8Array(9999);
  assert.is(pagesOf({ image, endWithMode: 0x07 }).at(-1)!.offsetBytes, 10_000);
});

test('an offset is added to every page', () => {
  assert.equal(
    pagesOf({ offsetBytes: 0x1000 }).map(({ offsetBytes }) => offsetBytes),
    [0x1000, 0x2000, 0x3000],
  );
});

test('data are views of the image: no copy stands beside it', () => {
  const image = new Uint8Array(10_000);
  for (const { data } of pagesOf({ image })) assert.is(data.buffer, image.buffer);
});

test('256 MiB in pages of 4 bytes need no list', () => {
  const image = new Uint8Array(256 * 1024 * 1024);
  const download = sesDownloadOf({ image, bytesPerWrite: 4 });
  assert.is(commandCount(download), 67_108_864);
  const last = pageAt(download, 67_108_863);
  assert.equal([last.offsetBytes, last.last], [0x0ffffffc, true]);
  requireSendablePages(download);
});

const refuses = (fields: Partial<SesDownload>, message: RegExp): void => {
  assert.throws(
    () => requireSendablePages(sesDownloadOf(fields)),
    (error: unknown) => error instanceof EncodeError && message.test(error.message),
  );
};

test('what does not fit a page is refused before the first is sent', () => {
  refuses({ bytesPerWrite: 4098 }, /BUFFER OFFSET is \d+; it must be a multiple of 4/);
  refuses({ bytesPerWrite: 2 }, /multiple of 4/);
  refuses({ image: new Uint8Array(70_000), bytesPerWrite: 65_512 }, /MICROCODE DATA LENGTH is 65512/);
  refuses({ bufferId: 254, bufferIdStep: 1 }, /BUFFER ID is 256/);
  refuses({ offsetBytes: 0xffff_fffc }, /BUFFER OFFSET is 4294971388|BUFFER OFFSET is 4294/);
  refuses({ imageLengthBytes: 2 ** 32 }, /MICROCODE IMAGE LENGTH/);
  refuses({ subenclosureId: 256 }, /SUBENCLOSURE IDENTIFIER/);
  refuses({ image: new Uint8Array(0) }, /0 bytes cannot be sent/);
  refuses({ bytesPerWrite: 0 }, /0 at a time/);
});

test('a page holds at most 65,508 bytes', () => {
  requireSendablePages(sesDownloadOf({ image: new Uint8Array(65_508), bytesPerWrite: 65_508 }));
  requireSendablePages(sesDownloadOf({ image: new Uint8Array(70_000), bytesPerWrite: 65_508 }));
});

test('whatever the sizes, the pages put together are the image', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 5000 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 0, max: 100 }),
      (image, words, offset) => {
        const download = sesDownloadOf({ image, bytesPerWrite: 4 * words, offsetBytes: 4 * offset });
        requireSendablePages(download);
        const whole = new Uint8Array(image.length);
        let expected = 4 * offset;
        for (let index = 0; index < commandCount(download); index++) {
          const { dataOut, cdb } = pageCommand(download, pageAt(download, index), 7);
          assert.is(dataOut!.length % 4, 0, 'padded');
          assert.is((cdb[3]! << 8) | cdb[4]!, dataOut!.length);
          const page = decodeDownloadMicrocodeControl(dataOut!);
          assert.is(page.bufferOffsetBytes, expected);
          assert.is(page.imageLengthBytes, image.length);
          whole.set(page.data, page.bufferOffsetBytes - 4 * offset);
          expected += page.data.length;
        }
        assert.equal(whole, image);
        assert.is(expected, 4 * offset + image.length);
      },
    ),
  );
});

test.run();
