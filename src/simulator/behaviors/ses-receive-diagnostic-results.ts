import { OperationCode } from '../../scsi/command.ts';
import { downloadMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { decodeReceiveDiagnosticResultsCdb } from '../../ses/receive-diagnostic-results.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { SesEnclosure } from '../ses-enclosure.ts';
import { describeEnclosure, sesPages } from '../ses-pages.ts';
import type { Behavior, SimulatedDevice } from '../simulated-device.ts';
import { startSesCode } from './ses-activation.ts';

const STATUS_HEADER_BYTES = 8;
const STATUS_ENTRY_BYTES = 16;

/**
 * In front of every other behavior of an enclosure: first what time brought. A download that stood still is dropped, a
 * flash is written, and the generation code follows page 01h.
 */
export const settleEnclosure: Behavior = (_command, device) => {
  const { enclosure } = device;
  if (enclosure === null) return undefined;
  enclosure.settle();
  enclosure.describe(describeEnclosure(device, enclosure));
  return undefined;
};

/** RECEIVE DIAGNOSTIC RESULTS of the SES pages. Reading a final status in page 0Eh uses it up. */
export const answerReceiveDiagnosticResults: Behavior = (command, device, nexus) => {
  const { enclosure } = device;
  if (command.cdb[0] !== OperationCode.receiveDiagnosticResults || enclosure === null) return undefined;
  const { pageCode, allocationBytes } = decodeReceiveDiagnosticResultsCdb(command.cdb);
  if (pageCode === null) return device.refuse(invalidFieldInCdb(1, 0)); // every SES page is asked for by its code
  const page = sesPages(device, enclosure).get(pageCode);
  if (page === undefined) return device.refuse(invalidFieldInCdb(2));
  const answer = good(command, page(), allocationBytes);
  if (pageCode === downloadMicrocodeStatus.pageCode) {
    useUp(answer.dataIn.length, device, enclosure, nexus);
  }
  return answer;
};

/** Only what was returned was read: a short allocation leaves the statuses behind it as they are. */
function useUp(
  returnedBytes: number,
  device: SimulatedDevice,
  { subenclosures }: SesEnclosure,
  nexus: string,
): void {
  for (const [index, subenclosure] of subenclosures.entries()) {
    if (returnedBytes < STATUS_HEADER_BYTES + (index + 1) * STATUS_ENTRY_BYTES) return;
    subenclosure.wasRead();
    startSesCode(subenclosure, device, nexus); // status 10h: after returning this status
  }
}
