import { OperationCode } from '../../scsi/command.ts';
import {
  decodeReportSupportedOperationCodesCdb,
  encodeSupportedOperationCode,
} from '../../scsi/report-supported-operation-codes.ts';
import type { AffectedUnits, CommandTimeouts } from '../../scsi/report-supported-operation-codes.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { Behavior, SimulatedDevice } from '../simulated-device.ts';

const SERVICE_ACTION = 0x0c;
/** REPORTING OPTIONS: one command, named without (1), with (2), or with either kind of (3) service action. */
const WITHOUT_SERVICE_ACTION = 1;
const WITH_SERVICE_ACTION = 2;
const EITHER = 3;
/** Bits of byte 1 that are the service action: 5 bits for READ BUFFER and WRITE BUFFER (MODE) and MAINTENANCE IN. */
const SERVICE_ACTION_MASK = 0x1f;
const READ_BUFFER_DESCRIPTOR = 0x03;

/** CDB USAGE DATA of what the simulated devices know: 1 for each bit that they look at. */
const USAGE: Readonly<Record<number, readonly number[]>> = {
  [OperationCode.testUnitReady]: [0, 0, 0, 0, 0],
  [OperationCode.requestSense]: [0x01, 0, 0, 0xff, 0],
  [OperationCode.inquiry]: [0x01, 0xff, 0xff, 0xff, 0],
  [OperationCode.startStopUnit]: [0x01, 0, 0x0f, 0xf7, 0],
  [OperationCode.writeBuffer]: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0],
  [OperationCode.readBuffer]: [0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0],
  [OperationCode.reportLuns]: [0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0],
  [OperationCode.maintenanceIn]: [0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0],
};

/** REPORT SUPPORTED OPERATION CODES about one command. Many enclosures do not know it: their personas leave it out. */
export const answerReportSupportedOperationCodes: Behavior = (command, device) => {
  if (command.cdb[0] !== OperationCode.maintenanceIn) return undefined;
  if ((command.cdb[1]! & SERVICE_ACTION_MASK) !== SERVICE_ACTION)
    return device.refuse(invalidFieldInCdb(1, 4));
  const asked = decodeReportSupportedOperationCodesCdb(command.cdb);
  const { reportingOptions, operationCode, serviceAction, returnTimeouts, allocationBytes } = asked;
  const serviceActions = serviceActionsOf(device, operationCode);
  // SPC: naming a service action where there is none, or none where there are some, is an error in the CDB.
  const named = reportingOptions === WITH_SERVICE_ACTION;
  const wrongOption =
    reportingOptions < WITHOUT_SERVICE_ACTION ||
    reportingOptions > EITHER ||
    (reportingOptions !== EITHER &&
      USAGE[operationCode] !== undefined &&
      named !== (serviceActions !== null));
  if (wrongOption) return device.refuse(invalidFieldInCdb(2, 2));

  const usage = USAGE[operationCode];
  const supported = usage !== undefined && (serviceActions?.includes(serviceAction) ?? true);
  if (!supported) {
    const cdbUsage = new Uint8Array(0);
    const answer = { support: 'not-supported', cdbUsage, timeouts: null, affects: 'not-said' } as const;
    return good(command, encodeSupportedOperationCode(answer), allocationBytes);
  }
  const cdbUsage = Uint8Array.from([operationCode, ...usage]);
  // Where a service action is part of the byte, the usage map shows its value instead of ones.
  if (serviceActions !== null) cdbUsage[1] = (cdbUsage[1]! & ~SERVICE_ACTION_MASK) | serviceAction;
  const timeouts = returnTimeouts ? timeoutsOf(device, operationCode) : null;
  return good(
    command,
    encodeSupportedOperationCode({
      support: 'standard',
      cdbUsage,
      timeouts,
      affects: affectedBy(device, operationCode),
    }),
    allocationBytes,
  );
};

function serviceActionsOf(device: SimulatedDevice, operationCode: number): readonly number[] | null {
  switch (operationCode) {
    case OperationCode.writeBuffer:
      return device.persona.download.modes;
    case OperationCode.readBuffer:
      return [READ_BUFFER_DESCRIPTOR];
    case OperationCode.maintenanceIn:
      return [SERVICE_ACTION];
    default:
      return null;
  }
}

function timeoutsOf({ persona }: SimulatedDevice, operationCode: number): CommandTimeouts {
  if (operationCode !== OperationCode.writeBuffer) {
    return { commandSpecific: 0, nominalSeconds: 0, recommendedSeconds: 0 };
  }
  const { nominalS, recommendedS, unreachableS } = persona.timeouts;
  return { commandSpecific: unreachableS, nominalSeconds: nominalS, recommendedSeconds: recommendedS };
}

const affectedBy = ({ persona }: SimulatedDevice, operationCode: number): AffectedUnits =>
  operationCode === OperationCode.writeBuffer && persona.sharesMicrocode === true ? 'all-units' : 'not-said';
