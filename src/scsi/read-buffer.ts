import { requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { decodeBufferCdb, encodeBufferCdb } from './buffer-cdb.ts';
import type { BufferCdb } from './buffer-cdb.ts';
import { getUint24, setUint24 } from './cdb.ts';
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

export interface ReadBufferCdb extends Omit<BufferCdb, 'lengthBytes'> {
  readonly allocationBytes: number;
}

/** READ BUFFER(10). Throws EncodeError when a field does not fit. */
export const encodeReadBufferCdb = ({ allocationBytes, ...fields }: ReadBufferCdb): Uint8Array =>
  encodeBufferCdb(OperationCode.readBuffer, { ...fields, lengthBytes: allocationBytes }, 'ALLOCATION LENGTH');

/** The fields of a CDB. Throws DecodeError for another command, or one that is cut. */
export function decodeReadBufferCdb(cdb: Uint8Array): ReadBufferCdb {
  const { lengthBytes, ...fields } = decodeBufferCdb('READ BUFFER', cdb, OperationCode.readBuffer);
  return { ...fields, allocationBytes: lengthBytes };
}
