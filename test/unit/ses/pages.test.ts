import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import type { DiagnosticPage } from '../../../src/ses/diagnostic-page.ts';
import { elementDescriptor } from '../../../src/ses/element-descriptor.ts';
import type { ElementDescriptors } from '../../../src/ses/element-descriptor.ts';
import { enclosureStatus } from '../../../src/ses/enclosure-status.ts';
import type { ElementStatus, EnclosureStatus } from '../../../src/ses/enclosure-status.ts';
import {
  decodeReceiveDiagnosticResultsCdb,
  receiveDiagnosticResults,
} from '../../../src/ses/receive-diagnostic-results.ts';
import { nicknameStatus } from '../../../src/ses/nickname-status.ts';
import { decodeSendDiagnosticCdb, sendDiagnostic } from '../../../src/ses/send-diagnostic.ts';
import { supportedDiagnosticPages } from '../../../src/ses/supported-diagnostic-pages.ts';
import { suite } from '../../support/suite.ts';
import { asciiText, byte, doubleWord, onlyDecodeErrors, record } from '../scsi/only-decode-errors.ts';

const pages = suite('ses/diagnostic pages');
const throwsWith =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DecodeError && error.code === code;
const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;
const roundTrip = <Value>(page: DiagnosticPage<Value>, values: fc.Arbitrary<Value>): void =>
  fc.assert(
    fc.property(values, (value) => {
      const bytes = page.encode(value);
      assert.is(bytes[0], page.pageCode);
      assert.equal(page.decode(bytes), value);
    }),
  );

pages('RECEIVE DIAGNOSTIC RESULTS names the page, and the simulator reads which', () => {
  const { cdb } = receiveDiagnosticResults(enclosureStatus);
  assert.is(toHex(cdb), '1c0102200000');
  assert.equal(decodeReceiveDiagnosticResultsCdb(cdb), { pageCode: 2, allocationBytes: 8192 });
  assert.is(decodeReceiveDiagnosticResultsCdb(fromHex('1c000e200000')).pageCode, null);
  assert.throws(() => receiveDiagnosticResults(enclosureStatus, { allocationBytes: 65536 }), isEncodeError);
});

pages('SEND DIAGNOSTIC sends a page with PF and its length', () => {
  const command = sendDiagnostic('some page', new Uint8Array(0x1018), 1000);
  assert.is(toHex(command.cdb), '1d1000101800');
  assert.is(command.changesDevice, true);
  assert.equal(decodeSendDiagnosticCdb(fromHex('1d 24 00 0000 00')), {
    selfTestCode: 1,
    pageFormat: false,
    selfTest: true,
    parameterListBytes: 0,
  });
  assert.throws(() => sendDiagnostic('some page', new Uint8Array(65536), 1000), isEncodeError);
});

pages('page 00h lists what the enclosure knows', () => {
  assert.equal(supportedDiagnosticPages.decode(fromHex('00 00 0005 00 01 02 0a 0e')), [0, 1, 2, 0x0a, 0x0e]);
  assert.equal(supportedDiagnosticPages.decode(fromHex('00 00 0000')), []);
  assert.throws(() => supportedDiagnosticPages.encode([256]), isEncodeError);
  roundTrip(supportedDiagnosticPages, fc.array(byte));
});

const STATUS = '02 16 000c 00000007 01 00 00 00 65 00 00 20';

pages('page 02h has the overall bits and four bytes for each element', () => {
  const found = enclosureStatus.decode(fromHex(STATUS));
  assert.equal(found, {
    invalidOperation: true,
    information: false,
    nonCritical: true,
    critical: true,
    unrecoverable: false,
    generationCode: 7,
    elements: [
      { code: 1, predictedFailure: false, disabled: false, swapped: false, specific: fromHex('000000') },
      { code: 5, predictedFailure: true, disabled: true, swapped: false, specific: fromHex('000020') },
    ],
  });
  assert.is(toHex(enclosureStatus.encode(found)), toHex(fromHex(STATUS)));
  assert.equal(
    found.elements.map(({ code }) => code),
    [1, 5],
  );
});

pages(
  'page 02h that ends within an element loses this one alone; one that ends in its header is a bad field',
  () => {
    const codes = (bytes: string): number[] =>
      enclosureStatus.decode(fromHex(bytes)).elements.map(({ code }) => code);
    assert.equal(codes('02 00 0006 00000007 01 00'), []);
    assert.equal(codes('02 00 000a 00000007 02 00 00 00 01 00'), [2]);
    assert.throws(() => enclosureStatus.decode(fromHex('02 00 0003 000000')), throwsWith('bad-field'));
  },
);

const DESCRIPTORS = '07 00 0015 00000007 0000 0005 536c6f7473 0000 0000 0000 0000';

pages('page 07h has one text for each element', () => {
  const found = elementDescriptor.decode(fromHex(DESCRIPTORS));
  assert.equal(found, { generationCode: 7, texts: ['Slots', '', ''] });
  assert.is(toHex(elementDescriptor.encode(found)), toHex(fromHex(DESCRIPTORS)));
});

pages('page 07h with a text over its end is a bad field', () => {
  assert.throws(
    () => elementDescriptor.decode(fromHex('07 00 000a 00000007 0000 0005 536c')),
    throwsWith('bad-field'),
  );
  assert.throws(() => elementDescriptor.decode(fromHex('07 00 0006 00000007 0000')), throwsWith('bad-field'));
});

/** As sg_ses decodes it: code of the language in bytes 6 and 7 of a descriptor, the name from byte 8. */
const NICKNAMES =
  '0f 01 0054 00000007 00 00 00 00 0000 0000 7261636b20372c20746f70 000000000000000000000000000000000000000000 ' +
  '00 05 00 00 0000 0000 2020202020202020202020202020202020202020202020202020202020202020';

pages('page 0Fh has a name for each subenclosure, which may be empty', () => {
  const found = nicknameStatus.decode(fromHex(NICKNAMES));
  assert.equal(found, {
    generationCode: 7,
    nicknames: [
      { subenclosureId: 0, nickname: 'rack 7, top' },
      { subenclosureId: 5, nickname: '' },
    ],
  });
  assert.equal(nicknameStatus.decode(nicknameStatus.encode(found)), found);
  // One that the page cuts says nothing.
  assert.is(nicknameStatus.decode(fromHex(`0f 00 0008 00000007 00 00 00 00`)).nicknames.length, 0);
  assert.throws(() => nicknameStatus.decode(fromHex('0f 00 0002 0000')), throwsWith('bad-field'));
});

pages('another page than the one asked for is wrong-page, and its code is kept', () => {
  for (const page of [supportedDiagnosticPages, enclosureStatus, elementDescriptor] as const) {
    try {
      page.decode(fromHex('0500000000000000'));
      assert.unreachable();
    } catch (error) {
      assert.ok(throwsWith('wrong-page')(error), page.name);
      assert.is((error as DecodeError).context.pageCode, 5);
    }
  }
});

pages('takes no byte from behind the page length', () => {
  assert.equal(supportedDiagnosticPages.decode(fromHex('00 00 0001 00 0e 0e 0e')), [0]);
  assert.is(enclosureStatus.decode(fromHex(`${STATUS} 01000000`)).elements.length, 2);
  assert.is(elementDescriptor.decode(fromHex(`${DESCRIPTORS} 00000000`)).texts.length, 3);
});

pages('what was encoded is decoded to the same', () => {
  const element = record<ElementStatus>({
    code: fc.nat({ max: 15 }),
    predictedFailure: fc.boolean(),
    disabled: fc.boolean(),
    swapped: fc.boolean(),
    specific: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  });
  roundTrip(
    enclosureStatus,
    record<EnclosureStatus>({
      invalidOperation: fc.boolean(),
      information: fc.boolean(),
      nonCritical: fc.boolean(),
      critical: fc.boolean(),
      unrecoverable: fc.boolean(),
      generationCode: doubleWord,
      elements: fc.array(element),
    }),
  );
  roundTrip(
    elementDescriptor,
    record<ElementDescriptors>({ generationCode: doubleWord, texts: fc.array(asciiText(40)) }),
  );
});

pages('refuses to encode what does not fit', () => {
  const status = enclosureStatus.decode(fromHex(STATUS));
  const element = status.elements[0]!;
  assert.throws(
    () => enclosureStatus.encode({ ...status, elements: [{ ...element, code: 16 }] }),
    isEncodeError,
  );
  assert.throws(
    () => enclosureStatus.encode({ ...status, elements: [{ ...element, specific: new Uint8Array(4) }] }),
    isEncodeError,
  );
  assert.throws(() => elementDescriptor.encode({ generationCode: -1, texts: [] }), isEncodeError);
  assert.throws(() => elementDescriptor.encode({ generationCode: 1, texts: ['Łódź'] }), isEncodeError);
  assert.throws(
    () => elementDescriptor.encode({ generationCode: 1, texts: ['x'.repeat(40_000), 'x'.repeat(40_000)] }),
    isEncodeError,
  );
});

pages('no bytes make a decoder throw anything but a decode error', () => {
  onlyDecodeErrors(decodeReceiveDiagnosticResultsCdb, ['1c']);
  onlyDecodeErrors(decodeSendDiagnosticCdb, ['1d']);
  onlyDecodeErrors(supportedDiagnosticPages.decode.bind(supportedDiagnosticPages), ['00000010']);
  onlyDecodeErrors(enclosureStatus.decode.bind(enclosureStatus), ['02000010', STATUS]);
  onlyDecodeErrors(elementDescriptor.decode.bind(elementDescriptor), ['07000020', DESCRIPTORS]);
});

pages.run();
