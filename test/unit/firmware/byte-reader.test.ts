import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { concatBytes } from '../../../src/base/bytes.ts';
import { ByteReader } from '../../../src/firmware/byte-reader.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, problemOf } from './carriers.ts';

const test = suite('firmware/byte-reader');

const BYTES = bytesOf(300);

/** The same bytes in pieces of these sizes; what is left comes last. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for (const size of sizes) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

test('whatever is asked, the bytes come once, in order, and the place is counted', async () => {
  const action = fc.record({ how: fc.constantFrom('take', 'peek', 'skip', 'exactly'), count: fc.nat(60) });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 12 }), fc.array(action), async (sizes, actions) => {
      const reader = new ByteReader(inPieces(BYTES, sizes), 'FILE');
      let at = 0;
      for (const { how, count } of actions) {
        if (how !== 'peek' && at + count > BYTES.length) continue;
        const expected = BYTES.subarray(at, at + count);
        if (how === 'take') assert.equal([...(await reader.take(count, 'it'))], [...expected]);
        else if (how === 'peek') assert.equal([...(await reader.peek(count))], [...expected]);
        else if (how === 'skip') await reader.skip(count, 'it');
        else {
          const parts: Uint8Array[] = [];
          for await (const part of reader.exactly(count, 'it')) parts.push(part);
          assert.equal([...concatBytes(...parts)], [...expected]);
        }
        if (how !== 'peek') at += count;
        assert.is(reader.offsetBytes, at);
      }
      const rest: Uint8Array[] = [];
      for await (const part of reader.rest()) rest.push(part);
      assert.equal([...concatBytes(...rest)], [...BYTES.subarray(at)]);
      assert.is((await reader.some()).length, 0);
    }),
  );
});

test('a cut file is told with what was missing, and where', async () => {
  const expected = 'cut: FILE is cut off: it ends at byte 300, within the rest';
  const reader = (): ByteReader => new ByteReader(inPieces(BYTES, [100, 100]), 'FILE');
  assert.is(await problemOf(reader().take(301, 'the rest')), expected);
  assert.is(await problemOf(reader().skip(301, 'the rest')), expected);
});

test('closing lets go of where the bytes come from', async () => {
  let closed = false;
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) yield await Promise.resolve(BYTES);
    } finally {
      closed = true;
    }
  }
  const reader = new ByteReader(chunks(), 'FILE');
  await reader.take(10, 'it');
  await reader.close();
  assert.ok(closed);
});

test.run();
