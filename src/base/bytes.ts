import { DecodeError, EncodeError } from './errors.ts';

/** `hex(0x2a)` → `2Ah`, the way T10 prints it; `digits` pads. */
export function hex(value: number, digits = 2): string {
  return `${value.toString(16).toUpperCase().padStart(digits, '0')}h`;
}

/** Lower-case hex without separators, as CDBs are written in traces and reports. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** The reverse of {@link toHex}; spaces between bytes are allowed. */
export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Call first in every decoder: a short answer is an answer about the device, not a RangeError. */
export function requireLength(page: string, bytes: Uint8Array, neededBytes: number): void {
  if (bytes.length < neededBytes) {
    throw new DecodeError('short-page', `${page}: got ${bytes.length} bytes, need ${neededBytes}`, {
      gotBytes: bytes.length,
      neededBytes,
    });
  }
}

/** A field of a CDB or page holds `max` at most; anything else is our caller's mistake and must never be cut in silence. */
export function requireRange(field: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new EncodeError('out-of-range', `${field} is ${value}; it must be a whole number from 0 to ${max}`);
  }
}

/**
 * A text field of a device as it is shown and matched, read as the Linux kernel reads it (scsi_sanitize_inquiry_string): it
 * ends at the first NUL, a byte outside 20h–7Eh is a blank, and blanks at the right end are padding.
 */
export function asciiField(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  let text = '';
  for (const byte of end < 0 ? bytes : bytes.subarray(0, end))
    text += byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : ' ';
  return text.trimEnd();
}

const EXACT_HEX = 'hex:';

/**
 * A text field as identities compare it: different bytes are different text. It is the field's own text where that shows
 * every byte but padding at the right end (blanks, NULs); otherwise `hex:` and the bytes. {@link shownText} is the way back.
 */
export function exactText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--;
  const used = bytes.subarray(0, end);
  const isShown = used.every((byte) => byte >= 0x20 && byte <= 0x7e);
  const text = asciiField(used);
  return isShown && !text.startsWith(EXACT_HEX) ? text : `${EXACT_HEX}${toHex(used)}`;
}

/** What {@link asciiField} makes of the bytes of an exact text, for a person and for what a person typed. */
export function shownText(exact: string): string {
  return exact.startsWith(EXACT_HEX) ? asciiField(fromHex(exact.slice(EXACT_HEX.length))) : exact;
}

/** Left-aligned, space-padded T10 text field of exactly `lengthBytes`; each character up to U+00FF is a byte. */
export function encodeAsciiField(text: string, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes).fill(0x20);
  for (let i = 0; i < Math.min(text.length, lengthBytes); i++) bytes[i] = text.charCodeAt(i) & 0xff;
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
