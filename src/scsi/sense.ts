import { hex, requireRange, viewOf } from '../base/bytes.ts';
import { EncodeError } from '../base/errors.ts';
import { additionalSenseText } from './additional-sense.ts';

/** Sense data (SPC), current or deferred, fixed or descriptor format. What it means is decided by `device/judge.ts`. */
export interface Sense {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  /** About an earlier command (71h, 73h); the present one was not executed. */
  readonly deferred: boolean;
  readonly format: 'fixed' | 'descriptor';
  /** The wrong byte, in the CDB or in the parameter list; only with key ILLEGAL REQUEST and SKSV. */
  readonly fieldPointer: FieldPointer | null;
  /** 0..1; only with key NO SENSE or NOT READY. */
  readonly progress: number | null;
  /** More unit attentions were there than the device could keep. */
  readonly unitAttentionOverflow: boolean;
}

export interface FieldPointer {
  readonly inCdb: boolean;
  /** Offset of the byte that the device did not like. */
  readonly byte: number;
  /** Bit of that byte, where the device says one (BPV). */
  readonly bit: number | null;
}

export interface SenseFields {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  readonly deferred?: boolean;
  readonly fieldPointer?: FieldPointer | null;
  readonly progress?: number | null;
  readonly unitAttentionOverflow?: boolean;
}

type SenseCode = Pick<Sense, 'key' | 'asc' | 'ascq'>;

export const SenseKey = {
  noSense: 0x0,
  recoveredError: 0x1,
  notReady: 0x2,
  mediumError: 0x3,
  hardwareError: 0x4,
  illegalRequest: 0x5,
  unitAttention: 0x6,
  dataProtect: 0x7,
  blankCheck: 0x8,
  vendorSpecific: 0x9,
  copyAborted: 0xa,
  abortedCommand: 0xb,
  volumeOverflow: 0xd,
  miscompare: 0xe,
  completed: 0xf,
} as const;

const SENSE_KEY_NAMES: Readonly<Record<number, string>> = {
  0x0: 'NO SENSE',
  0x1: 'RECOVERED ERROR',
  0x2: 'NOT READY',
  0x3: 'MEDIUM ERROR',
  0x4: 'HARDWARE ERROR',
  0x5: 'ILLEGAL REQUEST',
  0x6: 'UNIT ATTENTION',
  0x7: 'DATA PROTECT',
  0x8: 'BLANK CHECK',
  0x9: 'VENDOR SPECIFIC',
  0xa: 'COPY ABORTED',
  0xb: 'ABORTED COMMAND',
  0xd: 'VOLUME OVERFLOW',
  0xe: 'MISCOMPARE',
  0xf: 'COMPLETED',
};

const FIXED_HEADER_BYTES = 8;
const FIXED_SENSE_BYTES = 18;
const DESCRIPTOR_HEADER_BYTES = 8;
const SENSE_KEY_SPECIFIC_DESCRIPTOR = 0x02;
const PROGRESS_DESCRIPTOR = 0x0a;

/**
 * Sense data as it arrived. null: no valid sense data (empty, another response code, too short for the sense key).
 * Fields beyond the additional length, or beyond the bytes that came, are 0. Never throws.
 */
export function decodeSense(bytes: Uint8Array): Sense | null {
  const responseCode = (bytes[0] ?? 0) & 0x7f; // bit 7 is VALID (fixed format) or reserved
  // 70h/71h are fixed format, 72h/73h descriptor format; a device may answer in either, whatever was asked for.
  if (responseCode === 0x70 || responseCode === 0x71) return decodeFixed(bytes, responseCode === 0x71);
  if (responseCode === 0x72 || responseCode === 0x73) return decodeDescriptors(bytes, responseCode === 0x73);
  return null;
}

function decodeFixed(bytes: Uint8Array, deferred: boolean): Sense | null {
  if (bytes.length < 3) return null;
  const end = Math.min(bytes.length, FIXED_HEADER_BYTES + (bytes[7] ?? 0)); // byte 7: ADDITIONAL SENSE LENGTH
  const key = bytes[2]! & 0x0f;
  // Half a code is not a code: with ASC but no ASCQ, 3F/00 could be said where 3F/01 was meant.
  const [asc, ascq] = end >= 14 ? [bytes[12]!, bytes[13]!] : [0, 0];
  const specific = end >= FIXED_SENSE_BYTES ? bytes.subarray(15, 18) : null;
  return { key, asc, ascq, deferred, format: 'fixed', ...decodeSenseKeySpecific(key, specific) };
}

function decodeDescriptors(bytes: Uint8Array, deferred: boolean): Sense | null {
  if (bytes.length < 2) return null;
  const key = bytes[1]! & 0x0f;
  const [asc, ascq] = bytes.length >= 4 ? [bytes[2]!, bytes[3]!] : [0, 0];
  const end = Math.min(bytes.length, DESCRIPTOR_HEADER_BYTES + (bytes[7] ?? 0));
  let specific: Uint8Array | null = null;
  let progress: number | null = null;
  for (let at = DESCRIPTOR_HEADER_BYTES; at + 2 <= end;) {
    const next = at + 2 + bytes[at + 1]!;
    if (next > end) break; // cut in the middle: what came of it says nothing
    const descriptor = bytes.subarray(at, next);
    if (bytes[at] === SENSE_KEY_SPECIFIC_DESCRIPTOR && descriptor.length >= 7) {
      specific ??= descriptor.subarray(4, 7);
    }
    if (bytes[at] === PROGRESS_DESCRIPTOR && descriptor.length >= 8) {
      progress ??= viewOf(descriptor).getUint16(6) / 0x10000;
    }
    at = next;
  }
  const fields = decodeSenseKeySpecific(key, specific);
  return {
    key,
    asc,
    ascq,
    deferred,
    format: 'descriptor',
    ...fields,
    progress: fields.progress ?? (hasProgress(key) ? progress : null),
  };
}

const hasProgress = (key: number): boolean => key === SenseKey.noSense || key === SenseKey.notReady;

/** The three SENSE KEY SPECIFIC bytes mean something else for each key, and nothing without SKSV. */
function decodeSenseKeySpecific(
  key: number,
  bytes: Uint8Array | null,
): Pick<Sense, 'fieldPointer' | 'progress' | 'unitAttentionOverflow'> {
  const none = { fieldPointer: null, progress: null, unitAttentionOverflow: false };
  if (bytes === null || (bytes[0]! & 0x80) === 0) return none;
  const word = viewOf(bytes).getUint16(1);
  if (key === SenseKey.illegalRequest) {
    const bit = (bytes[0]! & 0x08) === 0 ? null : bytes[0]! & 0x07;
    return { ...none, fieldPointer: { inCdb: (bytes[0]! & 0x40) !== 0, byte: word, bit } };
  }
  if (hasProgress(key)) return { ...none, progress: word / 0x10000 };
  if (key === SenseKey.unitAttention) return { ...none, unitAttentionOverflow: (bytes[0]! & 0x01) !== 0 };
  return none;
}

/** Fixed-format sense data (70h, 71h), 18 bytes. Throws EncodeError when a field does not fit or does not go with the key. */
export function encodeFixedSense(sense: SenseFields): Uint8Array {
  const specific = encodeSenseKeySpecific(sense);
  const bytes = new Uint8Array(FIXED_SENSE_BYTES);
  bytes[0] = sense.deferred === true ? 0x71 : 0x70;
  bytes[2] = sense.key;
  bytes[7] = FIXED_SENSE_BYTES - FIXED_HEADER_BYTES;
  bytes[12] = sense.asc;
  bytes[13] = sense.ascq;
  if (specific !== null) bytes.set(specific, 15);
  return bytes;
}

/** Descriptor-format sense data (72h, 73h), 8 or 16 bytes. Throws EncodeError as {@link encodeFixedSense} does. */
export function encodeDescriptorSense(sense: SenseFields): Uint8Array {
  const specific = encodeSenseKeySpecific(sense);
  const bytes = new Uint8Array(DESCRIPTOR_HEADER_BYTES + (specific === null ? 0 : 8));
  bytes.set([sense.deferred === true ? 0x73 : 0x72, sense.key, sense.asc, sense.ascq]);
  if (specific !== null) {
    bytes[7] = 8;
    bytes.set([SENSE_KEY_SPECIFIC_DESCRIPTOR, 6, 0, 0, ...specific], DESCRIPTOR_HEADER_BYTES);
  }
  return bytes;
}

function encodeSenseKeySpecific(sense: SenseFields): Uint8Array | null {
  requireRange('SENSE KEY', sense.key, 0xf);
  requireRange('ADDITIONAL SENSE CODE', sense.asc, 0xff);
  requireRange('ADDITIONAL SENSE CODE QUALIFIER', sense.ascq, 0xff);
  const { key, fieldPointer = null, progress = null, unitAttentionOverflow = false } = sense;
  const bytes = new Uint8Array(3);
  if (fieldPointer !== null) {
    requireKey('a field pointer', key, key === SenseKey.illegalRequest);
    requireRange('FIELD POINTER', fieldPointer.byte, 0xffff);
    requireRange('BIT POINTER', fieldPointer.bit ?? 0, 7);
    bytes[0] =
      0x80 | (fieldPointer.inCdb ? 0x40 : 0) | (fieldPointer.bit === null ? 0 : 0x08 | fieldPointer.bit);
    viewOf(bytes).setUint16(1, fieldPointer.byte);
    return bytes;
  }
  if (progress !== null) {
    requireKey('a progress indication', key, hasProgress(key));
    if (!(progress >= 0 && progress <= 1)) {
      throw new EncodeError('out-of-range', `PROGRESS INDICATION is ${progress}; it must be from 0 to 1`);
    }
    bytes[0] = 0x80;
    viewOf(bytes).setUint16(1, Math.min(0xffff, Math.round(progress * 0x10000))); // 1 itself has no code
    return bytes;
  }
  if (unitAttentionOverflow) {
    requireKey('OVERFLOW', key, key === SenseKey.unitAttention);
    bytes[0] = 0x81;
    return bytes;
  }
  return null;
}

function requireKey(what: string, key: number, fits: boolean): void {
  if (!fits) throw new EncodeError('out-of-range', `${what} does not belong to sense key ${hex(key, 1)}`);
}

/** `ILLEGAL REQUEST, invalid field in CDB (5/24/00)` */
export function senseText(sense: SenseCode): string {
  return `${senseKeyName(sense.key)}, ${additionalSenseText(sense.asc, sense.ascq)} (${senseCode(sense)})`;
}

/** `5/24/00`: key, ASC, ASCQ in hex, as people search for them. */
export function senseCode(sense: SenseCode): string {
  const twoDigits = (value: number): string => hex(value).slice(0, -1);
  return `${hex(sense.key, 1).slice(0, -1)}/${twoDigits(sense.asc)}/${twoDigits(sense.ascq)}`;
}

/** T10 name of a sense key in capitals. Never throws. */
export function senseKeyName(key: number): string {
  return SENSE_KEY_NAMES[key] ?? `sense key ${hex(key, 1)}`;
}
