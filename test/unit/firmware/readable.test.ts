import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readableIn } from '../../../src/firmware/readable.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/readable');

const at = (offsetBytes: number, text: string, sizeBytes = 4096): Buffer => {
  const bytes = Buffer.alloc(sizeBytes, 0xff);
  bytes.write(text, offsetBytes, 'latin1');
  return bytes;
};

test('INQUIRY data are found with their place', () => {
  const bytes = at(0x200, '\x0d\x00\x05\x02\x5b\x00\x00\x02HP      HP SAS EXP Card 2.10');
  assert.equal(readableIn(bytes).inquiry, [
    { offsetBytes: 0x208, vendor: 'HP', product: 'HP SAS EXP Card', revision: '2.10' },
  ]);
});

test('the same data many times are told once, and a vendor of eight letters is a vendor', () => {
  const text = '\0IBM-ESXSST3450857SS     000B';
  const bytes = Buffer.concat([at(16, text), at(16, text)]);
  assert.equal(readableIn(bytes).inquiry, [
    { offsetBytes: 17, vendor: 'IBM-ESXS', product: 'ST3450857SS', revision: '000B' },
  ]);
});

test('data across two pieces that are looked at one by one are found', () => {
  for (const offsetBytes of [(1 << 20) - 300, (1 << 20) - 256, (1 << 20) - 10, (1 << 20) - 1]) {
    const bytes = at(offsetBytes, '\0LSI     SAS2X36         0717', 3 << 20);
    assert.equal(
      readableIn(bytes).inquiry.map((found) => found.offsetBytes),
      [offsetBytes + 1],
    );
  }
});

test('sentences are not INQUIRY data; those that tell something are shown', () => {
  const bytes = Buffer.concat([
    at(8, 'Expander firmware, all of it'),
    at(8, 'nothing to see here, go away'),
    at(8, 'build 66.16.11.00'),
  ]);
  const { inquiry, texts } = readableIn(bytes);
  assert.equal(inquiry, []);
  assert.equal(
    texts.map(({ text }) => text),
    ['Expander firmware, all of it', 'build 66.16.11.00'],
  );
});

test('any bytes are looked at without an error, and what is shown is short and printable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      const { inquiry, texts } = readableIn(bytes);
      for (const { text } of texts) assert.match(text, /^[ -~]{1,100}$/);
      for (const { vendor, product } of inquiry) assert.ok(vendor.length <= 8 && product.length <= 16);
    }),
  );
});

test('a megabyte of one digit, letter or space ends at once', () => {
  for (const character of '7aZ .-') {
    const started = performance.now();
    readableIn(Buffer.alloc(3 << 20, character));
    // What goes back over all of it takes minutes.
    assert.ok(performance.now() - started < 10_000, character);
  }
});

test.run();
