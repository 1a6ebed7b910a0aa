import type { ScsiCommand } from '../../scsi/command.ts';
import { WRITE_BUFFER_MODES, writeBuffer } from '../../scsi/write-buffer.ts';
import { CAUTIOUS_BYTES, chunkAt, requireSendable } from '../chunks.ts';
import type { Chunk, ImageDownload } from '../chunks.ts';

/** A download by WRITE BUFFER, ready to be cut. */
export interface WriteBufferDownload extends ImageDownload {
  /** Sent with the commands of mode 0Dh. */
  readonly modeSpecific: number;
}

/** One WRITE BUFFER of a download; the empty one at the end has offset 0. */
export const writeBufferChunk = (download: WriteBufferDownload, index: number): Chunk =>
  chunkAt(download, index, 0);

/** Throws EncodeError where a field does not hold its value. */
export function writeBufferCommand({ modeSpecific }: WriteBufferDownload, chunk: Chunk): ScsiCommand<void> {
  // The field is reserved in all modes but 0Dh (SPC-4 6.49.1).
  const isOfMode = chunk.mode === WRITE_BUFFER_MODES.dmc_offs_ev_defer;
  return writeBuffer({ ...chunk, modeSpecific: isOfMode ? modeSpecific : 0 });
}

/** Throws EncodeError when one of the commands does not fit its CDB, or when there is nothing to send. */
export function requireSendableChunks(download: WriteBufferDownload): void {
  requireSendable(download, (index) => writeBufferCommand(download, writeBufferChunk(download, index)));
}

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
): number {
  if (boundaryExponent === 0xff) return imageBytes;
  const boundary = 2 ** (boundaryExponent ?? 0);
  const wanted = Math.min(CAUTIOUS_BYTES, hostLimitBytes || CAUTIOUS_BYTES, imageBytes);
  // One chunk needs no boundary; a boundary above our wish has to be met nevertheless.
  if (wanted === imageBytes) return imageBytes;
  return Math.max(boundary, Math.floor(wanted / boundary) * boundary);
}
