import { concatBytes, hex, requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError, EncodeError } from '../base/errors.ts';
import { requireCdb } from './cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';

/** Answer about one command (SPC, one-command parameter data). */
export interface SupportedOperationCode {
  readonly support: 'unknown' | 'not-supported' | 'standard' | 'vendor' | 'reserved';
  /** CDB USAGE DATA: byte 0 the operation code, then a 1 for each bit that the device looks at. Empty unless supported. */
  readonly cdbUsage: Uint8Array;
  readonly timeouts: CommandTimeouts | null;
  /** MLU: which logical units of the target the command works on. `not-said`: 00b, as all devices before SPC-6 say. */
  readonly affects: AffectedUnits;
}

/** MLU, from 00b to 11b (SPC-6, one-command parameter data). */
const AFFECTED = ['not-said', 'this-unit', 'several-units', 'all-units'] as const;

export type AffectedUnits = (typeof AFFECTED)[number];

export interface CommandTimeouts {
  /** For WRITE BUFFER download modes: the longest time in seconds for which the device may not answer afterwards. */
  readonly commandSpecific: number;
  /** 0: not given. */
  readonly nominalSeconds: number;
  /** 0: not given. */
  readonly recommendedSeconds: number;
}

const NAME = 'REPORT SUPPORTED OPERATION CODES';
const SERVICE_ACTION = 0x0c;
const RETURN_TIMEOUTS = 0x80; // RCTD
const WITHOUT_SERVICE_ACTION = 1;
const WITH_SERVICE_ACTION = 2;
const ALLOCATION_BYTES = 0x2000;
const TIMEOUTS_BYTES = 12;
const SUPPORT_CODES = { unknown: 0, 'not-supported': 1, standard: 3, vendor: 5 } as const;

/**
 * Asks whether a command is supported, and how long it may take. For WRITE BUFFER the MODE is the service action; null: the
 * command has none. Many enclosures answer 5/20/00 or 5/24/00: they do not know this command.
 */
export function reportSupportedOperationCode(
  asked: {
    readonly operationCode: number;
    readonly serviceAction: number | null;
  },
  allocationBytes = ALLOCATION_BYTES,
): ScsiCommand<SupportedOperationCode> {
  const serviceAction = asked.serviceAction ?? 0;
  requireRange('REQUESTED OPERATION CODE', asked.operationCode, 0xff);
  requireRange('REQUESTED SERVICE ACTION', serviceAction, 0xffff);
  const cdb = new Uint8Array(12);
  const view = viewOf(cdb);
  cdb[0] = OperationCode.maintenanceIn;
  cdb[1] = SERVICE_ACTION;
  cdb[2] = RETURN_TIMEOUTS | (asked.serviceAction === null ? WITHOUT_SERVICE_ACTION : WITH_SERVICE_ACTION);
  cdb[3] = asked.operationCode;
  view.setUint16(4, serviceAction);
  view.setUint32(6, allocationBytes);
  return {
    name: `${NAME} (${hex(asked.operationCode)}${asked.serviceAction === null ? '' : `/${hex(serviceAction)}`})`,
    cdb,
    dataInBytes: allocationBytes,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: decodeSupportedOperationCode,
    longer: (answerBytes) => reportSupportedOperationCode(asked, answerBytes),
  };
}

export function decodeSupportedOperationCode(bytes: Uint8Array): SupportedOperationCode {
  const page = 'one-command operation code data';
  requireLength(page, bytes, 2);
  const support = supportOf(bytes[1]! & 0x07);
  // Behind "unknown" and "not supported" the standard leaves everything undefined.
  if (support !== 'standard' && support !== 'vendor') {
    return { support, cdbUsage: new Uint8Array(0), timeouts: null, affects: 'not-said' };
  }
  requireLength(page, bytes, 4);
  const view = viewOf(bytes);
  const timeoutsAt = 4 + view.getUint16(2); // CDB SIZE
  const hasTimeouts = (bytes[1]! & 0x80) !== 0; // CTDP
  requireLength(page, bytes, timeoutsAt + (hasTimeouts ? TIMEOUTS_BYTES : 0));
  return {
    support,
    cdbUsage: bytes.slice(4, timeoutsAt),
    timeouts: hasTimeouts ? decodeTimeouts(view, timeoutsAt) : null,
    affects: AFFECTED[(bytes[1]! >> 5) & 0x3]!,
  };
}

function decodeTimeouts(view: DataView, at: number): CommandTimeouts {
  const descriptorLength = view.getUint16(at);
  if (descriptorLength < TIMEOUTS_BYTES - 2) {
    throw new DecodeError(
      'bad-field',
      `command timeouts descriptor: its length is ${descriptorLength}, not ${TIMEOUTS_BYTES - 2}`,
    );
  }
  return {
    commandSpecific: view.getUint8(at + 3),
    nominalSeconds: view.getUint32(at + 4),
    recommendedSeconds: view.getUint32(at + 8),
  };
}

function supportOf(code: number): SupportedOperationCode['support'] {
  const names = Object.keys(SUPPORT_CODES) as (keyof typeof SUPPORT_CODES)[];
  return names.find((name) => SUPPORT_CODES[name] === code) ?? 'reserved';
}

/** What a device answers. Only `standard` and `vendor` carry a usage map and time-outs. Throws EncodeError. */
export function encodeSupportedOperationCode(value: SupportedOperationCode): Uint8Array {
  if (value.support === 'reserved') {
    throw new EncodeError('out-of-range', 'SUPPORT has no code for "reserved"');
  }
  const supported = value.support === 'standard' || value.support === 'vendor';
  const header = new Uint8Array(4);
  header[1] = SUPPORT_CODES[value.support];
  if (!supported) return header;
  header[1] |= AFFECTED.indexOf(value.affects) << 5;
  requireRange('CDB SIZE', value.cdbUsage.length, 0xffff);
  viewOf(header).setUint16(2, value.cdbUsage.length);
  if (value.timeouts === null) return concatBytes(header, value.cdbUsage);
  header[1] |= 0x80;
  return concatBytes(header, value.cdbUsage, encodeTimeouts(value.timeouts));
}

function encodeTimeouts(timeouts: CommandTimeouts): Uint8Array {
  requireRange('COMMAND SPECIFIC', timeouts.commandSpecific, 0xff);
  requireRange('NOMINAL COMMAND PROCESSING TIMEOUT', timeouts.nominalSeconds, 0xffffffff);
  requireRange('RECOMMENDED COMMAND TIMEOUT', timeouts.recommendedSeconds, 0xffffffff);
  const bytes = new Uint8Array(TIMEOUTS_BYTES);
  const view = viewOf(bytes);
  view.setUint16(0, TIMEOUTS_BYTES - 2);
  bytes[3] = timeouts.commandSpecific;
  view.setUint32(4, timeouts.nominalSeconds);
  view.setUint32(8, timeouts.recommendedSeconds);
  return bytes;
}

export interface ReportSupportedOperationCodesCdb {
  readonly returnTimeouts: boolean;
  /** 0 all commands, 1 one without service action, 2 one with service action, 3 either. */
  readonly reportingOptions: number;
  readonly operationCode: number;
  readonly serviceAction: number;
  readonly allocationBytes: number;
}

/** MAINTENANCE IN with another service action: DecodeError `bad-field`. */
export function decodeReportSupportedOperationCodesCdb(cdb: Uint8Array): ReportSupportedOperationCodesCdb {
  requireCdb(NAME, cdb, OperationCode.maintenanceIn, 12);
  const serviceAction = cdb[1]! & 0x1f;
  if (serviceAction !== SERVICE_ACTION) {
    throw new DecodeError('bad-field', `${NAME} CDB: service action is ${hex(serviceAction)}, not 0Ch`);
  }
  const view = viewOf(cdb);
  return {
    returnTimeouts: (cdb[2]! & RETURN_TIMEOUTS) !== 0,
    reportingOptions: cdb[2]! & 0x07,
    operationCode: cdb[3]!,
    serviceAction: view.getUint16(4),
    allocationBytes: view.getUint32(6),
  };
}
