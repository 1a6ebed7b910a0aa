import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import type { Configuration, EnclosureDescriptor, TypeDescriptor } from '../../../src/ses/configuration.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import { suite } from '../../support/suite.ts';
import { groupByType } from './element-groups.ts';
import { asciiText, byte, doubleWord, onlyDecodeErrors, record } from '../scsi/only-decode-errors.ts';

const suiteConfiguration = suite('ses/configuration');
const throwsWith =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DecodeError && error.code === code;

/** A shelf of two modules: the primary subenclosure with slots and an expander, and one secondary with a fan. */
const SHELF =
  '01 01 006d 00000007' +
  // module 1 of 2, id 0, two types, 36 bytes more
  '12 00 02 24 50014380aabbccdd 41434d4520202020 4a424f442d3132202020202020202020 30303331' +
  // module 1 of 2, id 3, one type, 40 bytes more
  '12 03 01 28 50014380aabbccdd 41434d4520202020 46414e53202020202020202020202020 41303031 01020304' +
  '17 0c 00 05' +
  '18 01 00 00' +
  '03 02 03 04' +
  '536c6f7473' +
  '46616e73';

const shelf: Configuration = {
  generationCode: 7,
  enclosures: [
    {
      subenclosureId: 0,
      relativeProcessId: 1,
      processCount: 2,
      logicalIdentifier: '50014380aabbccdd',
      vendor: 'ACME',
      product: 'JBOD-12',
      revision: '0031',
      vendorSpecific: new Uint8Array(0),
    },
    {
      subenclosureId: 3,
      relativeProcessId: 1,
      processCount: 2,
      logicalIdentifier: '50014380aabbccdd',
      vendor: 'ACME',
      product: 'FANS',
      revision: 'A001',
      vendorSpecific: fromHex('01020304'),
    },
  ],
  types: [
    { elementType: 0x17, possibleElements: 12, subenclosureId: 0, text: 'Slots' },
    { elementType: 0x18, possibleElements: 1, subenclosureId: 0, text: '' },
    { elementType: 0x03, possibleElements: 2, subenclosureId: 3, text: 'Fans' },
  ],
};

suiteConfiguration('reads enclosures, subenclosures and types', () => {
  assert.equal(configuration.decode(fromHex(SHELF)), shelf);
  assert.is(toHex(configuration.encode(shelf)), toHex(fromHex(SHELF)));
});

suiteConfiguration('is asked for by its page code, within the time of a probe', () => {
  const command = receiveDiagnosticResults(configuration);
  assert.is(toHex(command.cdb), '1c0101200000');
  assert.is(command.timeoutMs, 20_000);
  assert.is(toHex(receiveDiagnosticResults(configuration, { allocationBytes: 0xfffc }).cdb), '1c0101fffc00');
  assert.equal(command.decode(fromHex(SHELF)), shelf);
});

suiteConfiguration('a cut answer says how many bytes are needed', () => {
  try {
    configuration.decode(fromHex(SHELF).subarray(0, 50));
    assert.unreachable();
  } catch (error) {
    assert.ok(throwsWith('short-page')(error));
    assert.is((error as DecodeError).context.neededBytes, 0x71);
  }
});

suiteConfiguration('a descriptor that does not fit into the page does not take the whole ones away', () => {
  const changed = (at: number, value: number): Uint8Array => {
    const page = fromHex(SHELF);
    page[at] = value;
    return page;
  };
  const bad = throwsWith('bad-field');
  assert.throws(() => configuration.decode(changed(11, 0x23)), bad, 'enclosure descriptor under 40 bytes');
  assert.throws(() => configuration.decode(changed(11, 0xff)), bad, 'enclosure descriptor over the page');
  assert.throws(() => configuration.decode(changed(0, 2)), throwsWith('wrong-page'));
  const left = (page: Uint8Array): [enclosures: number, types: number, damaged: boolean] => {
    const { enclosures, types, damage } = configuration.decode(page);
    return [enclosures.length, types.length, damage !== undefined];
  };
  const [enclosures, types] = left(fromHex(SHELF));
  assert.equal(left(changed(1, 2)), [enclosures, 0, true], 'one subenclosure more than there is');
  assert.equal(left(changed(10, 200)), [enclosures, 0, true], 'more type headers than there are');
  assert.equal(left(changed(95, 6)), [enclosures, types - 1, true], 'a text over the end');
});

suiteConfiguration('refuses to encode what contradicts itself or does not fit', () => {
  const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;
  const [primary, secondary] = [shelf.enclosures[0]!, shelf.enclosures[1]!];
  const wrong: Configuration[] = [
    { ...shelf, enclosures: [] },
    { ...shelf, enclosures: [primary] },
    { ...shelf, enclosures: [primary, secondary, primary] },
    { ...shelf, enclosures: [{ ...primary, relativeProcessId: 8 }, secondary] },
    { ...shelf, enclosures: [{ ...primary, logicalIdentifier: '5001' }, secondary] },
    { ...shelf, enclosures: [{ ...primary, revision: '00310' }, secondary] },
    { ...shelf, enclosures: [{ ...primary, vendorSpecific: new Uint8Array(220) }, secondary] },
    { ...shelf, types: [{ ...shelf.types[0]!, possibleElements: 256 }] },
  ];
  for (const value of wrong) assert.throws(() => configuration.encode(value), isEncodeError);
});

suiteConfiguration('what was encoded is decoded to the same', () => {
  const enclosure = (subenclosureId: number): fc.Arbitrary<EnclosureDescriptor> =>
    record<EnclosureDescriptor>({
      subenclosureId: fc.constant(subenclosureId),
      relativeProcessId: fc.nat({ max: 7 }),
      processCount: fc.nat({ max: 7 }),
      logicalIdentifier: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(toHex),
      vendor: asciiText(8),
      product: asciiText(16),
      revision: asciiText(4),
      vendorSpecific: fc.uint8Array({ maxLength: 20 }),
    });
  const type = (subenclosureId: number): fc.Arbitrary<TypeDescriptor> =>
    record<TypeDescriptor>({
      elementType: byte,
      possibleElements: byte,
      subenclosureId: fc.constant(subenclosureId),
      text: asciiText(30),
    });
  const value = fc.uniqueArray(byte, { minLength: 1, maxLength: 4 }).chain((ids) =>
    record<Configuration>({
      generationCode: doubleWord,
      enclosures: fc.tuple(...ids.map(enclosure)),
      types: fc.tuple(...ids.map((id) => fc.array(type(id), { maxLength: 3 }))).map((lists) => lists.flat()),
    }),
  );
  fc.assert(
    fc.property(value, (fields) => {
      assert.equal(configuration.decode(configuration.encode(fields)), fields);
    }),
  );
});

suiteConfiguration('no bytes make the decoder throw anything but a decode error', () => {
  onlyDecodeErrors(configuration.decode.bind(configuration), ['01000030', '0101006d', SHELF], 800);
});

suiteConfiguration('shares the items of a status page out to the types', () => {
  const items = [
    'slots',
    ...Array.from({ length: 12 }, (_, i) => `slot ${i}`),
    'expanders',
    'expander',
    'fans',
    'a',
    'b',
  ];
  const groups = groupByType('page', items, shelf.types);
  assert.equal(
    groups.map(({ type, overall, elements }) => [type.elementType, overall, elements.length]),
    [
      [0x17, 'slots', 12],
      [0x18, 'expanders', 1],
      [0x03, 'fans', 2],
    ],
  );
  assert.equal(groups[2]?.elements, ['a', 'b']);
  assert.throws(() => groupByType('page', items.slice(1), shelf.types), throwsWith('bad-field'));
  assert.throws(() => groupByType('page', [...items, 'more'], shelf.types), throwsWith('bad-field'));
});

suiteConfiguration.run();
