import { OperationCode } from '../../scsi/command.ts';
import { decodeRequestSenseCdb } from '../../scsi/request-sense.ts';
import type { SenseFields } from '../../scsi/sense.ts';
import { encodeDescriptorSense, encodeFixedSense } from '../../scsi/sense.ts';
import { BECOMING_READY, good } from '../answers.ts';
import type { Behavior, SimulatedDevice } from '../simulated-device.ts';

/** 0/00/22 DEFERRED MICROCODE IS PENDING. */
const DEFERRED_PENDING: SenseFields = { key: 0, asc: 0x00, ascq: 0x22 };
const NOTHING_TO_SAY: SenseFields = { key: 0, asc: 0x00, ascq: 0x00 };

/** REQUEST SENSE: what the device would say, as data of a GOOD command. Unit attentions stay pending (SAM allows both). */
export const answerRequestSense: Behavior = (command, device) => {
  if (command.cdb[0] !== OperationCode.requestSense) return undefined;
  const { descriptorFormat, allocationBytes } = decodeRequestSenseCdb(command.cdb);
  const encode = descriptorFormat ? encodeDescriptorSense : encodeFixedSense;
  return good(command, encode(pendingSense(device)), allocationBytes);
};

function pendingSense(device: SimulatedDevice): SenseFields {
  if (!device.ready) return BECOMING_READY;
  return device.microcode.deferredPending ? DEFERRED_PENDING : NOTHING_TO_SAY;
}
