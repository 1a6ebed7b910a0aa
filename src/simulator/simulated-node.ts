import { asciiField } from '../base/bytes.ts';
import { TransportError } from '../base/errors.ts';
import type { AttachedDevice, Surroundings } from '../host/host.ts';
import type { SimulatedDevice } from './simulated-device.ts';

/** One path: a place in the host where a device hangs. Several may lead to one device. */
export interface Attachment {
  readonly device: SimulatedDevice;
  /** host:channel:target:lun; also the name of the nexus. */
  readonly hctl: string;
  /** `/dev/sgN` at the start. */
  readonly node: string;
  /** 16 hex digits, where the port has another address than the unit. */
  readonly portAddress?: string;
  /** Driver of the adapter; absent: mpt3sas. */
  readonly driver?: string;
  /** What the host knows of expanders above it and of its users; absent: nothing. */
  readonly around?: Surroundings;
}

/** What the kernel keeps of a path. */
export interface SimulatedNode {
  readonly attachment: Attachment;
  node: string;
  /** Of the device, when it was found. */
  incarnation: number;
  /** Counts how often this place was scanned: a descriptor of an earlier scan is dead. */
  scan: number;
  /** As scanned, and as stale as in sysfs. */
  scanned: Pick<AttachedDevice, 'vendor' | 'product' | 'revision' | 'wwid'>;
  readonly openNodes: string[];
}

const ENODEV = 19;
const HBA_DRIVER = 'mpt3sas';
/** What such an adapter says (max_sectors 1024, sg_tablesize 128). */
const LIMITS = { maximumTransferBytes: 0x80000, scatterGatherEntries: 128 } as const;

/** What a scan reads of a device. */
export function scan({ identity, shownRevision }: SimulatedDevice): SimulatedNode['scanned'] {
  const { vendor, product, naa } = identity;
  const read = (text: string): string => asciiField(Buffer.from(text, 'latin1'));
  return {
    vendor: read(vendor),
    product: read(product),
    revision: read(shownRevision),
    wwid: `naa.${naa}`,
  };
}

/** As the host lists it. */
export function attached({ attachment, node, scanned }: SimulatedNode): AttachedDevice {
  const { device, hctl } = attachment;
  return {
    hctl,
    deviceType: device.persona.deviceType,
    ...scanned,
    sasAddress: `0x${device.ports.get(hctl) ?? device.identity.naa}`,
    hbaDriver: driverOf(attachment),
    sgNode: node,
    blockNode: null, // a name like sdb would be looked for on the real machine
    state: 'running',
    limits: LIMITS,
  };
}

export const driverOf = ({ driver = HBA_DRIVER }: Attachment): string => driver;

/** sg gives out the lowest number that is not taken. */
export function lowestFree(taken: ReadonlySet<string>): string {
  let number = 0;
  while (taken.has(`/dev/sg${number}`)) number++;
  return `/dev/sg${number}`;
}

/** The error for a node that nothing has now. */
export function notThere({ sgNode, hctl }: AttachedDevice): TransportError {
  return new TransportError(
    'open-failed',
    `${sgNode ?? hctl}: no such device in the lab; list the devices again, the node may have changed`,
    { node: sgNode, hctl, errno: ENODEV },
  );
}
