import { hex, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError, EncodeError } from '../base/errors.ts';
import type { MicrocodePart, ScsiCommand } from '../scsi/command.ts';
import { checkedPage } from './diagnostic-page.ts';
import { sendDiagnostic } from './send-diagnostic.ts';

/** DOWNLOAD MICROCODE MODE of page 0Eh, with the names of sg_ses_microcode. */
export const SES_MICROCODE_MODES = {
  dmc_offs: 0x06,
  dmc_offs_save: 0x07,
  dmc_offs_defer: 0x0e,
  activate_mc: 0x0f,
  /** A reserved value: the device drops a download in progress and reports status 80h. */
  dmc_abort: 0xff,
} as const;

/** Page 0Eh as it is sent, Download Microcode Control (SES). */
export interface DownloadMicrocodeControl {
  /** 0: primary. */
  readonly subenclosureId: number;
  /** EXPECTED GENERATION CODE: that of page 01h or 0Eh, read just before. */
  readonly generationCode: number;
  readonly mode: number;
  readonly bufferId: number;
  /** Multiple of 4. */
  readonly bufferOffsetBytes: number;
  /** MICROCODE IMAGE LENGTH: the whole image, not this page's part. */
  readonly imageLengthBytes: number;
  /** Without the padding, which the page gets by itself. Empty for activate_mc and dmc_abort. Decoded: bytes of the page. */
  readonly data: Uint8Array;
}

const PAGE = { pageCode: 0x0e, name: 'download microcode control' } as const;
const HEADER_BYTES = 24;

/**
 * The page carries its length in 16 bits, like SEND DIAGNOSTIC: of 65,535 bytes the largest multiple of 4 is
 * 65,532, and the header takes 24 of them.
 */
export const SES_MAXIMUM_DATA_BYTES = 65_508;

/** How long sg_ses_microcode waits for a SEND DIAGNOSTIC of page 0Eh: an enclosure may write its flash meanwhile. */
const SES_DOWNLOAD_TIMEOUT_MS = 7_200_000;

/** SEND DIAGNOSTIC with page 0Eh. Throws EncodeError as {@link encodeDownloadMicrocodeControl} does. */
export function downloadMicrocode(
  control: DownloadMicrocodeControl,
  timeoutMs = SES_DOWNLOAD_TIMEOUT_MS,
): ScsiCommand<void> {
  const page = encodeDownloadMicrocodeControl(control);
  const command = sendDiagnostic(`${PAGE.name}, ${sesMicrocodeModeName(control.mode)}`, page, timeoutMs);
  const { mode, bufferOffsetBytes: offsetBytes, data, subenclosureId } = control;
  const sends = { kind: partKind(mode), mode, offsetBytes, dataBytes: data.length, subenclosureId };
  return { ...command, sends };
}

function partKind(mode: number): MicrocodePart['kind'] {
  if (mode === SES_MICROCODE_MODES.activate_mc) return 'activation';
  return mode === SES_MICROCODE_MODES.dmc_abort ? 'abort' : 'part';
}

/** `dmc_offs_save`, or `mode 0Dh` for one that the page does not have. Never throws. */
export function sesMicrocodeModeName(mode: number): string {
  const known = Object.entries(SES_MICROCODE_MODES).find(([, value]) => value === mode);
  return known?.[0] ?? `mode ${hex(mode)}`;
}

/** Header, data, and zeros up to a multiple of 4. Throws EncodeError: nothing is ever cut or wrapped. */
export function encodeDownloadMicrocodeControl(control: DownloadMicrocodeControl): Uint8Array {
  const { data } = control;
  requireRange('SUBENCLOSURE IDENTIFIER', control.subenclosureId, 0xff);
  requireRange('EXPECTED GENERATION CODE', control.generationCode, 0xffffffff);
  requireRange('DOWNLOAD MICROCODE MODE', control.mode, 0xff);
  requireRange('BUFFER ID', control.bufferId, 0xff);
  requireRange('BUFFER OFFSET', control.bufferOffsetBytes, 0xffffffff);
  requireRange('MICROCODE IMAGE LENGTH', control.imageLengthBytes, 0xffffffff);
  if (control.bufferOffsetBytes % 4 !== 0) {
    throw new EncodeError(
      'out-of-range',
      `BUFFER OFFSET is ${control.bufferOffsetBytes}; it must be a multiple of 4`,
      { offsetBytes: control.bufferOffsetBytes },
    );
  }
  if (data.length > SES_MAXIMUM_DATA_BYTES) {
    throw new EncodeError(
      'out-of-range',
      `MICROCODE DATA LENGTH is ${data.length}; a page of at most 65535 bytes holds ${SES_MAXIMUM_DATA_BYTES} ` +
        `behind its ${HEADER_BYTES}-byte header, in multiples of 4`,
      { dataBytes: data.length },
    );
  }
  // One array for each page, and nothing put together of others: there are thousands of pages, and new memory is dear.
  const page = new Uint8Array(HEADER_BYTES + data.length + (-data.length & 3));
  const view = viewOf(page);
  view.setUint8(0, PAGE.pageCode);
  view.setUint8(1, control.subenclosureId);
  view.setUint16(2, page.length - 4);
  view.setUint32(4, control.generationCode);
  view.setUint8(8, control.mode);
  view.setUint8(11, control.bufferId);
  view.setUint32(12, control.bufferOffsetBytes);
  view.setUint32(16, control.imageLengthBytes);
  view.setUint32(20, data.length);
  page.set(data, HEADER_BYTES);
  return page;
}

/**
 * The enclosure's side. DecodeError `bad-field` when the data is longer than the page, or the offset no multiple of 4.
 *
 * @public for the tests, which read what was sent
 */
export function decodeDownloadMicrocodeControl(bytes: Uint8Array): DownloadMicrocodeControl {
  const page = checkedPage(PAGE, bytes, HEADER_BYTES);
  const view = viewOf(page);
  const dataEnd = HEADER_BYTES + view.getUint32(20);
  const bufferOffsetBytes = view.getUint32(12);
  if (dataEnd > page.length) {
    throw new DecodeError(
      'bad-field',
      `${PAGE.name}: MICROCODE DATA LENGTH is ${dataEnd - HEADER_BYTES}, the page holds ${page.length - HEADER_BYTES}`,
      { fieldByte: 20 },
    );
  }
  if (bufferOffsetBytes % 4 !== 0) {
    throw new DecodeError(
      'bad-field',
      `${PAGE.name}: BUFFER OFFSET ${bufferOffsetBytes} is not a multiple of 4`,
      {
        fieldByte: 12,
      },
    );
  }
  return {
    subenclosureId: page[1]!,
    generationCode: view.getUint32(4),
    mode: page[8]!,
    bufferId: page[11]!,
    bufferOffsetBytes,
    imageLengthBytes: view.getUint32(16),
    data: page.subarray(HEADER_BYTES, dataEnd),
  };
}

const CONTROL_FIELDS: readonly (readonly [firstByte: number, lastByte: number, name: string])[] = [
  [0, 0, 'PAGE CODE'],
  [1, 1, 'SUBENCLOSURE IDENTIFIER'],
  [2, 3, 'PAGE LENGTH'],
  [4, 7, 'EXPECTED GENERATION CODE'],
  [8, 8, 'DOWNLOAD MICROCODE MODE'],
  [9, 10, 'reserved bytes'],
  [11, 11, 'BUFFER ID'],
  [12, 15, 'BUFFER OFFSET'],
  [16, 19, 'MICROCODE IMAGE LENGTH'],
  [20, 23, 'MICROCODE DATA LENGTH'],
];

/**
 * The field of the control page that ADDITIONAL STATUS points to with status 80h. A device that reports no place
 * leaves 0, which is then the page code. Never throws.
 */
export function controlFieldName(byte: number): string {
  const field = CONTROL_FIELDS.find(([first, last]) => byte >= first && byte <= last);
  return field?.[2] ?? 'MICROCODE DATA';
}
