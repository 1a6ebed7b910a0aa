import { asciiField, requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { encodeCheckedText } from './ascii.ts';
import { requireCdb } from './cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';

/** Standard INQUIRY data (SPC). INQUIRY is answered even while a unit attention is pending, and does not clear it. */
export interface StandardInquiry {
  /** 0: a device is connected. */
  readonly peripheralQualifier: number;
  /** PERIPHERAL DEVICE TYPE: 0 disk, 1 tape, 0Dh enclosure, … */
  readonly deviceType: number;
  readonly removable: boolean;
  /** 05h SPC-3, 06h SPC-4, 07h SPC-5. */
  readonly version: number;
  readonly responseDataFormat: number;
  readonly storageArrayController: boolean;
  /** TPGS: 0 none, 1 implicit, 2 explicit, 3 both kinds of asymmetric access. */
  readonly targetPortGroupSupport: number;
  readonly protect: boolean;
  /** ENCSERV: an enclosure service is attached to this device that is none itself. */
  readonly encServ: boolean;
  readonly multiPort: boolean;
  readonly commandQueue: boolean;
  /** T10 VENDOR IDENTIFICATION, without the padding. */
  readonly vendor: string;
  readonly product: string;
  /** PRODUCT REVISION LEVEL, four characters: the firmware version. */
  readonly revision: string;
  /** Bytes 36 to 55, often a serial number or a long version; empty when not asked for. */
  readonly vendorSpecific: string;
}

const PAGE = 'standard INQUIRY data';
/** Up to and with ADDITIONAL LENGTH, which counts what follows. */
const HEADER_BYTES = 5;
const STANDARD_BYTES = 36;
const WITH_VENDOR_BYTES = 56;

/** Standard INQUIRY. 36 bytes first: other lengths upset some old devices. */
export const standardInquiry = (allocationBytes = STANDARD_BYTES): ScsiCommand<StandardInquiry> =>
  inquiry(allocationBytes, decodeStandardInquiry);

/** ADDITIONAL LENGTH is one byte behind a header of 5, and SPC-2 lets one ask for at most 255. */
export const WHOLE_INQUIRY_BYTES = 255;

/** The same as bytes: for whoever compares them and knows what they mean. */
export const rawInquiry = (allocationBytes: number): ScsiCommand<Uint8Array> =>
  inquiry(allocationBytes, (bytes) => bytes.slice());

function inquiry<Data>(allocationBytes: number, decode: (bytes: Uint8Array) => Data): ScsiCommand<Data> {
  return {
    name: 'INQUIRY',
    cdb: encodeInquiryCdb({ vitalProductData: false, pageCode: 0, allocationBytes }),
    dataInBytes: allocationBytes,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode,
  };
}

/**
 * The 36 bytes that arrived count, whatever ADDITIONAL LENGTH says, as the kernel does it. Throws DecodeError `short-page` when fewer
 * arrived: a revision that was cut is not a blank one.
 */
export function decodeStandardInquiry(bytes: Uint8Array): StandardInquiry {
  requireLength(PAGE, bytes, STANDARD_BYTES);
  const data = new Uint8Array(WITH_VENDOR_BYTES);
  // Behind the 36 bytes that every device has, ADDITIONAL LENGTH says what is the device's word.
  const said = Math.max(STANDARD_BYTES, HEADER_BYTES + bytes[4]!);
  data.set(bytes.subarray(0, Math.min(said, WITH_VENDOR_BYTES)));
  const bit = (at: number, mask: number): boolean => (data[at]! & mask) !== 0;
  return {
    peripheralQualifier: data[0]! >> 5,
    deviceType: data[0]! & 0x1f,
    removable: bit(1, 0x80),
    version: data[2]!,
    responseDataFormat: data[3]! & 0x0f,
    storageArrayController: bit(5, 0x80),
    targetPortGroupSupport: (data[5]! >> 4) & 0x3,
    protect: bit(5, 0x01),
    encServ: bit(6, 0x40),
    multiPort: bit(6, 0x10),
    commandQueue: bit(7, 0x02),
    vendor: asciiField(data.subarray(8, 16)),
    product: asciiField(data.subarray(16, 32)),
    revision: asciiField(data.subarray(32, 36)),
    vendorSpecific: asciiField(data.subarray(36, WITH_VENDOR_BYTES)),
  };
}

/** 36 bytes, or 56 with a vendor specific part. Throws EncodeError when a text or number does not fit its field. */
export function encodeStandardInquiry(value: StandardInquiry): Uint8Array {
  requireRange('PERIPHERAL QUALIFIER', value.peripheralQualifier, 7);
  requireRange('PERIPHERAL DEVICE TYPE', value.deviceType, 0x1f);
  requireRange('VERSION', value.version, 0xff);
  requireRange('RESPONSE DATA FORMAT', value.responseDataFormat, 0xf);
  requireRange('TPGS', value.targetPortGroupSupport, 3);
  const bytes = new Uint8Array(value.vendorSpecific === '' ? STANDARD_BYTES : WITH_VENDOR_BYTES);
  bytes[0] = (value.peripheralQualifier << 5) | value.deviceType;
  bytes[1] = value.removable ? 0x80 : 0;
  bytes[2] = value.version;
  bytes[3] = value.responseDataFormat;
  bytes[4] = bytes.length - HEADER_BYTES;
  bytes[5] =
    (value.storageArrayController ? 0x80 : 0) |
    (value.targetPortGroupSupport << 4) |
    (value.protect ? 0x01 : 0);
  bytes[6] = (value.encServ ? 0x40 : 0) | (value.multiPort ? 0x10 : 0);
  bytes[7] = value.commandQueue ? 0x02 : 0;
  bytes.set(encodeCheckedText('T10 VENDOR IDENTIFICATION', value.vendor, 8), 8);
  bytes.set(encodeCheckedText('PRODUCT IDENTIFICATION', value.product, 16), 16);
  bytes.set(encodeCheckedText('PRODUCT REVISION LEVEL', value.revision, 4), 32);
  if (value.vendorSpecific !== '') {
    bytes.set(encodeCheckedText('vendor specific INQUIRY data', value.vendorSpecific, 20), 36);
  }
  return bytes;
}

export interface InquiryCdb {
  /** EVPD */
  readonly vitalProductData: boolean;
  readonly pageCode: number;
  readonly allocationBytes: number;
}

export function encodeInquiryCdb(fields: InquiryCdb): Uint8Array {
  requireRange('PAGE CODE', fields.pageCode, 0xff);
  requireRange('ALLOCATION LENGTH', fields.allocationBytes, 0xffff);
  const cdb = new Uint8Array([
    OperationCode.inquiry,
    fields.vitalProductData ? 1 : 0,
    fields.pageCode,
    0,
    0,
    0,
  ]);
  viewOf(cdb).setUint16(3, fields.allocationBytes);
  return cdb;
}

/** The fields of a CDB (SPC, INQUIRY). Throws DecodeError for another command, or one that is cut. */
export function decodeInquiryCdb(cdb: Uint8Array): InquiryCdb {
  requireCdb('INQUIRY', cdb, OperationCode.inquiry, 6);
  return {
    vitalProductData: (cdb[1]! & 0x01) !== 0,
    pageCode: cdb[2]!,
    allocationBytes: viewOf(cdb).getUint16(3),
  };
}
