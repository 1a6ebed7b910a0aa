import { OperationCode } from '../../scsi/command.ts';
import { BECOMING_READY, good } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';

/**
 * Reports the oldest pending unit attention instead of doing the command, and so clears it for this nexus. Stands
 * behind INQUIRY, REPORT LUNS and REQUEST SENSE, which are executed despite it (SAM).
 */
export const reportUnitAttention: Behavior = (_command, device, nexus) => {
  const attention = device.unitAttentions.take(nexus);
  return attention === null ? undefined : device.refuse({ key: 6, ...attention });
};

/** 2/04/01 for everything that comes while new code starts. */
export const reportBecomingReady: Behavior = (_command, device) =>
  device.ready ? undefined : device.refuse(BECOMING_READY);

/** TEST UNIT READY: whoever gets as far as here is ready. */
export const answerTestUnitReady: Behavior = (command) =>
  command.cdb[0] === OperationCode.testUnitReady ? good(command) : undefined;
