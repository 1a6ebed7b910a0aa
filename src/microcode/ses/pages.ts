import type { ScsiCommand } from '../../scsi/command.ts';
import { downloadMicrocode, SES_MAXIMUM_DATA_BYTES } from '../../ses/download-microcode-control.ts';
import { CAUTIOUS_BYTES, chunkAt, requireSendable } from '../chunks.ts';
import type { Chunk, ImageDownload } from '../chunks.ts';

/** A download by SES page 0Eh, ready to be cut: modes 06h, 07h or 0Eh, and at most 65,508 bytes per page, a multiple of 4. */
export interface SesDownload extends ImageDownload {
  readonly subenclosureId: number;
  /** MICROCODE IMAGE LENGTH: at least the image. */
  readonly imageLengthBytes: number;
  /** `none`: the page is never read between pages (sg_ses_microcode --non); `auto`: until the device shows that reading disturbs it. */
  readonly statusReads: 'auto' | 'between' | 'none';
  /** `skip`: the final status is not read (--ealsd). */
  readonly finalStatus: 'read' | 'skip';
  /** For RECEIVE DIAGNOSTIC RESULTS with page 0Eh; undefined: what sg_ses_microcode waits. */
  readonly statusTimeoutMs?: number | undefined;
}

/** One control page of a download (scsi-microcode.md#sg_ses_microcode); the empty one at the end begins at a multiple of 4. */
export function pageAt(download: SesDownload, index: number): Chunk {
  const { length } = download.image;
  return chunkAt(download, index, download.offsetBytes + length + (-length & 3));
}

/**
 * SEND DIAGNOSTIC with one page. Throws EncodeError where a field does not hold its value.
 *
 * @param generationCode the device's at the time of sending
 */
export function pageCommand(download: SesDownload, page: Chunk, generationCode: number): ScsiCommand<void> {
  return downloadMicrocode(
    {
      subenclosureId: download.subenclosureId,
      generationCode,
      mode: page.mode,
      bufferId: page.bufferId,
      bufferOffsetBytes: page.offsetBytes,
      imageLengthBytes: download.imageLengthBytes,
      data: page.data,
    },
    page.timeoutMs,
  );
}

/** Throws EncodeError when one of the pages does not fit, or when there is nothing to send. */
export function requireSendablePages(download: SesDownload): void {
  requireSendable(download, (index) => pageCommand(download, pageAt(download, index), 0));
}

const HEADER_BYTES = 24;

/** `bpw: auto`: the best that page and host allow, in steps of 4, and never above what has been seen in the field. */
export function automaticPageBytes(hostLimitBytes: number): number {
  const host = (hostLimitBytes || Infinity) - HEADER_BYTES;
  return Math.max(4, Math.min(CAUTIOUS_BYTES, SES_MAXIMUM_DATA_BYTES, Math.floor(host / 4) * 4));
}
