import type { LabFaultWords } from '../generated/lab.ts';
import { OperationCode } from '../scsi/command.ts';
import type { CommandOutcome } from '../transport/transport.ts';
import { labTimeMs } from './lab-time.ts';
import type { Fault } from './faults.ts';
import { labLeave } from './lab-leave.ts';

const OPERATION_CODES: Readonly<Record<LabFaultWords['command'], number>> = {
  'test-unit-ready': OperationCode.testUnitReady,
  'request-sense': OperationCode.requestSense,
  inquiry: OperationCode.inquiry,
  'receive-diagnostic-results': OperationCode.receiveDiagnosticResults,
  'send-diagnostic': OperationCode.sendDiagnostic,
  'write-buffer': OperationCode.writeBuffer,
  'read-buffer': OperationCode.readBuffer,
  'report-luns': OperationCode.reportLuns,
  'report-supported-operation-codes': OperationCode.maintenanceIn,
};

/**
 * An entry of `faults:` in a lab file. The words were checked against the schema.
 *
 * @param nexusOf the path that a node belongs to
 */
export function labFault(words: LabFaultWords, nexusOf: (node: string) => string): Fault {
  const { sense, moment, path, delay, reset, leaves } = words;
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
      ...(moment === undefined ? {} : { moment }),
      ...(path === undefined ? {} : { nexus: nexusOf(path) }),
      nth: words.nth ?? 1,
      times: words.times ?? 1,
    },
    executed: words.executed ?? saysOnlyWhatComesAfter(words),
    ...(sense === undefined ? {} : { sense: parseSense(sense) }),
    answer,
    ...(delay === undefined ? {} : { delayMs: labTimeMs(delay, 'delay') }),
    ...(reset === undefined && leaves === undefined ? {} : { then: afterwards(words) }),
  };
}

function afterwards({ reset, leaves }: LabFaultWords): NonNullable<Fault['then']> {
  return (device) => {
    if (reset === 'hard-reset') device.hardReset();
    if (reset === 'power-cycle') device.powerCycle();
    if (leaves !== undefined) device.leave(labLeave(leaves));
  };
}

const ANSWERS = ['sense', 'status', 'host-status', 'driver-status', 'errno', 'residual'] as const;

/** Without another answer, a delay or a reset alone leaves the command as it is. */
function saysOnlyWhatComesAfter(words: LabFaultWords): boolean {
  const after = words.delay ?? words.reset ?? words.leaves;
  return after !== undefined && ANSWERS.every((key) => words[key] === undefined);
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
