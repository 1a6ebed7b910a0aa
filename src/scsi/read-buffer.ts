import { requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { getUint24, requireCdb, setUint24 } from './cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';

/** READ BUFFER descriptor (mode 03h). Strictly it speaks of data mode 02h; for microcode it is a hint. */
export interface BufferDescriptor {
  /** OFFSET BOUNDARY: offsets and all chunks but the last are multiples of 2 to this power; FFh: offset 0 only. */
  readonly offsetBoundaryExponent: number;
  readonly capacityBytes: number;
  /** False when boundary and capacity are both 0: there is no such buffer. */
  readonly exists: boolean;
}

export const READ_BUFFER_DESCRIPTOR_MODE = 0x03;
const DESCRIPTOR_BYTES = 4;

/** READ BUFFER, descriptor of one buffer: offset boundary and capacity. */
export function readBufferDescriptor(bufferId: number): ScsiCommand<BufferDescriptor> {
  return {
    name: 'READ BUFFER (descriptor)',
    cdb: encodeReadBufferCdb({
      mode: READ_BUFFER_DESCRIPTOR_MODE,
      modeSpecific: 0,
      bufferId,
      offsetBytes: 0,
      allocationBytes: DESCRIPTOR_BYTES,
    }),
    dataInBytes: DESCRIPTOR_BYTES,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: decodeBufferDescriptor,
  };
}

export function decodeBufferDescriptor(bytes: Uint8Array): BufferDescriptor {
  requireLength('READ BUFFER descriptor', bytes, DESCRIPTOR_BYTES);
  const offsetBoundaryExponent = bytes[0]!;
  const capacityBytes = getUint24(viewOf(bytes), 1);
  return {
    offsetBoundaryExponent,
    capacityBytes,
    exists: offsetBoundaryExponent !== 0 || capacityBytes !== 0,
  };
}

/** A buffer that does not exist is four zero bytes. Throws EncodeError. */
export function encodeBufferDescriptor(value: BufferDescriptor): Uint8Array {
  requireRange('OFFSET BOUNDARY', value.offsetBoundaryExponent, 0xff);
  requireRange('BUFFER CAPACITY', value.capacityBytes, 0xffffff);
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  if (!value.exists) return bytes;
  bytes[0] = value.offsetBoundaryExponent;
  setUint24(viewOf(bytes), 1, value.capacityBytes);
  return bytes;
}

export interface ReadBufferCdb {
  readonly mode: number;
  readonly modeSpecific: number;
  readonly bufferId: number;
  readonly offsetBytes: number;
  readonly allocationBytes: number;
}

/** READ BUFFER(10). Throws EncodeError when a field does not fit. */
export function encodeReadBufferCdb(fields: ReadBufferCdb): Uint8Array {
  requireRange('MODE', fields.mode, 0x1f);
  requireRange('MODE SPECIFIC', fields.modeSpecific, 7);
  requireRange('BUFFER ID', fields.bufferId, 0xff);
  requireRange('BUFFER OFFSET', fields.offsetBytes, 0xffffff);
  requireRange('ALLOCATION LENGTH', fields.allocationBytes, 0xffffff);
  const cdb = new Uint8Array(10);
  cdb[0] = OperationCode.readBuffer;
  cdb[1] = (fields.modeSpecific << 5) | fields.mode;
  cdb[2] = fields.bufferId;
  setUint24(viewOf(cdb), 3, fields.offsetBytes);
  setUint24(viewOf(cdb), 6, fields.allocationBytes);
  return cdb;
}

/** The fields of a CDB (SPC, READ BUFFER(10)). Throws DecodeError for another command, or one that is cut. */
export function decodeReadBufferCdb(cdb: Uint8Array): ReadBufferCdb {
  requireCdb('READ BUFFER', cdb, OperationCode.readBuffer, 10);
  const view = viewOf(cdb);
  return {
    mode: cdb[1]! & 0x1f,
    modeSpecific: cdb[1]! >> 5,
    bufferId: cdb[2]!,
    offsetBytes: getUint24(view, 3),
    allocationBytes: getUint24(view, 6),
  };
}
