import { requireRange, viewOf } from '../base/bytes.ts';
import { requireCdb } from '../scsi/cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

const NAME = 'RECEIVE DIAGNOSTIC RESULTS';
const ALLOCATION_BYTES = 0x2000; // what sg_ses_microcode asks for
const LARGEST_ALLOCATION_BYTES = 0xffff;

/**
 * Asks an enclosure for one diagnostic page. A longer page is asked for again with its length, unless it is given only once.
 * Page 0Eh has side effects: see `download-microcode-status.ts`.
 */
export function receiveDiagnosticResults<Value>(
  page: DiagnosticPage<Value>,
  {
    allocationBytes = ALLOCATION_BYTES,
    timeoutMs = PROBE_TIMEOUT_MS,
  }: { readonly allocationBytes?: number; readonly timeoutMs?: number } = {},
): ScsiCommand<Value> {
  requireRange('PAGE CODE', page.pageCode, 0xff);
  requireRange('ALLOCATION LENGTH', allocationBytes, 0xffff);
  const pageCodeValid = 0x01; // PCV
  const cdb = new Uint8Array([OperationCode.receiveDiagnosticResults, pageCodeValid, page.pageCode, 0, 0, 0]);
  viewOf(cdb).setUint16(3, allocationBytes);
  return {
    name: `${NAME} (${page.name})`,
    cdb,
    dataInBytes: allocationBytes,
    timeoutMs,
    changesDevice: false,
    decode: (dataIn) => page.decode(dataIn),
    ...(page.isGivenOnce !== true && {
      longer: (answerBytes: number) =>
        receiveDiagnosticResults(page, {
          allocationBytes: Math.min(answerBytes, LARGEST_ALLOCATION_BYTES),
          timeoutMs,
        }),
    }),
  };
}

export interface ReceiveDiagnosticResultsCdb {
  /** null: PCV is 0, the device answers its last SEND DIAGNOSTIC. */
  readonly pageCode: number | null;
  readonly allocationBytes: number;
}

/** The fields of a CDB (SPC, RECEIVE DIAGNOSTIC RESULTS). Throws DecodeError for another command, or one that is cut. */
export function decodeReceiveDiagnosticResultsCdb(cdb: Uint8Array): ReceiveDiagnosticResultsCdb {
  requireCdb(NAME, cdb, OperationCode.receiveDiagnosticResults, 6);
  return { pageCode: (cdb[1]! & 0x01) === 0 ? null : cdb[2]!, allocationBytes: viewOf(cdb).getUint16(3) };
}
