import { chunkCount } from '../base/units.ts';
import type { Problem } from './diagnostics.ts';
import { usesOffset } from './modes.ts';
import type { BytesPerWrite } from './resolved.ts';

/** BUFFER OFFSET and PARAMETER LIST LENGTH of WRITE BUFFER(10) have 24 bits (SPC). */
export const MAX_24_BITS = 0xff_ffff;

/** What a diagnostic page can carry: 16-bit length, in steps of 4, less the 24 bytes before the data (SES page 0Eh). */
const SES_HEADER_BYTES = 24;
const MAX_SES_PAGE_BYTES = 65_532;
const MAX_SES_DATA_BYTES = MAX_SES_PAGE_BYTES - SES_HEADER_BYTES;

/** A download as numbers; `imageBytes` is what is sent, after skip, length and fill. */
export interface Transfer {
  readonly mode: string;
  readonly bpw: BytesPerWrite;
  readonly offsetBytes: number;
  readonly bufferId: number;
  readonly bufferIdStep: number;
  readonly imageBytes: number;
}

/** A problem of a download, and the key of the section that it is about. */
export interface TransferProblem {
  readonly key: 'mode' | 'bpw' | 'offset' | 'buffer-id-step';
  readonly code: Problem['code'];
  readonly message: string;
  readonly hint: string | null;
}

/** Whether every CDB of a WRITE BUFFER download can hold its offset, length and buffer id. */
export function writeBufferProblem(transfer: Transfer): TransferProblem | null {
  const { mode, bpw, offsetBytes, imageBytes, bufferId, bufferIdStep } = transfer;
  const chunkBytes = typeof bpw === 'number' ? Math.min(bpw, imageBytes) : bpw === 'whole' ? imageBytes : 1;
  if (chunkBytes > MAX_24_BITS) {
    return {
      key: usesOffset(mode) ? 'bpw' : 'mode',
      code: 'transfer-limit',
      message: `one WRITE BUFFER carries at most ${MAX_24_BITS} bytes (24 bits), not ${chunkBytes}`,
      hint: usesOffset(mode)
        ? 'use a smaller bpw'
        : `${mode} sends the image in one command; a mode with offsets takes chunks`,
    };
  }
  const chunks = bpw === 'auto' ? 1 : chunkCount(imageBytes, bpw);
  const stepBytes = typeof bpw === 'number' ? bpw : 0;
  const lastOffset = bpw === 'auto' ? offsetBytes + imageBytes - 1 : offsetBytes + (chunks - 1) * stepBytes;
  if (lastOffset > MAX_24_BITS) {
    const sum =
      chunks > 1 ? `${offsetBytes} + ${chunks - 1} x ${stepBytes} = ${lastOffset}` : String(lastOffset);
    const what = bpw === 'auto' ? 'the last byte' : 'the last chunk';
    return {
      key: offsetBytes > MAX_24_BITS ? 'offset' : 'bpw',
      code: 'transfer-limit',
      message: `${what} would be at offset ${sum}; the 24 bits of BUFFER OFFSET end at ${MAX_24_BITS}`,
      hint: 'WRITE BUFFER cannot send this image; use via: ses if the device supports it, or a smaller image',
    };
  }
  const lastId = bufferId + (chunks - 1) * bufferIdStep;
  if (lastId > 255) {
    return {
      key: 'buffer-id-step',
      code: 'buffer-id',
      message: `the last chunk would go to buffer ${bufferId} + ${chunks - 1} x ${bufferIdStep} = ${lastId}; the highest is 255`,
      hint: 'use a larger bpw or a smaller step',
    };
  }
  return null;
}

/** Whether every page of an SES download can hold its data. */
export function sesProblem(bpw: BytesPerWrite, imageBytes: number | null): TransferProblem | null {
  const chunkBytes = typeof bpw === 'number' ? bpw : bpw === 'whole' ? imageBytes : null;
  if (chunkBytes !== null && chunkBytes > MAX_SES_DATA_BYTES) {
    return {
      key: 'bpw',
      code: 'ses-page',
      message: `${chunkBytes} bytes and ${SES_HEADER_BYTES} of header are ${chunkBytes + SES_HEADER_BYTES}; a diagnostic page holds ${MAX_SES_PAGE_BYTES}`,
      hint: `use a bpw of at most ${MAX_SES_DATA_BYTES}`,
    };
  }
  if (typeof bpw === 'number' && bpw % 4 !== 0) {
    return {
      key: 'bpw',
      code: 'ses-page',
      message: `offsets in page 0Eh must be multiples of 4; ${bpw} is 4 x ${Math.floor(bpw / 4)} + ${bpw % 4}`,
      hint: `write ${Math.max(4, bpw - (bpw % 4))}`,
    };
  }
  return null;
}
