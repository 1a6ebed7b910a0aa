import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { DecodeError, EncodeError } from '../../../src/base/errors.ts';
import { additionalElementStatus } from '../../../src/ses/additional-element-status.ts';
import type {
  AdditionalElementStatus,
  AdditionalStatusDescriptor,
} from '../../../src/ses/additional-element-status.ts';
import { ElementType } from '../../../src/ses/element-type.ts';
import { decodeSasElementStatus, encodeSasElementStatus } from '../../../src/ses/sas-element-status.ts';
import type { SasElementStatus, SasSlotPhy } from '../../../src/ses/sas-element-status.ts';
import { suite } from '../../support/suite.ts';
import { byte, doubleWord, onlyDecodeErrors, record } from '../scsi/only-decode-errors.ts';

const additional = suite('ses/additional-element-status');
const throwsWith =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DecodeError && error.code === code;
const isEncodeError = (error: unknown): boolean => error instanceof EncodeError;

const SLOT_PHY = '10 00 08 09 50014380aabbccff 5000c50012345679 01 00000000000000';
/** A disk in slot 5, an empty slot, an expander of two phys. */
const PAGE =
  '0a 00 0040 00000007' +
  `16 22 01 02 01 00 00 05 ${SLOT_PHY}` +
  '96 02 01 03' +
  '16 12 01 0d 02 40 0000 50014380aabbccff 03ff ff04';

additional('reads slots, empty slots and expanders', () => {
  const found = additionalElementStatus.decode(fromHex(PAGE));
  assert.is(found.generationCode, 7);
  assert.equal(
    found.descriptors.map(({ invalid, protocol, element }) => [invalid, protocol, element]),
    [
      [false, 6, { index: 2, includesOverall: 1 }],
      [true, 6, { index: 3, includesOverall: 1 }],
      [false, 6, { index: 13, includesOverall: 1 }],
    ],
  );
  assert.equal(decodeSasElementStatus(found.descriptors[0]!, ElementType.arrayDeviceSlot), {
    kind: 'slot',
    slot: 5,
    notAllPhys: false,
    phys: [
      {
        deviceType: 1,
        initiatorProtocols: 8,
        targetProtocols: 9,
        attachedSasAddress: '0x50014380aabbccff',
        sasAddress: '0x5000c50012345679',
        phyId: 1,
      },
    ],
  });
  assert.is(decodeSasElementStatus(found.descriptors[1]!, ElementType.arrayDeviceSlot), null);
  assert.equal(decodeSasElementStatus(found.descriptors[2]!, ElementType.sasExpander), {
    kind: 'expander',
    sasAddress: '0x50014380aabbccff',
    phys: [
      { connectorElement: 3, otherElement: null },
      { connectorElement: null, otherElement: 4 },
    ],
  });
  assert.is(toHex(additionalElementStatus.encode(found)), toHex(fromHex(PAGE)));
});

additional('reads a slot without an element index, which has no slot number either', () => {
  const page = fromHex(`0a 00 0024 00000007 06 1e 01 01 ${SLOT_PHY}`);
  const [descriptor] = additionalElementStatus.decode(page).descriptors;
  assert.is(descriptor?.element, null);
  const slot = decodeSasElementStatus(descriptor!, ElementType.deviceSlot);
  assert.is(slot?.kind, 'slot');
  assert.is(slot?.kind === 'slot' && slot.slot, null);
  assert.is(slot?.kind === 'slot' && slot.notAllPhys, true);
  assert.is(slot?.kind === 'slot' && slot.phys[0]?.sasAddress, '0x5000c50012345679');
});

additional('reads the phys of ports and controller electronics', () => {
  const descriptor: AdditionalStatusDescriptor = {
    invalid: false,
    protocol: 6,
    element: { index: 1, includesOverall: 0 },
    information: fromHex('01 40 0000 07 00 02 ff 50014380aabbccfe'),
  };
  for (const type of [
    ElementType.scsiTargetPort,
    ElementType.scsiInitiatorPort,
    ElementType.enclosureServicesControllerElectronics,
  ]) {
    assert.equal(decodeSasElementStatus(descriptor, type), {
      kind: 'port',
      phys: [{ phyId: 7, sasAddress: '0x50014380aabbccfe', connectorElement: 2, otherElement: null }],
    });
  }
});

additional('says nothing of what it does not know: another protocol, descriptor type or element type', () => {
  const sas: AdditionalStatusDescriptor = {
    invalid: false,
    protocol: 6,
    element: { index: 0, includesOverall: 0 },
    information: fromHex('00 40 0000'),
  };
  assert.is(decodeSasElementStatus({ ...sas, protocol: 0 }, ElementType.sasExpander), null);
  assert.is(
    decodeSasElementStatus({ ...sas, information: fromHex('00 80 0000') }, ElementType.sasExpander),
    null,
  );
  assert.is(decodeSasElementStatus(sas, 0x02), null);
});

additional('descriptors and phys that do not fit are bad fields', () => {
  const bad = throwsWith('bad-field');
  assert.throws(() => additionalElementStatus.decode(fromHex('0a 00 0006 00000007 16 22')), bad);
  assert.throws(() => additionalElementStatus.decode(fromHex('0a 00 0005 00000007 16')), bad);
  assert.throws(() => additionalElementStatus.decode(fromHex('0a 00 0007 00000007 16 01 00')), bad);
  const of = (information: string): AdditionalStatusDescriptor => ({
    invalid: false,
    protocol: 6,
    element: { index: 0, includesOverall: 0 },
    information: fromHex(information),
  });
  assert.throws(() => decodeSasElementStatus(of('01'), ElementType.deviceSlot), bad);
  assert.throws(() => decodeSasElementStatus(of(`02 00 00 05 ${SLOT_PHY}`), ElementType.deviceSlot), bad);
  assert.throws(() => decodeSasElementStatus(of('01 40 0000 5001'), ElementType.sasExpander), bad);
  assert.throws(() => decodeSasElementStatus(of('01 40 0000 5001'), ElementType.scsiTargetPort), bad);
});

const address = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => `0x${toHex(bytes)}`);
const index = fc.option(fc.nat({ max: 0xfe }));
const slotPhy = record<SasSlotPhy>({
  deviceType: fc.nat({ max: 7 }),
  initiatorProtocols: byte.map((bits) => bits & 0x0e),
  targetProtocols: byte.map((bits) => bits & 0x8f),
  attachedSasAddress: address,
  sasAddress: address,
  phyId: byte,
});
const phys = <Phy>(phy: fc.Arbitrary<Phy>): fc.Arbitrary<Phy[]> => fc.array(phy, { maxLength: 8 });
const sasStatus: fc.Arbitrary<[status: SasElementStatus, elementType: number, hasIndex: boolean]> = fc.oneof(
  record<Extract<SasElementStatus, { kind: 'slot' }>>({
    kind: fc.constant('slot'),
    slot: fc.option(byte),
    notAllPhys: fc.boolean(),
    phys: phys(slotPhy),
  }).map((status): [SasElementStatus, number, boolean] => [
    status,
    ElementType.arrayDeviceSlot,
    status.slot !== null,
  ]),
  fc.tuple(
    record<Extract<SasElementStatus, { kind: 'expander' }>>({
      kind: fc.constant('expander'),
      sasAddress: address,
      phys: phys(record({ connectorElement: index, otherElement: index })),
    }),
    fc.constant(ElementType.sasExpander),
    fc.boolean(),
  ),
  fc.tuple(
    record<Extract<SasElementStatus, { kind: 'port' }>>({
      kind: fc.constant('port'),
      phys: phys(record({ phyId: byte, sasAddress: address, connectorElement: index, otherElement: index })),
    }),
    fc.constantFrom(ElementType.scsiTargetPort, ElementType.enclosureServicesControllerElectronics),
    fc.boolean(),
  ),
);

additional('what was encoded is decoded to the same', () => {
  fc.assert(
    fc.property(sasStatus, byte, doubleWord, ([status, elementType, hasIndex], at, generationCode) => {
      const descriptor: AdditionalStatusDescriptor = {
        invalid: false,
        protocol: 6,
        element: hasIndex ? { index: at, includesOverall: at & 3 } : null,
        information: encodeSasElementStatus(status, hasIndex),
      };
      const page: AdditionalElementStatus = { generationCode, descriptors: [descriptor, descriptor] };
      const found = additionalElementStatus.decode(additionalElementStatus.encode(page));
      assert.equal(found, page);
      assert.equal(decodeSasElementStatus(found.descriptors[1]!, elementType), status);
    }),
  );
});

additional('refuses to encode what does not fit', () => {
  const descriptor = additionalElementStatus.decode(fromHex(PAGE)).descriptors[0]!;
  const page = (changed: Partial<AdditionalStatusDescriptor>): AdditionalElementStatus => ({
    generationCode: 7,
    descriptors: [{ ...descriptor, ...changed }],
  });
  assert.throws(() => additionalElementStatus.encode(page({ protocol: 16 })), isEncodeError);
  assert.throws(
    () => additionalElementStatus.encode(page({ information: new Uint8Array(254) })),
    isEncodeError,
  );
  assert.throws(
    () => additionalElementStatus.encode(page({ element: { index: 256, includesOverall: 0 } })),
    isEncodeError,
  );
  const slot: SasElementStatus = { kind: 'slot', slot: 5, notAllPhys: false, phys: [] };
  assert.throws(() => encodeSasElementStatus(slot, false), isEncodeError);
  assert.throws(() => encodeSasElementStatus({ ...slot, slot: null }, true), isEncodeError);
  assert.throws(
    () => encodeSasElementStatus({ kind: 'expander', sasAddress: '50014380', phys: [] }, true),
    isEncodeError,
  );
});

additional('no bytes make a decoder throw anything but a decode error', () => {
  onlyDecodeErrors(
    (bytes) => {
      const { descriptors } = additionalElementStatus.decode(bytes);
      for (const descriptor of descriptors) {
        for (const type of Object.values(ElementType)) decodeSasElementStatus(descriptor, type);
      }
    },
    ['0a000040', PAGE, '0a00000a00000007160600000140'],
    800,
  );
  onlyDecodeErrors(
    (information) => {
      const descriptor = {
        invalid: false,
        protocol: 6,
        element: { index: 0, includesOverall: 0 },
        information,
      };
      for (const type of Object.values(ElementType)) decodeSasElementStatus(descriptor, type);
    },
    ['0100', '01400000', '02800000'],
  );
});

additional.run();
