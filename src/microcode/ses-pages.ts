import type { DownloadTimeouts } from './chunks.ts';

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
  /** `none`: the page is never read between pages (sg_ses_microcode --non); `auto`: until the device shows that it minds. */
  readonly statusReads: 'auto' | 'between' | 'none';
  /** `skip`: the final status is not read (--ealsd). */
  readonly finalStatus: 'read' | 'skip';
  readonly timeouts: DownloadTimeouts;
}

/** One control page of a download; the generation code is the device's at the time of sending. */
export interface SesPage {
  readonly index: number;
  readonly mode: number;
  readonly bufferId: number;
  readonly bufferOffsetBytes: number;
  readonly data: Uint8Array;
  readonly timeoutMs: number;
  readonly last: boolean;
}

/** Cuts an image into control pages as sg_ses_microcode puts them on the wire (scsi-microcode.md 4.4). */
export function cutPages(download: SesDownload): SesPage[] {
  const { image, bytesPerWrite, timeouts } = download;
  const count = Math.ceil(image.length / bytesPerWrite);
  const pages = Array.from({ length: count }, (_, index): SesPage => {
    const last = index === count - 1;
    return {
      index,
      mode: last ? (download.lastMode ?? download.mode) : download.mode,
      bufferId: download.bufferId + index * download.bufferIdStep,
      bufferOffsetBytes: download.offsetBytes + index * bytesPerWrite,
      data: image.subarray(index * bytesPerWrite, Math.min((index + 1) * bytesPerWrite, image.length)),
      timeoutMs: last ? timeouts.lastMs : index === 0 ? timeouts.firstMs : timeouts.chunkMs,
      last: last && download.endWithMode === null,
    };
  });
  if (download.endWithMode !== null) {
    pages.push({
      index: count,
      mode: download.endWithMode,
      bufferId: download.bufferId,
      bufferOffsetBytes: download.offsetBytes + image.length + (-image.length & 3),
      data: new Uint8Array(0),
      timeoutMs: timeouts.lastMs,
      last: true,
    });
  }
  return pages;
}
