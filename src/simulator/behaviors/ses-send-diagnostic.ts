import { viewOf } from '../../base/bytes.ts';
import type { ScsiCommand } from '../../scsi/command.ts';
import { OperationCode } from '../../scsi/command.ts';
import { downloadMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { decodeSendDiagnosticCdb } from '../../ses/send-diagnostic.ts';
import type { CommandOutcome } from '../../transport/transport.ts';
import {
  DATA_PHASE_ERROR,
  PARAMETER_LIST_LENGTH_ERROR,
  good,
  invalidFieldInCdb,
  invalidFieldInParameterList,
} from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';
import { refuseControlPage, takeControlPage } from './ses-download-control.ts';

const PAGE_HEADER_BYTES = 4;
const PAGE_LENGTH_BYTE = 2;
const PARAMETER_LIST_LENGTH_BYTE = 3;

/** SEND DIAGNOSTIC: the default self-test, and page 0Eh. Other control pages are not for microcode and are refused. */
export const answerSendDiagnostic: Behavior = (command, device, nexus) => {
  const { enclosure } = device;
  if (command.cdb[0] !== OperationCode.sendDiagnostic || enclosure === null) return undefined;
  const { selfTestCode, selfTest, pageFormat, parameterListBytes } = decodeSendDiagnosticCdb(command.cdb);
  if (selfTestCode !== 0) return device.refuse(invalidFieldInCdb(1, 7));
  if (parameterListBytes === 0) return taken(command, 0); // a self-test, or nothing: neither is an error
  if (selfTest) return device.refuse(invalidFieldInCdb(PARAMETER_LIST_LENGTH_BYTE));
  if (!pageFormat) return device.refuse(invalidFieldInCdb(1, 4));
  if (parameterListBytes > (command.dataOut?.length ?? 0)) return device.refuse(DATA_PHASE_ERROR);
  if (parameterListBytes < PAGE_HEADER_BYTES) return device.refuse(PARAMETER_LIST_LENGTH_ERROR);
  const page = command.dataOut!.subarray(0, parameterListBytes);
  if (page[0] !== downloadMicrocodeStatus.pageCode) return device.refuse(invalidFieldInParameterList(0));
  if (PAGE_HEADER_BYTES + viewOf(page).getUint16(PAGE_LENGTH_BYTE) !== page.length) {
    // SPC: a list length that cuts the page is wrong in the CDB; for the download it is a wrong field of the page.
    refuseControlPage(page, PAGE_LENGTH_BYTE, enclosure);
    return device.refuse(invalidFieldInCdb(PARAMETER_LIST_LENGTH_BYTE));
  }
  return takeControlPage(page, enclosure, device, nexus) ?? taken(command, parameterListBytes);
};

function taken(command: ScsiCommand, bytes: number): CommandOutcome {
  return { ...good(command), residualBytes: (command.dataOut?.length ?? 0) - bytes };
}
