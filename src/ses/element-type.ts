import { hex } from '../base/bytes.ts';

/** ELEMENT TYPE of SES, as far as the code asks for one by name. */
export const ElementType = {
  deviceSlot: 0x01,
  enclosureServicesControllerElectronics: 0x07,
  scsiTargetPort: 0x14,
  scsiInitiatorPort: 0x15,
  arrayDeviceSlot: 0x17,
  sasExpander: 0x18,
} as const;

const ELEMENT_TYPE_NAMES: Readonly<Record<number, string>> = {
  0x00: 'unspecified',
  0x01: 'device slot',
  0x02: 'power supply',
  0x03: 'cooling',
  0x04: 'temperature sensor',
  0x05: 'door',
  0x06: 'audible alarm',
  0x07: 'enclosure services controller electronics',
  0x08: 'SCC controller electronics',
  0x09: 'nonvolatile cache',
  0x0a: 'invalid operation reason',
  0x0b: 'uninterruptible power supply',
  0x0c: 'display',
  0x0d: 'key pad entry',
  0x0e: 'enclosure',
  0x0f: 'SCSI port or transceiver',
  0x10: 'language',
  0x11: 'communication port',
  0x12: 'voltage sensor',
  0x13: 'current sensor',
  0x14: 'SCSI target port',
  0x15: 'SCSI initiator port',
  0x16: 'simple subenclosure',
  0x17: 'array device slot',
  0x18: 'SAS expander',
  0x19: 'SAS connector',
};

/** `SAS expander`. A type that we do not know keeps its number. Never throws. */
export function elementTypeName(elementType: number): string {
  const kind = elementType >= 0x80 ? 'vendor specific' : 'unknown';
  return ELEMENT_TYPE_NAMES[elementType] ?? `${kind} element type ${hex(elementType)}`;
}
