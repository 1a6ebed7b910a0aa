import fc from 'fast-check';
import { concatBytes, fromHex } from '../../../src/base/bytes.ts';
import { DecodeError } from '../../../src/base/errors.ts';

/**
 * Whatever bytes come, a decoder answers or throws DecodeError. `starts` are beginnings in hex that lead past the
 * first checks; the rest is arbitrary. So are real pages that were cut or had bytes changed.
 */
export function onlyDecodeErrors(
  decode: (bytes: Uint8Array) => unknown,
  starts: readonly string[] = [],
  numRuns = 400,
): void {
  const start = fc.constantFrom('', ...starts).map(fromHex);
  const damage = fc.array(fc.tuple(fc.nat({ max: 600 }), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
  fc.assert(
    fc.property(
      start,
      fc.uint8Array({ maxLength: 300 }),
      damage,
      fc.nat({ max: 600 }),
      (head, rest, changes, cut) => {
        const bytes = concatBytes(head, rest);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        for (const candidate of [
          bytes,
          bytes.subarray(0, Math.min(cut, bytes.length)),
          head.subarray(0, cut),
        ]) {
          try {
            decode(candidate);
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
          }
        }
      },
    ),
    { numRuns },
  );
}

/** Printable ASCII as it survives a padded field: no blanks at either end. */
export const asciiText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0x20, max: 0x7e }), { maxLength })
    .map((codes) => String.fromCharCode(...codes).trim());

export const byte = fc.integer({ min: 0, max: 0xff });
export const word = fc.integer({ min: 0, max: 0xffff });
export const doubleWord = fc.integer({ min: 0, max: 0xffffffff });

/** fc.record with plain objects only: uvu's `equal` compares prototypes too. */
export const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });
