import { EncodeError } from '../base/errors.ts';
import { chunkCount } from '../base/units.ts';
import { modeFacts } from '../scsi/write-buffer.ts';

/**
 * A download, ready to be cut: numbers only, no words of a playbook. What WRITE BUFFER and page 0Eh have in common;
 * `write-buffer/commands.ts` and `ses/pages.ts` make commands of it.
 */
export interface ImageDownload {
  /** MODE of every chunk but, perhaps, the last. */
  readonly mode: number;
  /** Another mode for the last chunk; null: the same. */
  readonly lastMode: number | null;
  /** Mode of an empty command after the last chunk; null: none. */
  readonly endWithMode: number | null;
  /** Image bytes per command. */
  readonly bytesPerWrite: number;
  readonly bufferId: number;
  /** Added to the buffer id with each chunk. */
  readonly bufferIdStep: number;
  /** Of the first chunk. */
  readonly offsetBytes: number;
  readonly image: Uint8Array;
  readonly timeouts: DownloadTimeouts;
}

export interface DownloadTimeouts {
  readonly firstMs: number;
  readonly chunkMs: number;
  readonly lastMs: number;
}

/** One command of a download: a WRITE BUFFER, or a control page. */
export interface Chunk {
  readonly index: number;
  readonly mode: number;
  readonly bufferId: number;
  /** BUFFER OFFSET. */
  readonly offsetBytes: number;
  readonly data: Uint8Array;
  readonly timeoutMs: number;
  /** After this one the device has every byte: from here on new code may start. So the empty command at the end, and the chunk before it. */
  readonly hasAll: boolean;
  /** Nothing is sent after this one. */
  readonly last: boolean;
}

/** How many commands a download has. */
export function commandCount({
  image,
  bytesPerWrite,
  endWithMode,
}: Pick<ImageDownload, 'image' | 'bytesPerWrite' | 'endWithMode'>): number {
  return chunkCount(image.length, bytesPerWrite) + (endWithMode === null ? 0 : 1);
}

/**
 * One command exactly as sg_write_buffer and sg_ses_microcode put it on the wire: contiguous offsets, the last chunk is the rest
 * (scsi-microcode.md#sg_write_buffer). The data are a view of the image: one copy for all devices, and no list of chunks beside
 * an image of 256 MiB.
 *
 * @param endOffsetBytes BUFFER OFFSET of the empty command at the end
 */
export function chunkAt(download: ImageDownload, index: number, endOffsetBytes: number): Chunk {
  const { image, bytesPerWrite, timeouts } = download;
  const count = chunkCount(image.length, bytesPerWrite);
  const isEnd = index === count;
  const carriesLast = index === count - 1;
  const from = index * bytesPerWrite;
  return {
    index,
    mode: isEnd ? download.endWithMode! : carriesLast ? (download.lastMode ?? download.mode) : download.mode,
    bufferId: download.bufferId + (isEnd ? 0 : index * download.bufferIdStep),
    offsetBytes: isEnd ? endOffsetBytes : download.offsetBytes + from,
    data: image.subarray(from, Math.min(from + bytesPerWrite, image.length)),
    timeoutMs: carriesLast || isEnd ? timeouts.lastMs : index === 0 ? timeouts.firstMs : timeouts.chunkMs,
    hasAll: carriesLast || isEnd,
    last: index === commandCount(download) - 1,
  };
}

/**
 * Builds the commands that can go wrong before the first is sent: fields only grow from chunk to chunk. Throws EncodeError when
 * one of them does not fit, or when there is nothing to send.
 */
export function requireSendable(download: ImageDownload, build: (index: number) => unknown): void {
  const { image, bytesPerWrite } = download;
  if (!Number.isInteger(bytesPerWrite) || image.length < 1 || bytesPerWrite < 1) {
    throw new EncodeError(
      'out-of-range',
      `${image.length} bytes cannot be sent ${bytesPerWrite} at a time; both must be at least 1`,
    );
  }
  const count = commandCount(download);
  for (const index of new Set([0, Math.max(0, count - 2), count - 1])) build(index);
}

/** How the commands of a download differ in their modes. */
export type Modes = Pick<ImageDownload, 'mode' | 'lastMode' | 'endWithMode'>;

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
