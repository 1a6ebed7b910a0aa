import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { EncodeError } from '../../../src/base/errors.ts';
import {
  decodeSense,
  encodeDescriptorSense,
  encodeFixedSense,
  senseCode,
  senseText,
} from '../../../src/scsi/sense.ts';
import type { SenseFields } from '../../../src/scsi/sense.ts';
import { suite } from '../../support/suite.ts';
import { byte, word, record } from './only-decode-errors.ts';

const sense = suite('scsi/sense');
const quiet = { deferred: false, fieldPointer: null, progress: null, unitAttentionOverflow: false };

sense('reads fixed format with a field pointer into the CDB', () => {
  assert.equal(decodeSense(fromHex('70 00 05 00000000 0a 00000000 24 00 00 c9 0001')), {
    key: 5,
    asc: 0x24,
    ascq: 0,
    deferred: false,
    format: 'fixed',
    fieldPointer: { inCdb: true, byte: 1, bit: 1 },
    progress: null,
    unitAttentionOverflow: false,
  });
});

sense('reads a field pointer into the parameter list without a bit', () => {
  const found = decodeSense(fromHex('70 00 05 00000000 0a 00000000 26 00 00 80 000c'));
  assert.equal(found?.fieldPointer, { inCdb: false, byte: 12, bit: null });
});

sense('takes no field pointer when SKSV is 0 or the key is another', () => {
  assert.is(decodeSense(fromHex('70 00 05 00000000 0a 00000000 24 00 00 40 0001'))?.fieldPointer, null);
  assert.is(decodeSense(fromHex('70 00 04 00000000 0a 00000000 44 00 00 c0 0001'))?.fieldPointer, null);
});

sense('reads progress with keys NO SENSE and NOT READY only', () => {
  assert.is(decodeSense(fromHex('70 00 02 00000000 0a 00000000 04 07 00 80 8000'))?.progress, 0.5);
  assert.is(decodeSense(fromHex('70 00 00 00000000 0a 00000000 00 16 00 80 4000'))?.progress, 0.25);
  assert.is(decodeSense(fromHex('70 00 06 00000000 0a 00000000 29 00 00 80 8000'))?.progress, null);
});

sense('reads the overflow bit of a unit attention', () => {
  const found = decodeSense(fromHex('70 00 06 00000000 0a 00000000 29 00 00 81 0000'));
  assert.is(found?.unitAttentionOverflow, true);
});

sense('ignores the VALID bit, and marks 71h and 73h as deferred', () => {
  assert.is(decodeSense(fromHex('f0 00 03 00000001 0a 00000000 0c 00 00 00 0000'))?.deferred, false);
  assert.is(decodeSense(fromHex('71 00 04 00000000 0a 00000000 44 00 00 00 0000'))?.deferred, true);
  assert.equal(decodeSense(fromHex('73 04 44 00 00 00 00 00')), {
    ...quiet,
    key: 4,
    asc: 0x44,
    ascq: 0,
    deferred: true,
    format: 'descriptor',
  });
});

sense('believes nothing beyond the additional length', () => {
  const found = decodeSense(fromHex('70 00 06 00000000 00 00000000 29 04 00 81 0000'));
  assert.equal(found, { ...quiet, key: 6, asc: 0, ascq: 0, format: 'fixed' });
});

sense('believes nothing beyond the bytes that came', () => {
  assert.equal(decodeSense(fromHex('70 00 06')), { ...quiet, key: 6, asc: 0, ascq: 0, format: 'fixed' });
  // ASC without ASCQ is half a code.
  assert.is(decodeSense(fromHex('70 00 06 00000000 0a 00000000 3f'))?.asc, 0);
  assert.is(decodeSense(fromHex('70 00 06 00000000 0a 00000000 3f 01'))?.ascq, 1);
  assert.equal(decodeSense(fromHex('72 06')), { ...quiet, key: 6, asc: 0, ascq: 0, format: 'descriptor' });
});

sense('reads descriptor format with a sense key specific descriptor behind another one', () => {
  const found = decodeSense(
    fromHex('72 05 26 00 000000 14 00 0a 80 00 0000000000000000 02 06 0000 8f 000c 00'),
  );
  assert.equal(found?.fieldPointer, { inCdb: false, byte: 12, bit: 7 });
});

sense('reads progress from descriptor 0Ah, and rather from descriptor 02h where both are', () => {
  assert.is(decodeSense(fromHex('72 00 00 16 000000 08 0a 06 00 00 00 00 2000'))?.progress, 0.125);
  const both = '72 02 04 07 000000 10 0a 06 00 00 00 00 2000 02 06 0000 80 8000 00';
  assert.is(decodeSense(fromHex(both))?.progress, 0.5);
});

sense('does not read a descriptor that runs over the additional length or over the bytes', () => {
  const overLength = '72 05 24 00 000000 06 02 06 0000 c0 0001 00';
  assert.is(decodeSense(fromHex(overLength))?.fieldPointer, null);
  const overBytes = '72 05 24 00 000000 08 02 06 0000 c0 00';
  assert.is(decodeSense(fromHex(overBytes))?.fieldPointer, null);
  const endlessLength = '72 05 24 00 000000 ff 02 ff 0000 c0 0001 00';
  assert.is(decodeSense(fromHex(endlessLength))?.fieldPointer, null);
});

sense('a descriptor that is too short for its type says nothing, and the next one is read', () => {
  const found = decodeSense(fromHex('72 05 24 00 000000 0b 02 01 ff 02 06 0000 c0 0002 00'));
  assert.equal(found?.fieldPointer, { inCdb: true, byte: 2, bit: null });
});

sense('says null for what is not sense data', () => {
  for (const bytes of ['', '00', '70', '70 00', '72', '00 00 06 00', '7f 00 05', '6f 00 05', '74 00 05']) {
    assert.is(decodeSense(fromHex(bytes)), null, bytes);
  }
});

sense('encodes the 18 bytes of fixed format', () => {
  assert.is(
    toHex(encodeFixedSense({ key: 5, asc: 0x24, ascq: 0, fieldPointer: { inCdb: true, byte: 1, bit: 4 } })),
    '70000500000000' + '0a' + '00000000' + '2400' + '00' + 'cc0001',
  );
  assert.is(toHex(encodeFixedSense({ key: 6, asc: 0x3f, ascq: 1 })), '700006000000000a000000003f0100000000');
  assert.is(
    toHex(encodeFixedSense({ key: 2, asc: 4, ascq: 7, progress: 0.5 })),
    '700002000000000a00000000040700808000',
  );
});

sense('encodes descriptor format, with a descriptor only where one is needed', () => {
  assert.is(toHex(encodeDescriptorSense({ key: 0, asc: 0, ascq: 0x22 })), '7200002200000000');
  assert.is(
    toHex(
      encodeDescriptorSense({
        key: 5,
        asc: 0x26,
        ascq: 0,
        deferred: true,
        fieldPointer: { inCdb: false, byte: 4, bit: null },
      }),
    ),
    '7305260000000008' + '0206000080000400',
  );
});

sense('refuses to encode what does not fit or does not go together', () => {
  const pointer = { inCdb: true, byte: 1, bit: null };
  const wrong: SenseFields[] = [
    { key: 16, asc: 0, ascq: 0 },
    { key: 5, asc: 256, ascq: 0 },
    { key: 5, asc: 0x24, ascq: -1 },
    { key: 6, asc: 0x29, ascq: 0, fieldPointer: pointer },
    { key: 5, asc: 0x24, ascq: 0, fieldPointer: { ...pointer, bit: 8 } },
    { key: 5, asc: 0x24, ascq: 0, fieldPointer: { ...pointer, byte: 0x10000 } },
    { key: 5, asc: 0x24, ascq: 0, progress: 0.5 },
    { key: 2, asc: 4, ascq: 7, progress: 1.5 },
    { key: 2, asc: 4, ascq: 7, progress: Number.NaN },
    { key: 2, asc: 4, ascq: 7, unitAttentionOverflow: true },
  ];
  for (const fields of wrong) {
    for (const encode of [encodeFixedSense, encodeDescriptorSense]) {
      assert.throws(
        () => encode(fields),
        (error: unknown) => error instanceof EncodeError,
        JSON.stringify(fields),
      );
    }
  }
});

sense('writes key and code as people read them', () => {
  assert.is(senseText({ key: 5, asc: 0x24, ascq: 0 }), 'ILLEGAL REQUEST, invalid field in CDB (5/24/00)');
  assert.is(
    senseText({ key: 6, asc: 0x3f, ascq: 1 }),
    'UNIT ATTENTION, microcode has been changed (6/3F/01)',
  );
  assert.is(senseCode({ key: 0xb, asc: 0x4b, ascq: 3 }), 'B/4B/03');
  assert.match(senseText({ key: 0xc, asc: 0, ascq: 0 }), /^sense key Ch, /);
});

const senseFields: fc.Arbitrary<SenseFields> = fc.oneof(
  record({ key: fc.nat({ max: 15 }), asc: byte, ascq: byte, deferred: fc.boolean() }),
  record({
    key: fc.constant(5),
    asc: byte,
    ascq: byte,
    fieldPointer: record({ inCdb: fc.boolean(), byte: word, bit: fc.option(fc.nat({ max: 7 })) }),
  }),
  record({
    key: fc.constantFrom(0, 2),
    asc: byte,
    ascq: byte,
    progress: word.map((value) => value / 0x10000),
  }),
  record({ key: fc.constant(6), asc: byte, ascq: byte, unitAttentionOverflow: fc.boolean() }),
);

sense('what was encoded is decoded to the same, in both formats', () => {
  fc.assert(
    fc.property(senseFields, (fields) => {
      assert.equal(decodeSense(encodeFixedSense(fields)), { ...quiet, format: 'fixed', ...fields });
      assert.equal(decodeSense(encodeDescriptorSense(fields)), { ...quiet, format: 'descriptor', ...fields });
    }),
  );
});

sense('no bytes make the decoder throw', () => {
  const start = fc.constantFrom(
    [],
    [0x70],
    [0x71],
    [0x72],
    [0x73],
    [0xf0],
    [0x72, 5, 0x24, 0, 0, 0, 0, 0xff, 2, 6],
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 260 }), (head, rest) => {
      const found = decodeSense(Uint8Array.from([...head, ...rest]));
      if (found === null) return;
      assert.ok(found.key <= 15 && found.asc <= 255 && found.ascq <= 255);
      assert.ok(found.progress === null || (found.progress >= 0 && found.progress < 1));
      assert.ok(senseText(found).length > 0);
    }),
    { numRuns: 1000 },
  );
});

sense('bytes behind the additional length never change the answer', () => {
  fc.assert(
    fc.property(senseFields, fc.uint8Array({ maxLength: 40 }), (fields, tail) => {
      for (const bytes of [encodeFixedSense(fields), encodeDescriptorSense(fields)]) {
        assert.equal(decodeSense(Uint8Array.from([...bytes, ...tail])), decodeSense(bytes));
      }
    }),
  );
});

sense.run();
