import { requireRange, viewOf } from '../base/bytes.ts';
import type { DataDirection } from '../scsi/command.ts';

/** sizeof(struct sg_io_hdr), interface version 3, on 64-bit little-endian Linux (scsi-microcode.md#struct-sg_io_hdr). */
export const SG_HEADER_BYTES = 88;
/** SG_IO of include/scsi/sg.h. */
export const SG_IO = 0x2285;
/** sb_len is one byte and sense data ends with byte 251. */
export const MAX_SENSE_BYTES = 252;
/** Interface version 3 of sg takes CDBs of 6 to 16 bytes. */
export const MAX_CDB_BYTES = 16;

const INTERFACE_ID = 0x53; // 'S'
const DIRECTION: Readonly<Record<DataDirection, number>> = { none: -1, out: -2, in: -3 };

export interface SgRequest {
  readonly direction: DataDirection;
  readonly cdbBytes: number;
  readonly cdbAddress: bigint;
  readonly dataBytes: number;
  /** Ignored when there is no data. */
  readonly dataAddress: bigint;
  readonly senseBytes: number;
  readonly senseAddress: bigint;
  /** Never 0, which means "the queue's default", and never FFFFFFFFh, which means "forever". */
  readonly timeoutMs: number;
  readonly packId: number;
}

/** The output fields of the header, as the kernel wrote them. */
export interface SgResult {
  readonly status: number;
  readonly senseBytesWritten: number;
  readonly hostStatus: number;
  readonly driverStatus: number;
  /** dxfer_len − moved; signed. */
  readonly residualBytes: number;
  readonly durationMs: number;
}

/**
 * Writes the whole header into these {@link SG_HEADER_BYTES}, whatever they held. Throws EncodeError for a value that
 * the header or the driver has no room for.
 */
export function encodeSgHeader(header: Buffer, request: SgRequest): void {
  requireRange('CDB length', request.cdbBytes - 6, MAX_CDB_BYTES - 6);
  requireRange('data length', request.dataBytes, 0x7fff_ffff);
  requireRange('sense buffer length', request.senseBytes, MAX_SENSE_BYTES);
  requireRange('time-out in ms less one', request.timeoutMs - 1, 0xffff_fffd);
  header.fill(0); // flags (44), iovec_count (10), usr_ptr (56), and what the last command left behind them
  header.writeInt32LE(INTERFACE_ID, 0);
  header.writeInt32LE(DIRECTION[request.direction], 4);
  header.writeUInt8(request.cdbBytes, 8);
  header.writeUInt8(request.senseBytes, 9);
  header.writeUInt32LE(request.dataBytes, 12);
  // A zero-length transfer has no pointer: some drivers look at it and not at the length.
  header.writeBigUInt64LE(request.dataBytes > 0 ? request.dataAddress : 0n, 16);
  header.writeBigUInt64LE(request.cdbAddress, 24);
  header.writeBigUInt64LE(request.senseAddress, 32);
  header.writeUInt32LE(request.timeoutMs, 40);
  header.writeInt32LE(request.packId, 48);
}

export function decodeSgHeader(header: Uint8Array): SgResult {
  const view = viewOf(header);
  return {
    status: view.getUint8(64),
    senseBytesWritten: view.getUint8(67),
    hostStatus: view.getUint16(68, true),
    driverStatus: view.getUint16(70, true),
    residualBytes: view.getInt32(72, true),
    durationMs: view.getUint32(76, true),
  };
}
