import type { LabFaultWords } from '../generated/lab.ts';
import { OperationCode } from '../scsi/command.ts';
import type { CommandOutcome } from '../transport/transport.ts';
import type { Fault } from './faults.ts';

const OPERATION_CODES: Readonly<Record<LabFaultWords['command'], number>> = {
  'test-unit-ready': OperationCode.testUnitReady,
  'request-sense': OperationCode.requestSense,
  inquiry: OperationCode.inquiry,
  'receive-diagnostic-results': OperationCode.receiveDiagnosticResults,
  'send-diagnostic': OperationCode.sendDiagnostic,
  'write-buffer': OperationCode.writeBuffer,
  'read-buffer': OperationCode.readBuffer,
  'report-supported-operation-codes': OperationCode.maintenanceIn,
};

/** An entry of `faults:` in a lab file. The words were checked against the schema. */
export function labFault(words: LabFaultWords): Fault {
  const { sense } = words;
  const answer = dropUndefined({
    status: words.status,
    hostStatus: words['host-status'],
    driverStatus: words['driver-status'],
    errno: words.errno,
    residualBytes: words.residual,
  });
  return {
    when: {
      operationCode: OPERATION_CODES[words.command],
      ...(words.mode === undefined ? {} : { mode: words.mode }),
      nth: words.nth ?? 1,
      times: words.times ?? 1,
    },
    executed: words.executed ?? false,
    ...(sense === undefined ? {} : { sense: parseSense(sense) }),
    answer,
  };
}

/** `5/24/00`: key, ASC and ASCQ in hex. */
function parseSense(text: string): { key: number; asc: number; ascq: number } {
  const [key = 0, asc = 0, ascq = 0] = text.split('/').map((part) => Number.parseInt(part, 16));
  return { key, asc, ascq };
}

function dropUndefined(fields: {
  [Key in keyof CommandOutcome]?: CommandOutcome[Key] | undefined;
}): Partial<CommandOutcome> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
