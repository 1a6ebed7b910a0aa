import { hex, requireLength } from '../base/bytes.ts';
import { DecodeError } from '../base/errors.ts';

/** Call first in every CDB decoder. `short-page` when the CDB is cut, `bad-field` when it is another command. */
export function requireCdb(name: string, cdb: Uint8Array, operationCode: number, lengthBytes: number): void {
  requireLength(`${name} CDB`, cdb, lengthBytes);
  if (cdb[0] !== operationCode) {
    throw new DecodeError(
      'bad-field',
      `${name} CDB: operation code is ${hex(cdb[0]!)}, not ${hex(operationCode)}`,
    );
  }
}

/** Big-endian 24-bit field, as WRITE BUFFER and READ BUFFER have them; DataView knows none. */
export function getUint24(view: DataView, at: number): number {
  return (view.getUint8(at) << 16) | view.getUint16(at + 1);
}

/** The reverse of {@link getUint24}. The caller has checked the range. */
export function setUint24(view: DataView, at: number, value: number): void {
  view.setUint8(at, value >>> 16);
  view.setUint16(at + 1, value & 0xffff);
}
