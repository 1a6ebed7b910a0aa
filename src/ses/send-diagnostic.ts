import { requireRange, viewOf } from '../base/bytes.ts';
import { requireCdb } from '../scsi/cdb.ts';
import { OperationCode } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';

const NAME = 'SEND DIAGNOSTIC';
const PAGE_FORMAT = 0x10; // PF

/** Sends one whole diagnostic page (PF 1, everything else 0). Throws EncodeError when it is over 65,535 bytes. */
export function sendDiagnostic(pageName: string, page: Uint8Array, timeoutMs: number): ScsiCommand<void> {
  requireRange('PARAMETER LIST LENGTH', page.length, 0xffff);
  const cdb = new Uint8Array([OperationCode.sendDiagnostic, PAGE_FORMAT, 0, 0, 0, 0]);
  viewOf(cdb).setUint16(3, page.length);
  return {
    name: `${NAME} (${pageName})`,
    cdb,
    dataOut: page,
    dataInBytes: 0,
    timeoutMs,
    changesDevice: true,
    decode: () => undefined,
  };
}

export interface SendDiagnosticCdb {
  readonly selfTestCode: number;
  /** PF: the data is a diagnostic page. */
  readonly pageFormat: boolean;
  readonly selfTest: boolean;
  readonly parameterListBytes: number;
}

/** The fields of a CDB (SPC, SEND DIAGNOSTIC). Throws DecodeError for another command, or one that is cut. */
export function decodeSendDiagnosticCdb(cdb: Uint8Array): SendDiagnosticCdb {
  requireCdb(NAME, cdb, OperationCode.sendDiagnostic, 6);
  return {
    selfTestCode: cdb[1]! >> 5,
    pageFormat: (cdb[1]! & PAGE_FORMAT) !== 0,
    selfTest: (cdb[1]! & 0x04) !== 0,
    parameterListBytes: viewOf(cdb).getUint16(3),
  };
}
