/** ELEMENT TYPE of SES, as far as the code asks for one by name. */
export const ElementType = {
  deviceSlot: 0x01,
  powerSupply: 0x02,
  cooling: 0x03,
  temperatureSensor: 0x04,
  enclosureServicesControllerElectronics: 0x07,
  scsiTargetPort: 0x14,
  scsiInitiatorPort: 0x15,
  arrayDeviceSlot: 0x17,
  sasExpander: 0x18,
} as const;

/** For a person, by ELEMENT TYPE (SES-4, element types). */
const NAMES: Readonly<Record<number, string>> = {
  0x01: 'slot',
  0x02: 'power supply',
  0x03: 'fan',
  0x04: 'temperature sensor',
  0x05: 'door',
  0x06: 'alarm',
  0x07: 'enclosure services electronics',
  0x08: 'SCC controller electronics',
  0x09: 'nonvolatile cache',
  0x0b: 'uninterruptible power supply',
  0x0c: 'display',
  0x0d: 'key pad',
  0x0e: 'enclosure',
  0x0f: 'SCSI port',
  0x10: 'language',
  0x11: 'communication port',
  0x12: 'voltage sensor',
  0x13: 'current sensor',
  0x14: 'SCSI target port',
  0x15: 'SCSI initiator port',
  0x16: 'simple subenclosure',
  0x17: 'slot',
  0x18: 'SAS expander',
  0x19: 'SAS connector',
};

export const elementTypeName = (type: number): string =>
  NAMES[type] ?? `element of type ${type.toString(16).toUpperCase().padStart(2, '0')}h`;

/** ELEMENT STATUS CODE of SES; 9 to 15 are reserved. */
export const ElementStatusCode = {
  unsupported: 0,
  ok: 1,
  critical: 2,
  noncritical: 3,
  unrecoverable: 4,
  notInstalled: 5,
  unknown: 6,
  notAvailable: 7,
  noAccessAllowed: 8,
} as const;

const STATUS_NAMES = [
  'unsupported',
  'OK',
  'critical',
  'noncritical',
  'unrecoverable',
  'not installed',
  'unknown',
  'not available',
  'no access allowed',
];

export const elementStatusName = (code: number): string => STATUS_NAMES[code] ?? `reserved (${code})`;
