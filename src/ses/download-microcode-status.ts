import { concatBytes, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError } from '../base/errors.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { checkedPage, pageOf, uint32Bytes } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';
import { receiveDiagnosticResults } from './receive-diagnostic-results.ts';

/** Page 0Eh as it is received, Download Microcode Status (SES). */
export interface DownloadMicrocodeStatus {
  readonly generationCode: number;
  /** One per subenclosure; find yours by its id, never by its place. */
  readonly subenclosures: readonly SubenclosureMicrocodeStatus[];
}

export interface SubenclosureMicrocodeStatus {
  /** 0: primary. */
  readonly subenclosureId: number;
  /** See `microcode-status.ts`. */
  readonly status: number;
  /** With status 80h the byte of the control page that was wrong: see `controlFieldName`. */
  readonly additionalStatus: number;
  /** 0: not reported. */
  readonly maximumImageBytes: number;
  readonly expectedBufferId: number;
  /** Where the device wants the next page to begin; {@link ANY_OFFSET}: anywhere. */
  readonly expectedOffsetBytes: number;
}

/** EXPECTED BUFFER OFFSET of a device that takes any. */
export const ANY_OFFSET = 0xffffffff;

/** How long sg_ses_microcode waits for this page: an enclosure that writes its flash is slow to answer. */
export const MICROCODE_STATUS_TIMEOUT_MS = 60_000;

const HEADER_BYTES = 8;
const ENTRY_BYTES = 16;

/**
 * Asks for page 0Eh. Not harmless: the device shows a final status once and forgets it when it was read, and
 * some devices drop a download in progress (rules for reading it stand where it is used).
 */
export function receiveMicrocodeStatus(
  timeoutMs = MICROCODE_STATUS_TIMEOUT_MS,
): ScsiCommand<DownloadMicrocodeStatus> {
  return receiveDiagnosticResults(downloadMicrocodeStatus, { timeoutMs });
}

export const downloadMicrocodeStatus: DiagnosticPage<DownloadMicrocodeStatus> = {
  pageCode: 0x0e,
  name: 'download microcode status',
  isGivenOnce: true,
  decode(bytes) {
    const page = checkedPage(downloadMicrocodeStatus, bytes, HEADER_BYTES);
    const count = page[1]! + 1; // NUMBER OF SECONDARY SUBENCLOSURES
    if (page.length < HEADER_BYTES + count * ENTRY_BYTES) {
      throw new DecodeError(
        'bad-field',
        `download microcode status diagnostic page (0Eh): ${page.length} bytes do not hold ${count} subenclosures`,
      );
    }
    return {
      generationCode: viewOf(page).getUint32(4),
      subenclosures: Array.from({ length: count }, (_, i) =>
        decodeEntry(page.subarray(HEADER_BYTES + i * ENTRY_BYTES, HEADER_BYTES + (i + 1) * ENTRY_BYTES)),
      ),
    };
  },
  encode(value) {
    requireRange('NUMBER OF SECONDARY SUBENCLOSURES', value.subenclosures.length - 1, 0xff);
    const body = concatBytes(
      uint32Bytes('GENERATION CODE', value.generationCode),
      ...value.subenclosures.map(encodeEntry),
    );
    return pageOf(downloadMicrocodeStatus.pageCode, value.subenclosures.length - 1, body);
  },
};

function decodeEntry(entry: Uint8Array): SubenclosureMicrocodeStatus {
  const view = viewOf(entry);
  return {
    subenclosureId: entry[1]!,
    status: entry[2]!,
    additionalStatus: entry[3]!,
    maximumImageBytes: view.getUint32(4),
    expectedBufferId: entry[11]!,
    expectedOffsetBytes: view.getUint32(12),
  };
}

function encodeEntry(value: SubenclosureMicrocodeStatus): Uint8Array {
  requireRange('SUBENCLOSURE IDENTIFIER', value.subenclosureId, 0xff);
  requireRange('DOWNLOAD MICROCODE STATUS', value.status, 0xff);
  requireRange('ADDITIONAL STATUS', value.additionalStatus, 0xff);
  requireRange('MAXIMUM IMAGE SIZE', value.maximumImageBytes, 0xffffffff);
  requireRange('EXPECTED BUFFER ID', value.expectedBufferId, 0xff);
  requireRange('EXPECTED BUFFER OFFSET', value.expectedOffsetBytes, 0xffffffff);
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = viewOf(entry);
  entry.set([0, value.subenclosureId, value.status, value.additionalStatus]);
  view.setUint32(4, value.maximumImageBytes);
  entry[11] = value.expectedBufferId;
  view.setUint32(12, value.expectedOffsetBytes);
  return entry;
}
