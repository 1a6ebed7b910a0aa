import { damaged } from './image-error.ts';

export const BLOCK_BYTES = 512;

/** The fields of one header block that decide what comes out of a tar. */
export interface TarHeader {
  /** Type flag; that of files before POSIX, a NUL, is told as `0`. */
  readonly type: string;
  /** Whether POSIX or GNU define the type. */
  readonly isKnown: boolean;
  readonly name: string;
  readonly sizeBytes: number;
}

const FIELD = {
  name: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 6],
  prefix: [345, 155],
} as const;
type Field = (typeof FIELD)[keyof typeof FIELD];

const KNOWN_TYPES = '01234567DgKLMNSVxX';

/** Throws ImageError for a block that is not a header, and for a number that readers take differently. */
export function headerOf(block: Uint8Array, origin: string, atBytes: number): TarHeader {
  const bytes = ([at, length]: Field): Uint8Array => block.subarray(at, at + length);
  const wrong = (what: string): Error => damaged(origin, `its tar is broken at byte ${atBytes} (${what})`);
  if (!isChecksum(numberOf(bytes(FIELD.checksum)), block)) throw wrong('wrong checksum');
  const sizeBytes = numberOf(bytes(FIELD.size));
  if (sizeBytes === null) throw wrong('its size is not a number');
  const flag = String.fromCharCode(block[FIELD.type[0]]!);
  const type = flag === '\0' ? '0' : flag;
  // GNU's own magic, `ustar  `, has other things where POSIX has the first part of long names.
  const isPosix = Buffer.from(bytes(FIELD.magic)).toString('latin1') === 'ustar\0';
  const prefix = isPosix ? textOf(bytes(FIELD.prefix)) : '';
  const name = textOf(bytes(FIELD.name));
  return {
    type,
    isKnown: KNOWN_TYPES.includes(type),
    name: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes,
  };
}

/** Up to the first NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

/** Octal digits with blanks around, or GNU's binary form. Null: neither, or more than a number holds. */
function numberOf(field: Uint8Array): number | null {
  if (field[0] === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = /^ *([0-7]+)[ \0]*$/.exec(Buffer.from(field).toString('latin1'))?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 8);
}

/** Its own field counts as spaces. Some old tars took bytes for signed. */
function isChecksum(written: number | null, block: Uint8Array): boolean {
  const [at, length] = FIELD.checksum;
  let unsigned = length * 0x20;
  let signed = unsigned;
  block.forEach((byte, index) => {
    if (index >= at && index < at + length) return;
    unsigned += byte;
    signed += (byte << 24) >> 24;
  });
  return written === unsigned || written === signed;
}
