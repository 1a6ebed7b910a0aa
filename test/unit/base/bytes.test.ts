import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  asciiField,
  concatBytes,
  encodeAsciiField,
  exactText,
  fromHex,
  hex,
  requireLength,
  requireRange,
  shownText,
  toHex,
} from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { errnoName } from '../../../src/base/errno.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/bytes');

test('numbers are written as T10 writes them', () => {
  assert.is(hex(0x2a), '2Ah');
  assert.is(hex(5), '05h');
  assert.is(hex(0x1234, 6), '001234h');
});

test('bytes survive hexadecimal text, with blanks or without', () => {
  assert.equal(fromHex('3b 0e00'), new Uint8Array([0x3b, 0x0e, 0]));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => toHex(fromHex(toHex(bytes))) === toHex(bytes)));
});

test('a view into a larger buffer is written as itself', () => {
  assert.is(toHex(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), '0203');
});

test('an ASCII field has no padding and no surprises', () => {
  assert.is(asciiField(new Uint8Array([0x48, 0x50, 0x20, 0x20, 0])), 'HP');
  assert.is(asciiField(fromHex('20 41 07 42 ff')), ' A B');
  assert.equal(encodeAsciiField('HP', 4), new Uint8Array([0x48, 0x50, 0x20, 0x20]));
  assert.is(encodeAsciiField('too long', 4).length, 4);
});

test('a text ends at its first NUL, as in the kernel', () => {
  assert.is(asciiField(fromHex('4850 00 7578 202020')), 'HP');
  assert.is(asciiField(fromHex('4850 01 01 00 41')), 'HP');
  assert.is(asciiField(fromHex('00 4142')), '');
});

test('what differs in bytes differs in its exact text, padding apart', () => {
  for (const padded of ['4142', '4142 00', '4142 2000', '4142 0020'])
    assert.is(exactText(fromHex(padded)), 'AB');
  assert.is(exactText(fromHex('4142 00 43')), 'hex:41420043');
  assert.is(exactText(Buffer.from('hex:41')), 'hex:6865783a3431', 'no text passes for the bytes of another');
  const field = fc.uint8Array({ maxLength: 6 });
  const unpadded = (bytes: Uint8Array) =>
    toHex(bytes).replace(/(00|20)*$/, (end, _, at) => (at % 2 ? end : ''));
  fc.assert(
    fc.property(field, field, (one, other) => {
      assert.is(shownText(exactText(one)), asciiField(one));
      assert.is(exactText(one) === exactText(other), unpadded(one) === unpadded(other));
    }),
  );
});

test('a short answer is an answer about the device, a wrong argument a mistake of ours', () => {
  requireLength('page 01h', new Uint8Array(8), 8);
  assert.throws(
    () => requireLength('page 01h', new Uint8Array(7), 8),
    (error: unknown) => error instanceof DecodeError && error.code === 'short-page',
  );
  requireRange('BUFFER ID', 255, 255);
  for (const wrong of [256, -1, 1.5, NaN, Infinity]) {
    assert.throws(
      () => requireRange('BUFFER ID', wrong, 255),
      (error: unknown) => error instanceof EncodeError,
    );
  }
});

test('parts are joined in order', () => {
  assert.equal(
    concatBytes(new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2, 3])),
    new Uint8Array([1, 2, 3]),
  );
  assert.equal(concatBytes(), new Uint8Array(0));
});

test('an errno has its name, and an unknown one its number', () => {
  assert.is(errnoName(5), 'EIO (5)');
  assert.is(errnoName(9999), 'errno (9999)');
});

test.run();
