import { fromHex } from '../../base/bytes.ts';
import { OperationCode } from '../../scsi/command.ts';
import { decodeInquiryCdb, encodeStandardInquiry } from '../../scsi/inquiry.ts';
import type { Designator } from '../../scsi/vpd-device-identification.ts';
import { deviceIdentification } from '../../scsi/vpd-device-identification.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import { supportedVpdPages } from '../../scsi/vpd-supported-pages.ts';
import { unitSerialNumber } from '../../scsi/vpd-unit-serial-number.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { Behavior, SimulatedDevice } from '../simulated-device.ts';

/** Obsolete CMDDT bit and the reserved ones beside EVPD. */
const RESERVED = 0xfe;
const REMOVABLE_TYPES: readonly number[] = [0x01];

/** INQUIRY, standard and vital product data. Answered whatever else is going on; clears no unit attention. */
export const answerInquiry: Behavior = (command, device, nexus) => {
  if (command.cdb[0] !== OperationCode.inquiry) return undefined;
  const { vitalProductData, pageCode, allocationBytes } = decodeInquiryCdb(command.cdb);
  if ((command.cdb[1]! & RESERVED) !== 0) return device.refuse(invalidFieldInCdb(1));
  if (!vitalProductData) {
    if (pageCode !== 0) return device.refuse(invalidFieldInCdb(2));
    return good(command, standardData(device), allocationBytes);
  }
  const page = vpdPages(device, nexus).get(pageCode);
  if (page === undefined) return device.refuse(invalidFieldInCdb(2));
  return good(command, page(), allocationBytes);
};

function standardData({ persona, identity, shownRevision, ports }: SimulatedDevice): Uint8Array {
  return encodeStandardInquiry({
    peripheralQualifier: 0,
    deviceType: persona.deviceType,
    removable: REMOVABLE_TYPES.includes(persona.deviceType),
    version: persona.version,
    responseDataFormat: 2,
    storageArrayController: false,
    targetPortGroupSupport: 0,
    protect: false,
    encServ: false,
    multiPort: ports.size > 1,
    commandQueue: true,
    vendor: identity.vendor,
    product: identity.product,
    revision: shownRevision,
    vendorSpecific: '',
  });
}

/** Page code → its bytes, for the pages that this device has. */
function vpdPages(device: SimulatedDevice, nexus: string): ReadonlyMap<number, () => Uint8Array> {
  const { persona, identity } = device;
  const peripheral = persona.deviceType;
  const pages = new Map<number, () => Uint8Array>();
  pages.set(supportedVpdPages.pageCode, () => supportedVpdPages.encode([...pages.keys()], peripheral));
  pages.set(unitSerialNumber.pageCode, () => unitSerialNumber.encode(identity.serial, peripheral));
  pages.set(deviceIdentification.pageCode, () =>
    deviceIdentification.encode({ designators: designators(device, nexus) }, peripheral),
  );
  const { activateMicrocode } = persona;
  if (activateMicrocode !== null) {
    pages.set(extendedInquiry.pageCode, () => extendedData(device, activateMicrocode));
  }
  return pages;
}

/** The logical unit by its NAA, then the port that was asked, and the target device where it has several units. */
function designators({ identity, ports, targetName }: SimulatedDevice, nexus: string): Designator[] {
  const naa = { codeSet: 1, type: 3, protocol: null, bytes: fromHex(identity.naa) };
  return [
    { ...naa, association: 0 },
    { ...naa, association: 1, protocol: 6, bytes: fromHex(ports.get(nexus) ?? identity.naa) },
    ...(targetName === null
      ? []
      : [{ ...naa, association: 2, protocol: 6, bytes: fromHex(targetName) } as const]),
  ];
}

function extendedData({ persona }: SimulatedDevice, activateMicrocode: 0 | 1 | 2): Uint8Array {
  const { modes, events } = persona.download;
  return extendedInquiry.encode(
    {
      activateMicrocode,
      multiNexusDownload: 0,
      extendedSelfTestMinutes: 0,
      powerOnActivation: (events & 4) !== 0,
      hardResetActivation: (events & 2) !== 0,
      vendorEventActivation: (events & 1) !== 0,
      downloadModes: new Set(modes),
      maximumSenseBytes: 0,
      unitAttentionSenseKeySpecific: false,
      logicalUnitClear: false,
      maximumInquiryChangeLogs: 0,
      maximumModePageChangeLogs: 0,
    },
    persona.deviceType,
  );
}
