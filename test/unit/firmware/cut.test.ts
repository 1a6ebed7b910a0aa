import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { cutImage } from '../../../src/firmware/cut.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/cut');

const IMAGE = Uint8Array.of(1, 2, 3, 4, 5);

for (const [title, cut, expected] of [
  ['nothing is cut', { skipBytes: 0, lengthBytes: null, fill: null }, [1, 2, 3, 4, 5]],
  ['skip leaves out the beginning', { skipBytes: 2, lengthBytes: null, fill: null }, [3, 4, 5]],
  ['length leaves out the end', { skipBytes: 0, lengthBytes: 2, fill: null }, [1, 2]],
  ['skip and length cut out the middle', { skipBytes: 1, lengthBytes: 3, fill: null }, [2, 3, 4]],
  ['fill fills up to length', { skipBytes: 3, lengthBytes: 4, fill: 0xff }, [4, 5, 255, 255]],
  ['fill does nothing within the image', { skipBytes: 0, lengthBytes: 3, fill: 0xff }, [1, 2, 3]],
] as const) {
  test(title, () => {
    assert.equal(cutImage(IMAGE, cut), { bytes: Uint8Array.from(expected) });
  });
}

test('what is not cut is not copied', () => {
  const result = cutImage(IMAGE, { skipBytes: 0, lengthBytes: 5, fill: 0 });
  assert.ok('bytes' in result && result.bytes === IMAGE);
});

test('skip beyond the image and length beyond it without fill name their key', () => {
  const skip = cutImage(IMAGE, { skipBytes: 5, lengthBytes: null, fill: null });
  const length = cutImage(IMAGE, { skipBytes: 0, lengthBytes: 6, fill: null });
  assert.is('key' in skip && skip.key, 'skip');
  assert.is('key' in length && length.key, 'length');
});

test('a length that is filled up to more than 256 MiB is refused before memory is asked for', () => {
  for (const lengthBytes of [256 * 1024 * 1024 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    const cut = cutImage(IMAGE, { skipBytes: 0, lengthBytes, fill: 0xff });
    assert.ok('key' in cut && cut.key === 'length' && /256 MiB/.test(cut.message));
  }
});

test('whatever is cut is what the words say, byte by byte', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(bytes, fc.nat(70), fc.nat(140), fc.nat(255), (image, skipBytes, lengthBytes, fill) => {
      const result = cutImage(image, { skipBytes, lengthBytes: lengthBytes + 1, fill });
      if (skipBytes >= image.length) {
        assert.ok('key' in result);
        return;
      }
      assert.ok('bytes' in result);
      const expected = Array.from({ length: lengthBytes + 1 }, (_, i) => image[skipBytes + i] ?? fill);
      assert.equal([...result.bytes], expected);
    }),
  );
});

test.run();
