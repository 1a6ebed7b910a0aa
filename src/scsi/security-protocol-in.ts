import { DecodeError } from '../base/errors.ts';
import { requireLength, viewOf } from '../base/bytes.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';

/** TCG Storage Architecture Core Specification, Level 0 Discovery: SECURITY PROTOCOL 01h, SECURITY PROTOCOL SPECIFIC 0001h. */
export const LEVEL_0_DISCOVERY = { protocol: 0x01, specific: 0x0001 } as const;

/** Locking feature (0002h) of Level 0 Discovery: what a self-encrypting drive says of its locks. */
export interface LockingFeature {
  readonly supported: boolean;
  /** Somebody took ownership: the drive locks its data when its power goes. */
  readonly enabled: boolean;
  /** At least one range of data is locked now. */
  readonly locked: boolean;
}

const CDB_BYTES = 12;
const HEADER_BYTES = 48;
const LOCKING = 0x0002;
const ANSWER_BYTES = 512;
/** Drives answer with some hundred bytes; a length beyond this is garbage. */
const LARGEST_ANSWER_BYTES = 0x10000;
const NAME = 'Level 0 Discovery';

/** SECURITY PROTOCOL IN (SPC). Changes nothing. null: the drive has no locking feature. */
export function level0Discovery(answerBytes = ANSWER_BYTES): ScsiCommand<LockingFeature | null> {
  const cdb = new Uint8Array(CDB_BYTES);
  cdb[0] = OperationCode.securityProtocolIn;
  cdb[1] = LEVEL_0_DISCOVERY.protocol;
  const view = viewOf(cdb);
  view.setUint16(2, LEVEL_0_DISCOVERY.specific);
  view.setUint32(6, answerBytes); // INC_512 is 0: bytes
  return {
    name: 'SECURITY PROTOCOL IN (Level 0 Discovery)',
    cdb,
    dataInBytes: answerBytes,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: decodeLevel0Discovery,
    longer: (length) => level0Discovery(Math.min(length, LARGEST_ANSWER_BYTES)),
  };
}

/** The locking feature among the feature descriptors behind the header. Throws DecodeError for one that is cut off. */
export function decodeLevel0Discovery(bytes: Uint8Array): LockingFeature | null {
  requireLength(NAME, bytes, HEADER_BYTES);
  const view = viewOf(bytes);
  const end = view.getUint32(0) + 4; // LENGTH OF PARAMETER DATA counts what follows it
  requireLength(NAME, bytes, end);
  for (let at = HEADER_BYTES; at + 4 <= end; at += 4 + bytes[at + 3]!) {
    if (view.getUint16(at) !== LOCKING) continue;
    if (bytes[at + 3]! < 1 || at + 5 > end)
      throw new DecodeError('short-page', `${NAME}: the locking feature at byte ${at} has no data`);
    const flags = bytes[at + 4]!;
    return {
      supported: (flags & 0x01) !== 0,
      enabled: (flags & 0x02) !== 0,
      locked: (flags & 0x04) !== 0,
    };
  }
  return null;
}
