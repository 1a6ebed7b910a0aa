/** PERIPHERAL DEVICE TYPE of INQUIRY (SPC) by the words of playbooks and lsscsi. */
export const DeviceType = {
  disk: 0x00,
  tape: 0x01,
  processor: 0x03,
  'cd/dvd': 0x05,
  optical: 0x07,
  changer: 0x08,
  'array-controller': 0x0c,
  enclosure: 0x0d,
  'simplified-disk': 0x0e,
  'host-managed-zoned': 0x14,
} as const;

const NAMES = new Map<number, string>(Object.entries(DeviceType).map(([name, type]) => [type, name]));

/** The word for a peripheral device type, as `match.type` has it where it has one; `type-9` otherwise. */
export function deviceTypeName(deviceType: number): string {
  return NAMES.get(deviceType) ?? `type-${deviceType}`;
}
