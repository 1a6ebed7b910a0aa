import { EncodeError } from '../base/errors.ts';
import { chunkCount } from '../base/units.ts';
import { modeFacts, WRITE_BUFFER_MODES, writeBuffer } from '../scsi/write-buffer.ts';

/** A download by WRITE BUFFER, ready to be cut: numbers only, no words of a playbook. */
export interface WriteBufferDownload {
  /** WRITE BUFFER MODE of every chunk but, perhaps, the last. */
  readonly mode: number;
  readonly lastMode: number | null;
  /** MODE of an empty WRITE BUFFER after the last chunk; null: none. */
  readonly endWithMode: number | null;
  /** Bytes per WRITE BUFFER; `whole`: everything in one. */
  readonly bytesPerWrite: number | 'whole';
  readonly bufferId: number;
  /** Added to the buffer id with each chunk. */
  readonly bufferIdStep: number;
  readonly offsetBytes: number;
  /** Sent with the commands of mode 0Dh. */
  readonly modeSpecific: number;
  readonly image: Uint8Array;
  readonly timeouts: DownloadTimeouts;
}

export interface DownloadTimeouts {
  readonly firstMs: number;
  readonly chunkMs: number;
  readonly lastMs: number;
}

/** One WRITE BUFFER of a download. */
export interface Chunk {
  readonly index: number;
  readonly mode: number;
  readonly modeSpecific: number;
  readonly bufferId: number;
  /** BUFFER OFFSET of the CDB. */
  readonly offsetBytes: number;
  readonly data: Uint8Array;
  readonly timeoutMs: number;
  /** After this one the device has every byte: from here on new code may start. So the empty command at the end, and the chunk before it. */
  readonly last: boolean;
}

const stepBytesOf = ({ image, bytesPerWrite }: WriteBufferDownload): number =>
  bytesPerWrite === 'whole' ? image.length : bytesPerWrite;

/** How many commands a download has: WRITE BUFFERs, or control pages. */
export function commandCount({
  image,
  bytesPerWrite,
  endWithMode,
}: Pick<WriteBufferDownload, 'image' | 'bytesPerWrite' | 'endWithMode'>): number {
  return chunkCount(image.length, bytesPerWrite) + (endWithMode === null ? 0 : 1);
}

/**
 * One command of a download exactly as sg_write_buffer puts it on the wire: contiguous offsets, the last chunk is the rest,
 * nothing padded (scsi-microcode.md#sg_write_buffer). The data are a view of the image: one copy for all devices.
 */
export function chunkAt(download: WriteBufferDownload, index: number): Chunk {
  const { image, timeouts } = download;
  const step = stepBytesOf(download);
  const count = chunkCount(image.length, download.bytesPerWrite);
  if (index === count) {
    return {
      index,
      mode: download.endWithMode!,
      modeSpecific: modeSpecificOf(download, download.endWithMode!),
      bufferId: download.bufferId,
      offsetBytes: 0,
      data: new Uint8Array(0),
      timeoutMs: timeouts.lastMs,
      last: true,
    };
  }
  const last = index === count - 1;
  const mode = last ? (download.lastMode ?? download.mode) : download.mode;
  return {
    index,
    mode,
    modeSpecific: modeSpecificOf(download, mode),
    bufferId: download.bufferId + index * download.bufferIdStep,
    offsetBytes: download.offsetBytes + index * step,
    data: image.subarray(index * step, Math.min((index + 1) * step, image.length)),
    timeoutMs: last ? timeouts.lastMs : index === 0 ? timeouts.firstMs : timeouts.chunkMs,
    last,
  };
}

/** The field is reserved in all modes but 0Dh (SPC-4 6.49.1). */
const modeSpecificOf = ({ modeSpecific }: WriteBufferDownload, mode: number): number =>
  mode === WRITE_BUFFER_MODES.dmc_offs_ev_defer ? modeSpecific : 0;

/**
 * Builds the commands that can go wrong before the first is sent: fields only grow from chunk to chunk. Throws EncodeError when
 * one of them does not fit its CDB, or when there is nothing to send.
 */
export function requireSendableChunks(download: WriteBufferDownload): void {
  const { length } = download.image;
  const step = stepBytesOf(download);
  if (!Number.isInteger(step) || length < 1 || step < 1) {
    throw new EncodeError(
      'out-of-range',
      `${length} bytes cannot be sent ${step} at a time; both must be at least 1`,
    );
  }
  const count = commandCount(download);
  for (const index of new Set([0, Math.max(0, count - 2), count - 1])) writeBuffer(chunkAt(download, index));
}

/** How the commands of a download differ in their modes: WRITE BUFFER and page 0Eh have the same. */
type Modes = Pick<WriteBufferDownload, 'mode' | 'lastMode' | 'endWithMode'>;

/** MODE of the command that ends the download: it decides whether the device waits for an activation. */
export function endMode(download: Modes): number {
  return download.endWithMode ?? download.lastMode ?? download.mode;
}

/** True when the download ends deferred (0Dh, 0Eh): nothing runs until an activation or an event. */
export function endsDeferred(download: Modes): boolean {
  return modeFacts(endMode(download)).deferred;
}

/** What `bpw: auto` never goes above: what Seagate's own tool uses; 4 KiB and 32 KiB are the sizes seen in the field. */
export const CAUTIOUS_BYTES = 32 * 1024;

/**
 * `bpw: auto`: 32 KiB, less where the host's hint says less, rounded down to what the device's OFFSET BOUNDARY allows.
 *
 * @param boundaryExponent OFFSET BOUNDARY of READ BUFFER mode 03h; FFh: offset 0 is the only one. null: not known.
 * @param hostLimitBytes Infinity or 0: not known.
 */
export function automaticBytesPerWrite(
  imageBytes: number,
  boundaryExponent: number | null,
  hostLimitBytes: number,
): number | 'whole' {
  if (boundaryExponent === 0xff) return 'whole';
  const boundary = 2 ** (boundaryExponent ?? 0);
  const wanted = Math.min(CAUTIOUS_BYTES, hostLimitBytes || CAUTIOUS_BYTES, imageBytes);
  // One chunk needs no boundary; a boundary above our wish has to be met nevertheless.
  if (wanted === imageBytes) return imageBytes;
  return Math.max(boundary, Math.floor(wanted / boundary) * boundary);
}
