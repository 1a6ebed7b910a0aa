import { concatBytes, hex, requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError } from '../base/errors.ts';

/** One diagnostic page as RECEIVE DIAGNOSTIC RESULTS returns it (SPC, SES): an encode/decode pair. */
export interface DiagnosticPage<Value> {
  readonly pageCode: number;
  readonly name: string;
  /** Reading it uses it up (page 0Eh): it is asked once, with room for the largest. */
  readonly isGivenOnce?: true;
  /** Throws DecodeError: `wrong-page`, `bad-field`, or `short-page` with `neededBytes`, to ask again for that many. */
  decode(page: Uint8Array): Value;
  /** What an enclosure answers. Throws EncodeError. */
  encode(value: Value): Uint8Array;
}

const HEADER_BYTES = 4;
const SHORT_ENCLOSURE_STATUS = 0x08;

/**
 * The page cut at its own PAGE LENGTH, after page code and length were checked. `minimumBytes` is what the fields
 * of this page need at least: a device that counts fewer sent a bad page, and asking again would not help.
 */
export function checkedPage(
  page: Pick<DiagnosticPage<unknown>, 'pageCode' | 'name'>,
  bytes: Uint8Array,
  minimumBytes: number,
): Uint8Array {
  const label = `${page.name} diagnostic page (${hex(page.pageCode)})`;
  requireLength(label, bytes, HEADER_BYTES);
  if (bytes[0] !== page.pageCode) {
    // A simple enclosure has no other page, and says 08h to everything.
    const simple = bytes[0] === SHORT_ENCLOSURE_STATUS ? ': it knows short enclosure status only' : '';
    throw new DecodeError(
      'wrong-page',
      `${label}: the device answered with page ${hex(bytes[0]!)}${simple}`,
      {
        pageCode: bytes[0]!,
      },
    );
  }
  const end = HEADER_BYTES + viewOf(bytes).getUint16(2);
  requireLength(label, bytes, end);
  if (end < minimumBytes) {
    throw new DecodeError(
      'bad-field',
      `${label}: PAGE LENGTH makes ${end} bytes, at least ${minimumBytes} are needed`,
    );
  }
  return bytes.subarray(0, end);
}

/** Page code, the byte that belongs to the page, PAGE LENGTH, and what follows. Throws EncodeError. */
export function pageOf(pageCode: number, pageSpecific: number, body: Uint8Array): Uint8Array {
  requireRange('PAGE LENGTH', body.length, 0xffff);
  const header = new Uint8Array([pageCode, pageSpecific, 0, 0]);
  viewOf(header).setUint16(2, body.length);
  return concatBytes(header, body);
}

/** A 32-bit big-endian field by itself, as GENERATION CODE is. Throws EncodeError. */
export function uint32Bytes(field: string, value: number): Uint8Array {
  requireRange(field, value, 0xffffffff);
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}
