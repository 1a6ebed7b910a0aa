import { EncodeError } from '../../base/errors.ts';
import { chunkCount } from '../../base/units.ts';
import type { ScsiCommand } from '../../scsi/command.ts';
import { downloadMicrocode } from '../../ses/download-microcode-control.ts';
import { commandCount } from '../chunks.ts';
import type { DownloadTimeouts } from '../chunks.ts';

/** A download by SES page 0Eh, ready to be cut: numbers only, no words of a playbook. */
export interface SesDownload {
  /** DOWNLOAD MICROCODE MODE: 06h, 07h or 0Eh. */
  readonly mode: number;
  /** Another mode for the last page; null: the same. */
  readonly lastMode: number | null;
  /** Mode of an empty page after the last one; null: none. */
  readonly endWithMode: number | null;
  /** Image bytes per page: a multiple of 4, at most 65,508. */
  readonly bytesPerWrite: number;
  readonly subenclosureId: number;
  readonly bufferId: number;
  readonly bufferIdStep: number;
  readonly offsetBytes: number;
  /** MICROCODE IMAGE LENGTH: at least the image. */
  readonly imageLengthBytes: number;
  readonly image: Uint8Array;
  /** `none`: the page is never read between pages (sg_ses_microcode --non); `auto`: until the device shows that reading disturbs it. */
  readonly statusReads: 'auto' | 'between' | 'none';
  /** `skip`: the final status is not read (--ealsd). */
  readonly finalStatus: 'read' | 'skip';
  readonly timeouts: DownloadTimeouts;
  /** For RECEIVE DIAGNOSTIC RESULTS with page 0Eh; undefined: what sg_ses_microcode waits. */
  readonly statusTimeoutMs?: number | undefined;
}

/** One control page of a download; the generation code is the device's at the time of sending. */
export interface SesPage {
  readonly index: number;
  readonly mode: number;
  readonly bufferId: number;
  readonly bufferOffsetBytes: number;
  readonly data: Uint8Array;
  readonly timeoutMs: number;
  /** After this one the device has every byte: from here on new code may start. */
  readonly hasAll: boolean;
  /** Nothing is sent after this one. */
  readonly last: boolean;
}

/**
 * One control page as sg_ses_microcode puts it on the wire (scsi-microcode.md#sg_ses_microcode). Its data are a view of the
 * image: no list of pages stands beside an image of 256 MiB.
 */
export function pageAt(download: SesDownload, index: number): SesPage {
  const { image, bytesPerWrite, timeouts, endWithMode } = download;
  const count = chunkCount(image.length, bytesPerWrite);
  const isEnd = index === count; // the empty page behind the image
  const carriesLast = index === count - 1;
  return {
    index,
    mode: isEnd ? endWithMode! : carriesLast ? (download.lastMode ?? download.mode) : download.mode,
    bufferId: download.bufferId + (isEnd ? 0 : index * download.bufferIdStep),
    bufferOffsetBytes:
      download.offsetBytes + (isEnd ? image.length + (-image.length & 3) : index * bytesPerWrite),
    data: image.subarray(index * bytesPerWrite, Math.min((index + 1) * bytesPerWrite, image.length)),
    timeoutMs: carriesLast || isEnd ? timeouts.lastMs : index === 0 ? timeouts.firstMs : timeouts.chunkMs,
    hasAll: carriesLast || isEnd,
    last: index === commandCount(download) - 1,
  };
}

/** SEND DIAGNOSTIC with one page. Throws EncodeError where a field does not hold its value. */
export function pageCommand(download: SesDownload, page: SesPage, generationCode: number): ScsiCommand<void> {
  return downloadMicrocode(
    {
      subenclosureId: download.subenclosureId,
      generationCode,
      mode: page.mode,
      bufferId: page.bufferId,
      bufferOffsetBytes: page.bufferOffsetBytes,
      imageLengthBytes: download.imageLengthBytes,
      data: page.data,
    },
    page.timeoutMs,
  );
}

/**
 * Builds the pages that can go wrong before the first is sent: fields only grow from page to page. Throws EncodeError.
 */
export function requireSendablePages(download: SesDownload): void {
  const { image, bytesPerWrite } = download;
  if (image.length === 0 || bytesPerWrite < 1) {
    throw new EncodeError(
      'out-of-range',
      `${image.length} bytes cannot be sent ${bytesPerWrite} at a time; both must be at least 1`,
    );
  }
  const count = commandCount(download);
  for (const index of new Set([0, Math.max(0, count - 2), count - 1])) {
    pageCommand(download, pageAt(download, index), 0);
  }
}
