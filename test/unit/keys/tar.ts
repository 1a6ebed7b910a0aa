import { concatBytes } from '../../../src/base/bytes.ts';

const BLOCK_BYTES = 512;
const CHECKSUM_AT = 148;

/** A tar file (ustar) with these members. */
export function tarOf(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const parts = Object.entries(members).flatMap(([name, bytes]) => {
    const padding = new Uint8Array((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [headerOf(name, bytes.length), bytes, padding];
  });
  return concatBytes(...parts, new Uint8Array(2 * BLOCK_BYTES));
}

function headerOf(name: string, sizeBytes: number): Uint8Array {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('0', 156);
  header.write('ustar\0' + '00', 257);
  header.fill(' ', CHECKSUM_AT, CHECKSUM_AT + 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, CHECKSUM_AT);
  return header;
}
