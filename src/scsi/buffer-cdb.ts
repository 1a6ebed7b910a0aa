import { requireRange, viewOf } from '../base/bytes.ts';
import { getUint24, requireCdb, setUint24 } from './cdb.ts';

/** Largest offset, and largest transfer, that the 24-bit fields hold. */
export const BUFFER_MAXIMUM_BYTES = 0xffffff;

/** READ BUFFER(10) and WRITE BUFFER(10) have the same fields (SPC). */
export interface BufferCdb {
  readonly mode: number;
  readonly modeSpecific: number;
  readonly bufferId: number;
  readonly offsetBytes: number;
  /** ALLOCATION LENGTH, or PARAMETER LIST LENGTH. */
  readonly lengthBytes: number;
}

/** Throws EncodeError when a field does not fit. */
export function encodeBufferCdb(
  operationCode: number,
  { mode, modeSpecific, bufferId, offsetBytes, lengthBytes }: BufferCdb,
  nameOfLength: string,
): Uint8Array {
  requireRange('MODE', mode, 0x1f);
  requireRange('MODE SPECIFIC', modeSpecific, 7);
  requireRange('BUFFER ID', bufferId, 0xff);
  requireRange('BUFFER OFFSET', offsetBytes, BUFFER_MAXIMUM_BYTES);
  requireRange(nameOfLength, lengthBytes, BUFFER_MAXIMUM_BYTES);
  const cdb = new Uint8Array(10);
  cdb[0] = operationCode;
  cdb[1] = (modeSpecific << 5) | mode;
  cdb[2] = bufferId;
  setUint24(viewOf(cdb), 3, offsetBytes);
  setUint24(viewOf(cdb), 6, lengthBytes);
  return cdb;
}

/** Throws DecodeError for another command, or one that is cut. */
export function decodeBufferCdb(name: string, cdb: Uint8Array, operationCode: number): BufferCdb {
  requireCdb(name, cdb, operationCode, 10);
  const view = viewOf(cdb);
  return {
    mode: cdb[1]! & 0x1f,
    modeSpecific: cdb[1]! >> 5,
    bufferId: cdb[2]!,
    offsetBytes: getUint24(view, 3),
    lengthBytes: getUint24(view, 6),
  };
}
