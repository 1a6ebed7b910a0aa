import { DecodeError } from '../base/errors.ts';
import { requireCdb } from './cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { decodeSense } from './sense.ts';
import type { Sense } from './sense.ts';

const ALLOCATION_BYTES = 252;

/** REQUEST SENSE: progress of a running operation, or 0/00/22 when deferred microcode waits. The sense comes as data of a GOOD command. */
export function requestSense(): ScsiCommand<Sense> {
  return {
    name: 'REQUEST SENSE',
    cdb: new Uint8Array([OperationCode.requestSense, 0, 0, 0, ALLOCATION_BYTES, 0]),
    dataInBytes: ALLOCATION_BYTES,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: decodeAnswer,
  };
}

const FIXED_HEADER_BYTES = 8;
const CODES_END_BYTES = { fixed: 14, descriptor: 4 } as const;

/**
 * Sense data in which ADDITIONAL SENSE CODE and its QUALIFIER have arrived, or that says itself that it has none: half of an answer
 * must not say that nothing waits. Throws DecodeError.
 */
function decodeAnswer(bytes: Uint8Array): Sense {
  const sense = decodeSense(bytes);
  if (sense === null)
    throw new DecodeError('bad-field', `REQUEST SENSE: ${bytes.length} bytes that are not sense data`);
  const saidBytes = bytes.length < FIXED_HEADER_BYTES ? Infinity : FIXED_HEADER_BYTES + bytes[7]!;
  const neededBytes = Math.min(CODES_END_BYTES[sense.format], saidBytes);
  if (bytes.length < neededBytes)
    throw new DecodeError('short-page', `REQUEST SENSE: got ${bytes.length} bytes, need ${neededBytes}`);
  return sense;
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
