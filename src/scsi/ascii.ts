import { encodeAsciiField } from '../base/bytes.ts';
import { EncodeError } from '../base/errors.ts';

/** A padded T10 ASCII field; unlike the bare helper it refuses text that does not fit, and bytes that are not printable. */
export function encodeCheckedAscii(field: string, text: string, lengthBytes: number): Uint8Array {
  if (text.length > lengthBytes || !/^[\x20-\x7e]*$/.test(text)) {
    throw new EncodeError(
      'out-of-range',
      `${field} is ${JSON.stringify(text)}; it must be at most ${lengthBytes} printable ASCII characters`,
    );
  }
  return encodeAsciiField(text, lengthBytes);
}
