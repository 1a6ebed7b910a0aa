import { OperationCode } from '../../scsi/command.ts';
import { HostStatus } from '../../scsi/status.ts';
import { decodeReceiveDiagnosticResultsCdb } from '../../ses/receive-diagnostic-results.ts';
import { downloadMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { outcomeOf } from '../../transport/transport.ts';
import { good, invalidFieldInParameterList } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';
import { SesStatus } from '../ses-subenclosure.ts';
import { startSesCode } from './ses-activation.ts';
import { answerReceiveDiagnosticResults } from './ses-receive-diagnostic-results.ts';
import { answerSendDiagnostic } from './ses-send-diagnostic.ts';

/** When the host adapter gives up on a device that does not answer, if the time-out of the command is not shorter. */
const ADAPTER_GIVES_UP_MS = 10_000;
const SHORT_ENCLOSURE_STATUS = 0x08;
const CONTROL_HEADER_BYTES = 24;

/** No answer to anything, INQUIRY included, from a process that hangs or has nothing to boot. */
export const staySilent: Behavior = (_command, { enclosure }) =>
  enclosure === null || enclosure.silent === null
    ? undefined
    : outcomeOf({ hostStatus: HostStatus.timeOut, durationMs: ADAPTER_GIVES_UP_MS });

/** Hangs until its power is cycled when a page 0Eh carries more than `maximumBytes` of data. */
export function lockUpAbove(maximumBytes: number): Behavior {
  return (command, device, nexus) => {
    const { cdb, dataOut = new Uint8Array(0) } = command;
    const tooMuch =
      cdb[0] === OperationCode.sendDiagnostic &&
      dataOut[0] === downloadMicrocodeStatus.pageCode &&
      dataOut.length > CONTROL_HEADER_BYTES + maximumBytes;
    if (!tooMuch || device.enclosure === null) return undefined;
    device.enclosure.silent = 'until-power-on';
    return staySilent(command, device, nexus);
  };
}

/** Drops a download when page 0Eh is read, in silence: the page after the reading is then out of order (`--non`). */
export const dropWhenStatusIsRead: Behavior = (command, device, nexus) => {
  const answer = answerReceiveDiagnosticResults(command, device, nexus);
  if (answer?.status !== 0) return answer;
  const { pageCode } = decodeReceiveDiagnosticResultsCdb(command.cdb);
  if (pageCode !== downloadMicrocodeStatus.pageCode) return answer;
  for (const subenclosure of device.enclosure?.subenclosures ?? []) {
    if (subenclosure.download !== null) subenclosure.forget();
  }
  return answer;
};

/** Starts new code right after the last page, without waiting until its status was read (`--ealsd`). */
export const startUnread: Behavior = (command, device, nexus) => {
  const answer = answerSendDiagnostic(command, device, nexus);
  if (answer === undefined) return undefined;
  device.enclosure?.settle();
  for (const subenclosure of device.enclosure?.subenclosures ?? []) {
    startSesCode(subenclosure, device, nexus);
  }
  return answer;
};

/**
 * Every download ends with this status instead of success. After 83h the next image is taken: that is what the
 * status asks for.
 */
export function endWithStatus(status: number, additionalStatus = 0): Behavior {
  return (command, device, nexus) => {
    const answer = answerSendDiagnostic(command, device, nexus);
    if (answer === undefined) return undefined;
    for (const subenclosure of device.enclosure?.subenclosures ?? []) {
      const healing = status === SesStatus.needsMicrocode && subenclosure.damaged;
      if (subenclosure.writing !== null && !healing) subenclosure.fail(status, additionalStatus);
    }
    return answer;
  };
}

/** A simple enclosure (SES): page 08h to everything, and no control page. */
export const answerSimpleEnclosure: Behavior = (command, device) => {
  switch (command.cdb[0]) {
    case OperationCode.receiveDiagnosticResults: {
      const { allocationBytes } = decodeReceiveDiagnosticResultsCdb(command.cdb);
      return good(command, Uint8Array.of(SHORT_ENCLOSURE_STATUS, 0, 0, 0), allocationBytes);
    }
    case OperationCode.sendDiagnostic:
      return device.refuse(invalidFieldInParameterList(0));
    default:
      return undefined;
  }
};
