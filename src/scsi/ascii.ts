import { encodeAsciiField } from '../base/bytes.ts';
import { EncodeError } from '../base/errors.ts';

/**
 * A padded T10 text field; unlike the bare helper it refuses text that does not fit. Each character up to U+00FF is a byte: devices
 * put anything into these fields, and ours have to be able to.
 */
export function encodeCheckedText(field: string, text: string, lengthBytes: number): Uint8Array {
  if (text.length > lengthBytes || !/^[\0-\xff]*$/.test(text)) {
    throw new EncodeError(
      'out-of-range',
      `${field} is ${JSON.stringify(text)}; it must be at most ${lengthBytes} characters of one byte`,
    );
  }
  return encodeAsciiField(text, lengthBytes);
}
