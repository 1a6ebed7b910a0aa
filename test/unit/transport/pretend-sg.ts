import { viewOf } from '../../../src/base/bytes.ts';
import type { CallResult } from '../../../src/native/libc.ts';
import type { SgParts } from '../../../src/transport/sg-transport.ts';

/** What the pretended kernel answers to one SG_IO. */
export interface PretendAnswer {
  readonly errno?: number;
  readonly status?: number;
  readonly hostStatus?: number;
  readonly driverStatus?: number;
  readonly sense?: Uint8Array;
  /** Written to the start of the data-in buffer; the residual follows unless it is given. */
  readonly data?: Uint8Array;
  readonly residualBytes?: number;
}

export interface PretendRequest {
  readonly cdb: Uint8Array;
  readonly data: Uint8Array;
  readonly header: Buffer;
}

/** What must not be collected while the call runs, as far as it changes from command to command. */
interface Held {
  readonly data: Uint8Array;
}

/**
 * Stands where libc and the sg driver are: reads the header as the driver would, follows the pointers to the buffers that the
 * transport has, and writes the answer fields. A pointer to anything else, or to data that nobody holds, fails the call with
 * EFAULT.
 */
export function pretendSg(
  answer: (request: PretendRequest) => PretendAnswer | Promise<PretendAnswer>,
): Pick<SgParts, 'node' | 'fd' | 'libc' | 'closeFd'> & { readonly closed: number[] } {
  const addresses = new Map<bigint, Uint8Array>();
  const closed: number[] = [];
  const ioctl = async (fd: number, request: number, header: Buffer, holds: object): Promise<CallResult> => {
    const at = (offset: number): Uint8Array | undefined => addresses.get(header.readBigUInt64LE(offset));
    const dataBytes = header.readUInt32LE(12);
    const [cdb, sense, { data }] = [at(24), at(32), holds as Held];
    const dataOk = dataBytes === 0 ? header.readBigUInt64LE(16) === 0n : at(16) === data;
    if (fd !== 7 || request !== 0x2285 || cdb === undefined || sense === undefined || !dataOk)
      return { result: -1, errno: 14 };
    const told = await answer({ cdb: cdb.subarray(0, header[8]), data, header });
    if (told.errno !== undefined) return { result: -1, errno: told.errno };
    if (header.readInt32LE(4) === -3) data.set((told.data ?? new Uint8Array(0)).subarray(0, dataBytes));
    sense.set(told.sense ?? []);
    const out = viewOf(header);
    const moved = header.readInt32LE(4) === -3 ? Math.min(dataBytes, told.data?.length ?? 0) : dataBytes;
    out.setUint8(64, told.status ?? 0);
    out.setUint8(67, told.sense?.length ?? 0);
    out.setUint16(68, told.hostStatus ?? 0, true);
    out.setUint16(70, told.driverStatus ?? (told.sense ? 8 : 0), true);
    out.setInt32(72, told.residualBytes ?? dataBytes - moved, true);
    out.setUint32(76, 5, true);
    return { result: 0, errno: 0 };
  };
  const addressOf = (bytes: Uint8Array): bigint => {
    const address = 0x7f00_0000_0000n + BigInt(addresses.size) * 0x100_0000n;
    addresses.set(address, bytes);
    return address;
  };
  return { node: '/dev/sg9', fd: 7, libc: { ioctl, addressOf }, closeFd: (fd) => closed.push(fd), closed };
}

/** 44 bytes of standard INQUIRY data of the HP card. */
export const INQUIRY_DATA = Uint8Array.from(
  Buffer.concat([
    Buffer.from([0x0d, 0, 5, 2, 39, 0, 0, 0]),
    Buffer.from('HP      HP SAS EXP Card 2.08'),
    Buffer.alloc(8),
  ]),
);
export const INVALID_FIELD_IN_CDB = Uint8Array.from([
  0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0,
]);

/** A card that knows INQUIRY and takes WRITE BUFFER. */
export function pretendCard({ cdb }: PretendRequest): PretendAnswer {
  if (cdb[0] === 0x3b) return {};
  if (cdb[0] !== 0x12 || (cdb[1]! & 1) === 1) return { status: 2, sense: INVALID_FIELD_IN_CDB };
  return { data: INQUIRY_DATA };
}
