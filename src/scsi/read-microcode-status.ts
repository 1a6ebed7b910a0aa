import { requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { encodeReadBufferCdb } from './read-buffer.ts';

/** READ BUFFER mode 0Fh (SPC-5): how a download stands. Few devices have it. */
export interface ReadMicrocodeStatus {
  /** 0 not reported, 1 valid, 2 not valid, 3 not a full image. */
  readonly activatedMicrocode: number;
  /** Of the redundant copy. 0 not reported, 1 at least one valid, 2 none valid, 3 not a full image. */
  readonly redundantMicrocode: number;
  /** See `readBufferMicrocodeStatusFacts` in `ses/microcode-status.ts`. */
  readonly status: number;
  readonly maximumImageBytes: number;
  readonly expectedOffsetBytes: number;
}

const READ_MICROCODE_STATUS_MODE = 0x0f;
const STATUS_BYTES = 16;

/** READ BUFFER, microcode status. */
export function readMicrocodeStatus(): ScsiCommand<ReadMicrocodeStatus> {
  return {
    name: 'READ BUFFER (microcode status)',
    cdb: encodeReadBufferCdb({
      mode: READ_MICROCODE_STATUS_MODE,
      modeSpecific: 0,
      bufferId: 0,
      offsetBytes: 0,
      allocationBytes: STATUS_BYTES,
    }),
    dataInBytes: STATUS_BYTES,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: decodeReadMicrocodeStatus,
  };
}

/** Throws DecodeError where the device sent less than the fixed fields. */
export function decodeReadMicrocodeStatus(bytes: Uint8Array): ReadMicrocodeStatus {
  requireLength('READ BUFFER microcode status', bytes, STATUS_BYTES);
  const view = viewOf(bytes);
  return {
    activatedMicrocode: bytes[0]!,
    redundantMicrocode: bytes[1]!,
    status: bytes[2]!,
    maximumImageBytes: view.getUint32(4),
    expectedOffsetBytes: view.getUint32(12),
  };
}

export function encodeReadMicrocodeStatus(value: ReadMicrocodeStatus): Uint8Array {
  requireRange('ACTIVATED MICROCODE', value.activatedMicrocode, 0xff);
  requireRange('REDUNDANT MICROCODE', value.redundantMicrocode, 0xff);
  requireRange('DOWNLOAD MICROCODE STATUS', value.status, 0xff);
  requireRange('MAXIMUM IMAGE SIZE', value.maximumImageBytes, 0xffffffff);
  requireRange('EXPECTED BUFFER OFFSET', value.expectedOffsetBytes, 0xffffffff);
  const bytes = new Uint8Array(STATUS_BYTES);
  const view = viewOf(bytes);
  bytes.set([value.activatedMicrocode, value.redundantMicrocode, value.status]);
  view.setUint32(4, value.maximumImageBytes);
  view.setUint32(12, value.expectedOffsetBytes);
  return bytes;
}
