import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { PROBE_TIMEOUT_MS } from '../../../src/scsi/command.ts';
import {
  decodeInquiryCdb,
  decodeStandardInquiry,
  encodeInquiryCdb,
  encodeStandardInquiry,
  standardInquiry,
} from '../../../src/scsi/inquiry.ts';
import type { StandardInquiry } from '../../../src/scsi/inquiry.ts';
import { suite } from '../../support/suite.ts';
import { asciiText, byte, onlyDecodeErrors, word, record } from './only-decode-errors.ts';

const inquiry = suite('scsi/inquiry');

/** `HP      `, `HP SAS EXP Card `, `2.08` */
const HP_CARD = '0d 00 05 02 1f 00 40 00 4850202020202020 485020534153204558502043617264 20 322e3038';

const hpCard: StandardInquiry = {
  peripheralQualifier: 0,
  deviceType: 0x0d,
  removable: false,
  version: 5,
  responseDataFormat: 2,
  storageArrayController: false,
  targetPortGroupSupport: 0,
  protect: false,
  encServ: true,
  multiPort: false,
  commandQueue: false,
  vendor: 'HP',
  product: 'HP SAS EXP Card',
  revision: '2.08',
  vendorSpecific: '',
};

inquiry('asks for 36 bytes first, within the time of a probe', () => {
  const command = standardInquiry();
  assert.is(toHex(command.cdb), '120000002400');
  assert.is(command.dataInBytes, 36);
  assert.is(command.timeoutMs, PROBE_TIMEOUT_MS);
  assert.is(command.changesDevice, false);
  assert.is(toHex(standardInquiry(96).cdb), '120000006000');
});

inquiry('reads the HP SAS expander card', () => {
  assert.equal(standardInquiry().decode(fromHex(HP_CARD)), hpCard);
  assert.is(toHex(encodeStandardInquiry(hpCard)), toHex(fromHex(HP_CARD)));
});

inquiry('reads the flags of a disk on two ports', () => {
  const found = decodeStandardInquiry(
    fromHex(
      '20 80 07 12 5b b1 10 02 5345414741544520 535431323030304e4d30303037202020 4e303034' + '5a'.repeat(20),
    ),
  );
  assert.is(found.peripheralQualifier, 1);
  assert.is(found.removable, true);
  assert.is(found.storageArrayController, true);
  assert.is(found.targetPortGroupSupport, 3);
  assert.is(found.protect, true);
  assert.is(found.encServ, false);
  assert.is(found.multiPort, true);
  assert.is(found.commandQueue, true);
  assert.is(found.vendorSpecific, 'Z'.repeat(20));
});

inquiry('reads texts as the kernel does', () => {
  for (const [vendor, expected] of [
    ['4850 00 7578 202020', 'HP'],
    ['4850 00 01 01 01 01 01', 'HP'],
    ['4850 01 01 01 01 01 01', 'HP'],
    ['48 b0 50 2020202020', 'H P'],
    ['2048 50 2020202020', ' HP'],
    ['00 4850 2020202020', ''],
  ] as const) {
    const bytes = fromHex(HP_CARD);
    bytes.set(fromHex(vendor), 8);
    const { vendor: found, product } = decodeStandardInquiry(bytes);
    assert.is(found, expected);
    assert.is(product, 'HP SAS EXP Card');
  }
});

inquiry('takes no text from behind the additional length', () => {
  const bytes = fromHex(HP_CARD + '5a'.repeat(20));
  assert.is(decodeStandardInquiry(bytes).vendorSpecific, '');
});

inquiry('takes the 36 bytes that arrived, whatever the additional length says', () => {
  for (const additional of [0, 1, 0x1e, 0xff]) {
    const bytes = fromHex(HP_CARD);
    bytes[4] = additional;
    assert.equal(decodeStandardInquiry(bytes), hpCard, String(additional));
  }
});

inquiry('says short-page when fewer than 36 bytes arrived: a cut revision is not a blank one', () => {
  const short = (bytes: Uint8Array): void =>
    assert.throws(
      () => decodeStandardInquiry(bytes),
      (error: unknown) => error instanceof DecodeError && error.code === 'short-page',
    );
  short(new Uint8Array(0));
  for (const arrived of [4, 5, 20, 35]) short(fromHex(HP_CARD).subarray(0, arrived));
});

inquiry('refuses to encode what does not fit', () => {
  for (const wrong of [
    { ...hpCard, vendor: 'LONG NAME' },
    { ...hpCard, revision: '2.108' },
    { ...hpCard, product: 'Łódź' },
    { ...hpCard, deviceType: 0x20 },
    { ...hpCard, vendorSpecific: 'x'.repeat(21) },
  ]) {
    assert.throws(
      () => encodeStandardInquiry(wrong),
      (error: unknown) => error instanceof EncodeError,
    );
  }
  assert.throws(
    () => standardInquiry(0x10000),
    (error: unknown) => error instanceof EncodeError,
  );
});

inquiry('what was encoded is decoded to the same', () => {
  const value: fc.Arbitrary<StandardInquiry> = record({
    peripheralQualifier: fc.nat({ max: 7 }),
    deviceType: fc.nat({ max: 31 }),
    removable: fc.boolean(),
    version: byte,
    responseDataFormat: fc.nat({ max: 15 }),
    storageArrayController: fc.boolean(),
    targetPortGroupSupport: fc.nat({ max: 3 }),
    protect: fc.boolean(),
    encServ: fc.boolean(),
    multiPort: fc.boolean(),
    commandQueue: fc.boolean(),
    vendor: asciiText(8),
    product: asciiText(16),
    revision: asciiText(4),
    vendorSpecific: asciiText(20),
  });
  fc.assert(
    fc.property(value, (fields) => {
      assert.equal(decodeStandardInquiry(encodeStandardInquiry(fields)), fields);
    }),
  );
});

inquiry('the CDB is read as it was written', () => {
  assert.equal(decodeInquiryCdb(fromHex('12 01 83 00 fc 00')), {
    vitalProductData: true,
    pageCode: 0x83,
    allocationBytes: 252,
  });
  fc.assert(
    fc.property(fc.boolean(), byte, word, (vitalProductData, pageCode, allocationBytes) => {
      const fields = { vitalProductData, pageCode, allocationBytes };
      assert.equal(decodeInquiryCdb(encodeInquiryCdb(fields)), fields);
    }),
  );
});

inquiry('no bytes make a decoder throw anything but a decode error', () => {
  onlyDecodeErrors(decodeStandardInquiry, [HP_CARD, HP_CARD.slice(0, 20)]);
  onlyDecodeErrors(decodeInquiryCdb, ['12', '120000002400']);
});

inquiry.run();
