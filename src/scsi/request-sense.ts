import { requireCdb } from './cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { decodeSense } from './sense.ts';
import type { Sense } from './sense.ts';

const ALLOCATION_BYTES = 252;

/**
 * REQUEST SENSE: progress of a running operation, or 0/00/22 when deferred microcode waits. The sense comes as data
 * of a GOOD command. null: the data was not sense data.
 */
export function requestSense(): ScsiCommand<Sense | null> {
  return {
    name: 'REQUEST SENSE',
    cdb: new Uint8Array([OperationCode.requestSense, 0, 0, 0, ALLOCATION_BYTES, 0]),
    dataInBytes: ALLOCATION_BYTES,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: decodeSense,
  };
}

export interface RequestSenseCdb {
  /** DESC: descriptor format is asked for. */
  readonly descriptorFormat: boolean;
  readonly allocationBytes: number;
}

/** The fields of a CDB (SPC, REQUEST SENSE). Throws DecodeError for another command, or one that is cut. */
export function decodeRequestSenseCdb(cdb: Uint8Array): RequestSenseCdb {
  requireCdb('REQUEST SENSE', cdb, OperationCode.requestSense, 6);
  return { descriptorFormat: (cdb[1]! & 0x01) !== 0, allocationBytes: cdb[4]! };
}
