import type { ScsiCommand } from '../scsi/command.ts';
import type { SenseFields } from '../scsi/sense.ts';
import { encodeFixedSense } from '../scsi/sense.ts';
import { ScsiStatus } from '../scsi/status.ts';
import type { CommandOutcome } from '../transport/transport.ts';
import { outcomeOf } from '../transport/transport.ts';

export type SenseEncoder = (sense: SenseFields) => Uint8Array;

/** Kernels say driver status 8 (DRIVER_SENSE) exactly where the status is CHECK CONDITION. */
const DRIVER_SENSE = 8;

/** GOOD. Data-in is cut at the allocation length of the CDB and at the buffer of the initiator; the rest is residual. */
export function good(command: ScsiCommand, page?: Uint8Array, allocationBytes = Infinity): CommandOutcome {
  if (page === undefined) return outcomeOf({ residualBytes: command.dataOut ? 0 : command.dataInBytes });
  const dataIn = page.slice(0, Math.min(allocationBytes, command.dataInBytes));
  return outcomeOf({ dataIn, residualBytes: command.dataInBytes - dataIn.length });
}

/** CHECK CONDITION with sense data. */
export function checkCondition(sense: SenseFields, encode: SenseEncoder = encodeFixedSense): CommandOutcome {
  return outcomeOf({
    status: ScsiStatus.checkCondition,
    driverStatus: DRIVER_SENSE,
    sense: encode(sense),
  });
}

/** 5/20/00 INVALID COMMAND OPERATION CODE. */
export const INVALID_OPERATION_CODE: SenseFields = { key: 5, asc: 0x20, ascq: 0x00 };
/** 5/26/00 INVALID FIELD IN PARAMETER LIST: what a device says of an image that it does not know. */
export const IMAGE_REFUSED: SenseFields = { key: 5, asc: 0x26, ascq: 0x00 };
/** 5/1A/00 PARAMETER LIST LENGTH ERROR. */
export const PARAMETER_LIST_LENGTH_ERROR: SenseFields = { key: 5, asc: 0x1a, ascq: 0x00 };
/** 5/2C/00 COMMAND SEQUENCE ERROR. */
export const COMMAND_SEQUENCE_ERROR: SenseFields = { key: 5, asc: 0x2c, ascq: 0x00 };
/** 2/04/01 LOGICAL UNIT IS IN PROCESS OF BECOMING READY. */
export const BECOMING_READY: SenseFields = { key: 2, asc: 0x04, ascq: 0x01 };
/** B/4B/00 DATA PHASE ERROR: less data came than the CDB announced. */
export const DATA_PHASE_ERROR: SenseFields = { key: 0xb, asc: 0x4b, ascq: 0x00 };

/**
 * 5/24/00 INVALID FIELD IN CDB with a field pointer (SPC, sense key specific data). `bit` is the most significant bit
 * of a field that is smaller than its byte.
 */
export function invalidFieldInCdb(byte: number, bit: number | null = null): SenseFields {
  return { key: 5, asc: 0x24, ascq: 0x00, fieldPointer: { inCdb: true, byte, bit } };
}

/** 5/26/00 INVALID FIELD IN PARAMETER LIST with a field pointer to a byte of the data that was sent. */
export function invalidFieldInParameterList(byte: number): SenseFields {
  return { ...IMAGE_REFUSED, fieldPointer: { inCdb: false, byte, bit: null } };
}
