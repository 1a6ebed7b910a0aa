import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { PROBE_TIMEOUT_MS } from '../../../src/scsi/command.ts';
import { deviceIdentification, designatorText } from '../../../src/scsi/vpd-device-identification.ts';
import type { Designator } from '../../../src/scsi/vpd-device-identification.ts';
import { extendedInquiry } from '../../../src/scsi/vpd-extended-inquiry.ts';
import type { ExtendedInquiry } from '../../../src/scsi/vpd-extended-inquiry.ts';
import { supportedVpdPages } from '../../../src/scsi/vpd-supported-pages.ts';
import { exactSerialNumber, unitSerialNumber } from '../../../src/scsi/vpd-unit-serial-number.ts';
import { inquiryVpd } from '../../../src/scsi/vpd.ts';
import type { VpdPage } from '../../../src/scsi/vpd.ts';
import { suite } from '../../support/suite.ts';
import { asciiText, byte, onlyDecodeErrors, word, record } from './only-decode-errors.ts';

const vpd = suite('scsi/vpd');

const PAGES: readonly VpdPage<unknown>[] = [
  supportedVpdPages,
  unitSerialNumber,
  deviceIdentification,
  extendedInquiry,
];
const throwsWith =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DecodeError && error.code === code;
const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;

vpd('asks with EVPD, the page code and 252 bytes', () => {
  const command = inquiryVpd(deviceIdentification);
  assert.is(toHex(command.cdb), '12018300fc00');
  assert.is(command.dataInBytes, 252);
  assert.is(command.timeoutMs, PROBE_TIMEOUT_MS);
  assert.is(command.name, 'INQUIRY (VPD 83h device identification)');
  assert.is(toHex(inquiryVpd(extendedInquiry, 0x1000).cdb), '120186100000');
});

vpd('reads the list of pages, and the serial number without its padding', () => {
  assert.equal(supportedVpdPages.decode(fromHex('0d 00 0003 008083')), [0x00, 0x80, 0x83]);
  assert.is(unitSerialNumber.decode(fromHex('0d 80 0008 2020504132333435')), 'PA2345');
  assert.is(unitSerialNumber.decode(fromHex('0d 80 0004 20202020')), '');
  assert.is(unitSerialNumber.decode(fromHex('0d 80 000b 53455231323334 0000 7a7a')), 'SER1234');
  assert.is(
    exactSerialNumber.decode(fromHex('0d 80 000b 53455231323334 0000 7a7a')),
    'hex:5345523132333400007a7a',
  );
  assert.is(exactSerialNumber.decode(fromHex('0d 80 0008 2020504132333420')), 'PA234');
  assert.is(exactSerialNumber.decode(fromHex('0d 80 0004 ffffffff')), '', 'shows nothing');
  assert.is(toHex(unitSerialNumber.encode('PA2345', 0x0d)), '0d800006504132333435');
});

vpd('takes no byte from behind the page length', () => {
  assert.equal(supportedVpdPages.decode(fromHex('0d 00 0002 0080 8386')), [0x00, 0x80]);
});

vpd('an answer with another page is wrong-page, a cut one short-page with the length that is needed', () => {
  for (const page of PAGES) {
    const other = fromHex(`0d ${page.pageCode === 0x80 ? '83' : '80'} 0000`);
    assert.throws(() => inquiryVpd(page).decode(other), throwsWith('wrong-page'), page.name);
    assert.throws(() => page.decode(new Uint8Array(3)), throwsWith('short-page'), page.name);
  }
  try {
    deviceIdentification.decode(fromHex('0d 83 0200 0103'));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, DecodeError);
    assert.is((error as DecodeError).context.neededBytes, 0x204);
  }
});

const IDENTIFICATION =
  '0d 83 0034 01030008 5001438001234567 61930008 5001438001234566 61940004 00000001' +
  '02010008 4850202020204142 02000004 41424344';

vpd('reads the designators of logical unit and target port', () => {
  const { designators: found } = deviceIdentification.decode(fromHex(IDENTIFICATION));
  assert.is(found.length, 5);
  assert.equal(found[0], {
    codeSet: 1,
    association: 0,
    type: 3,
    protocol: null,
    bytes: fromHex('5001438001234567'),
  });
  assert.is(found[1]!.association, 1);
  assert.is(found[1]!.protocol, 6);
  assert.equal(found.map(designatorText), [
    'naa.5001438001234567',
    'naa.5001438001234566',
    null,
    't10.HP    AB',
    null,
  ]);
  assert.is(toHex(deviceIdentification.encode({ designators: found }, 0x0d)), toHex(fromHex(IDENTIFICATION)));
});

vpd('names a unit by EUI and SCSI name string too, with one spelling for one name', () => {
  const of = (type: number, codeSet: number, bytes: Uint8Array): string | null =>
    designatorText({ type, codeSet, association: 0, protocol: null, bytes });
  const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
  assert.is(of(2, 1, fromHex('0011223344556677')), 'eui.0011223344556677');
  assert.is(of(8, 3, ascii('naa.50014380ABCDEF01\0')), 'naa.50014380abcdef01');
  assert.is(of(8, 3, ascii('iqn.2001-04.com.example:Disk')), 'iqn.2001-04.com.example:Disk');
  assert.is(of(3, 1, fromHex('600143800123456789abcdef00000001')), 'naa.600143800123456789abcdef00000001');
});

vpd('makes no id of a designator of wrong length, wrong code set or without content', () => {
  const of = (type: number, codeSet: number, bytes: string): string | null =>
    designatorText({ type, codeSet, association: 0, protocol: null, bytes: fromHex(bytes) });
  assert.is(of(3, 1, '50014380012345'), null);
  assert.is(of(3, 2, '5001438001234567'), null);
  assert.is(of(2, 1, ''), null);
  assert.is(of(1, 2, '2020202020'), null);
  assert.is(of(8, 3, '0000'), null);
});

vpd('a designator that runs over the end of the page does not take the whole ones away', () => {
  const decode = (hex: string): { names: (string | null)[]; damaged: boolean } => {
    const { designators, damage } = deviceIdentification.decode(fromHex(hex));
    return { names: designators.map(designatorText), damaged: damage !== undefined };
  };
  assert.equal(decode('0d 83 0008 01030008 50014380'), { names: [], damaged: true });
  assert.equal(decode('0d 83 0002 0103'), { names: [], damaged: true });
  const one = '01030008 5001438001234567';
  assert.equal(decode(`0d 83 000c ${one}`), { names: ['naa.5001438001234567'], damaged: false });
  assert.equal(decode(`0d 83 0014 ${one} 02010010 48502020`), {
    names: ['naa.5001438001234567'],
    damaged: true,
  });
});

vpd('reads page 86h: activation, events and download modes', () => {
  const page = new Uint8Array(64);
  page.set(fromHex('0d 86 003c 80 20 00 01 00 03 000a b0 fc 00 0000 0000 1e'));
  assert.equal(extendedInquiry.decode(page), {
    activateMicrocode: 2,
    multiNexusDownload: 3,
    extendedSelfTestMinutes: 10,
    powerOnActivation: true,
    hardResetActivation: false,
    vendorEventActivation: true,
    downloadModes: new Set([0x07, 0x0d, 0x0e, 0x0f]),
    maximumSenseBytes: 252,
    unitAttentionSenseKeySpecific: true,
    logicalUnitClear: true,
    maximumInquiryChangeLogs: 0,
    maximumModePageChangeLogs: 0,
  });
});

vpd('page 86h without DMS_VALID does not say which modes there are', () => {
  const page = new Uint8Array(64);
  page.set(fromHex('0d 86 003c 40 00 00 00 00 00 0000 00 00 00 0000 0000 fe'));
  assert.is(extendedInquiry.decode(page).downloadModes, null);
});

vpd('a short page 86h of an older device leaves the rest unreported', () => {
  const found = extendedInquiry.decode(fromHex('0d 86 0008 40 00 00 00 00 00 0000'));
  assert.is(found.activateMicrocode, 1);
  assert.is(found.downloadModes, null);
  assert.is(found.maximumSenseBytes, 0);
});

vpd('refuses to encode what does not fit', () => {
  const designator: Designator = {
    codeSet: 1,
    association: 0,
    type: 3,
    protocol: null,
    bytes: new Uint8Array(8),
  };
  assert.throws(() => supportedVpdPages.encode([256]), isEncodeError);
  assert.throws(() => unitSerialNumber.encode('№ 5'), isEncodeError);
  assert.throws(
    () => deviceIdentification.encode({ designators: [{ ...designator, bytes: new Uint8Array(256) }] }),
    isEncodeError,
  );
  assert.throws(
    () => deviceIdentification.encode({ designators: [{ ...designator, protocol: 16 }] }),
    isEncodeError,
  );
  const extended = extendedInquiry.decode(fromHex('0d 86 0001 00'));
  assert.throws(() => extendedInquiry.encode({ ...extended, downloadModes: new Set([8]) }), isEncodeError);
  assert.throws(() => inquiryVpd(supportedVpdPages, 65536), isEncodeError);
});

vpd('what was encoded is decoded to the same', () => {
  const designator: fc.Arbitrary<Designator> = record({
    codeSet: fc.nat({ max: 15 }),
    association: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    type: fc.nat({ max: 15 }),
    protocol: fc.option(fc.nat({ max: 15 })),
    bytes: fc.uint8Array({ maxLength: 40 }),
  });
  const extended: fc.Arbitrary<ExtendedInquiry> = record({
    activateMicrocode: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    multiNexusDownload: fc.nat({ max: 15 }),
    extendedSelfTestMinutes: word,
    powerOnActivation: fc.boolean(),
    hardResetActivation: fc.boolean(),
    vendorEventActivation: fc.boolean(),
    downloadModes: fc.option(fc.subarray([4, 5, 6, 7, 13, 14, 15]).map((modes) => new Set(modes))),
    maximumSenseBytes: byte,
    unitAttentionSenseKeySpecific: fc.boolean(),
    logicalUnitClear: fc.boolean(),
    maximumInquiryChangeLogs: word,
    maximumModePageChangeLogs: word,
  });
  const roundTrip = <V>(page: VpdPage<V>, values: fc.Arbitrary<V>): void =>
    fc.assert(
      fc.property(values, byte, (value, peripheral) => {
        const bytes = page.encode(value, peripheral);
        assert.is(bytes[0], peripheral);
        assert.equal(page.decode(bytes), value);
      }),
    );
  roundTrip(supportedVpdPages, fc.array(byte));
  roundTrip(unitSerialNumber, asciiText(30));
  roundTrip(deviceIdentification, record({ designators: fc.array(designator, { maxLength: 6 }) }));
  roundTrip(extendedInquiry, extended);
});

vpd('no bytes make a decoder throw anything but a decode error', () => {
  for (const page of PAGES) {
    const code = page.pageCode.toString(16).padStart(2, '0');
    onlyDecodeErrors(page.decode.bind(page), [`0d${code}0010`, `0d${code}003c`, IDENTIFICATION]);
  }
  onlyDecodeErrors(
    (bytes) =>
      designatorText({ codeSet: bytes[0]! & 3, association: 0, type: bytes[1]! & 15, protocol: null, bytes }),
    ['0103'],
  );
});

vpd.run();
