import { concatBytes, fromHex, requireRange, toHex } from '../base/bytes.ts';
import { DecodeError, EncodeError } from '../base/errors.ts';
import type { AdditionalStatusDescriptor } from './additional-element-status.ts';
import { ElementType } from './element-type.ts';

/** What page 0Ah says of a SAS element. Addresses are `0x` and 16 lower-case hex digits, as sysfs writes them. */
export type SasElementStatus = SasSlot | SasExpander | SasPort;

/** A device slot, or array device slot, and the phys of the device in it. */
export interface SasSlot {
  readonly kind: 'slot';
  /** DEVICE SLOT NUMBER; null where the descriptor has no element index, and so no slot number. */
  readonly slot: number | null;
  readonly notAllPhys: boolean;
  readonly phys: readonly SasSlotPhy[];
}

export interface SasSlotPhy {
  /** 0 nothing attached, 1 end device, 2 expander, 3 fanout expander. */
  readonly deviceType: number;
  /** Bits of the initiator protocols: SSP 8, STP 4, SMP 2. */
  readonly initiatorProtocols: number;
  /** Bits of the target protocols: port selector 80h, SSP 8, STP 4, SMP 2, SATA device 1. */
  readonly targetProtocols: number;
  /** The port that the device hangs on: that of the expander. */
  readonly attachedSasAddress: string;
  readonly sasAddress: string;
  readonly phyId: number;
}

export interface SasExpander {
  readonly kind: 'expander';
  readonly sasAddress: string;
  readonly phys: readonly ElementLinks[];
}

/** A SCSI target or initiator port, or the controller electronics. */
export interface SasPort {
  readonly kind: 'port';
  readonly phys: readonly (ElementLinks & { readonly phyId: number; readonly sasAddress: string })[];
}

export interface ElementLinks {
  /** ELEMENT INDEX of the connector; null: none. */
  readonly connectorElement: number | null;
  readonly otherElement: number | null;
}

export const SAS_PROTOCOL = 6;
const SLOT_PHY_BYTES = 28;
const EXPANDER_PHY_BYTES = 2;
const PORT_PHY_BYTES = 12;
const NO_ELEMENT = 0xff;
const PORT_TYPES: readonly number[] = [
  ElementType.scsiTargetPort,
  ElementType.scsiInitiatorPort,
  ElementType.enclosureServicesControllerElectronics,
];

/**
 * The SAS part of one descriptor. null: it is invalid, of another protocol, or of a kind that we do not know.
 * `elementType` decides between the two forms of DESCRIPTOR TYPE 01b. Throws DecodeError `bad-field` when the phys
 * do not fit into it.
 */
export function decodeSasElementStatus(
  descriptor: AdditionalStatusDescriptor,
  elementType: number,
): SasElementStatus | null {
  const { information, protocol, invalid, element } = descriptor;
  if (invalid || protocol !== SAS_PROTOCOL) return null;
  requireBytes(information, 2);
  const phyCount = information[0]!;
  const descriptorType = information[1]! >> 6;
  if (descriptorType === 0) {
    const physAt = element === null ? 2 : 4;
    requireBytes(information, physAt);
    return {
      kind: 'slot',
      slot: element === null ? null : information[3]!,
      notAllPhys: (information[1]! & 0x01) !== 0,
      phys: cut(information, physAt, phyCount, SLOT_PHY_BYTES).map(decodeSlotPhy),
    };
  }
  if (descriptorType === 1 && elementType === ElementType.sasExpander) {
    requireBytes(information, 12);
    return {
      kind: 'expander',
      sasAddress: sasAddress(information.subarray(4, 12)),
      phys: cut(information, 12, phyCount, EXPANDER_PHY_BYTES).map((phy) => decodeLinks(phy)),
    };
  }
  if (descriptorType === 1 && PORT_TYPES.includes(elementType)) {
    return {
      kind: 'port',
      phys: cut(information, 4, phyCount, PORT_PHY_BYTES).map((phy) => ({
        phyId: phy[0]!,
        sasAddress: sasAddress(phy.subarray(4, 12)),
        ...decodeLinks(phy.subarray(2)),
      })),
    };
  }
  return null;
}

/** The protocol specific information of a descriptor; `hasIndex`: the descriptor names its element (EIP 1). Throws EncodeError. */
export function encodeSasElementStatus(status: SasElementStatus, hasIndex: boolean): Uint8Array {
  requireRange('NUMBER OF PHY DESCRIPTORS', status.phys.length, 0xff);
  const count = status.phys.length;
  switch (status.kind) {
    case 'slot': {
      if (hasIndex !== (status.slot !== null)) {
        throw new EncodeError(
          'out-of-range',
          'a slot number needs an element index, and an element index needs a slot number',
        );
      }
      requireRange('DEVICE SLOT NUMBER', status.slot ?? 0, 0xff);
      const slot = status.slot === null ? [] : [0, status.slot];
      return concatBytes(
        new Uint8Array([count, status.notAllPhys ? 1 : 0, ...slot]),
        ...status.phys.map(encodeSlotPhy),
      );
    }
    case 'expander':
      return concatBytes(
        new Uint8Array([count, 0x40, 0, 0]),
        sasAddressBytes(status.sasAddress),
        ...status.phys.map(encodeLinks),
      );
    case 'port':
      return concatBytes(
        new Uint8Array([count, 0x40, 0, 0]),
        ...status.phys.map((phy) => {
          requireRange('PHY IDENTIFIER', phy.phyId, 0xff);
          return concatBytes(
            new Uint8Array([phy.phyId, 0]),
            encodeLinks(phy),
            sasAddressBytes(phy.sasAddress),
          );
        }),
      );
  }
}

function requireBytes(information: Uint8Array, neededBytes: number): void {
  if (information.length < neededBytes) {
    throw new DecodeError(
      'bad-field',
      `SAS information of an additional element status descriptor: ${information.length} bytes, ${neededBytes} are needed`,
    );
  }
}

function cut(information: Uint8Array, at: number, count: number, bytes: number): Uint8Array[] {
  requireBytes(information, at + count * bytes);
  return Array.from({ length: count }, (_, i) => information.subarray(at + i * bytes, at + (i + 1) * bytes));
}

function decodeSlotPhy(phy: Uint8Array): SasSlotPhy {
  return {
    deviceType: (phy[0]! >> 4) & 0x07,
    initiatorProtocols: phy[2]! & 0x0e,
    targetProtocols: phy[3]! & 0x8f,
    attachedSasAddress: sasAddress(phy.subarray(4, 12)),
    sasAddress: sasAddress(phy.subarray(12, 20)),
    phyId: phy[20]!,
  };
}

function encodeSlotPhy(phy: SasSlotPhy): Uint8Array {
  requireRange('DEVICE TYPE', phy.deviceType, 7);
  requireRange('PHY IDENTIFIER', phy.phyId, 0xff);
  const bytes = new Uint8Array(SLOT_PHY_BYTES);
  bytes.set([phy.deviceType << 4, 0, phy.initiatorProtocols & 0x0e, phy.targetProtocols & 0x8f]);
  bytes.set(sasAddressBytes(phy.attachedSasAddress), 4);
  bytes.set(sasAddressBytes(phy.sasAddress), 12);
  bytes[20] = phy.phyId;
  return bytes;
}

function decodeLinks(bytes: Uint8Array): ElementLinks {
  const index = (byte: number): number | null => (byte === NO_ELEMENT ? null : byte);
  return { connectorElement: index(bytes[0]!), otherElement: index(bytes[1]!) };
}

function encodeLinks(links: ElementLinks): Uint8Array {
  requireRange('CONNECTOR ELEMENT INDEX', links.connectorElement ?? 0, 0xfe);
  requireRange('OTHER ELEMENT INDEX', links.otherElement ?? 0, 0xfe);
  return new Uint8Array([links.connectorElement ?? NO_ELEMENT, links.otherElement ?? NO_ELEMENT]);
}

const sasAddress = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;

function sasAddressBytes(address: string): Uint8Array {
  if (!/^0x[0-9a-f]{16}$/i.test(address)) {
    throw new EncodeError('out-of-range', `SAS ADDRESS is "${address}"; it must be 0x and 16 hex digits`);
  }
  return fromHex(address.slice(2));
}
