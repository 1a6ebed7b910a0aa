import { suggest } from '../base/suggest.ts';
import { ImageError } from './image-error.ts';

interface KnownHeader {
  readonly sizeBytes: number;
  /** Says whether an image has it, as far as can be seen. */
  readonly isThere: (bytes: Uint8Array) => boolean;
}

const DELL_DF_BYTES = 0x113;

/** Headers that vendors put in front of an image, for their own programs. */
const KNOWN_HEADERS: Readonly<Record<string, KnownHeader>> = {
  'dell-df': { sizeBytes: DELL_DF_BYTES, isThere: hasDellHeader },
  'seagate-lod': { sizeBytes: 80, isThere: hasLodHeader },
};

/** A header's size in bytes, or its name. */
export type Strip = number | string;

/** Takes a header off. Throws ImageError `strip`: a name that is not known, a header that is not there, nothing left. */
export function stripHeader(bytes: Uint8Array, strip: Strip, origin: string): Uint8Array {
  const sizeBytes = typeof strip === 'number' ? strip : knownHeader(bytes, strip, origin).sizeBytes;
  if (sizeBytes >= bytes.length) {
    throw new ImageError(
      'strip',
      `strip ${sizeBytes} leaves nothing of ${origin}, which has ${bytes.length} bytes`,
    );
  }
  return bytes.subarray(sizeBytes);
}

function knownHeader(bytes: Uint8Array, name: string, origin: string): KnownHeader {
  const header = Object.hasOwn(KNOWN_HEADERS, name) ? KNOWN_HEADERS[name] : undefined;
  const names = Object.keys(KNOWN_HEADERS);
  if (header === undefined) {
    const near = suggest(name, names);
    const next =
      near === null
        ? `known headers: ${names.join(', ')}; or give the size in bytes`
        : `did you mean ${near}?`;
    throw new ImageError('strip', `${JSON.stringify(name)} is not a known header`, next);
  }
  if (!header.isThere(bytes)) {
    throw new ImageError(
      'strip',
      `${origin} has no ${name} header of ${header.sizeBytes} bytes, as far as can be seen`,
      `remove strip if this is the raw image; if it has the header, give its size: ${header.sizeBytes}`,
    );
  }
  return header;
}

/** The header has an odd length and no known mark. Images are whole words of 4 bytes, so a raw one leaves part of a word. */
function hasDellHeader(bytes: Uint8Array): boolean {
  return bytes.length > DELL_DF_BYTES && (bytes.length - DELL_DF_BYTES) % 4 === 0;
}

/** A raw .LOD is whole sectors. With the header it is 80 bytes more, or begins with the vendor's word twice. */
function hasLodHeader(bytes: Uint8Array): boolean {
  if (bytes.length % 512 === 80) return true;
  const text = Buffer.from(bytes.subarray(0, 80)).toString('latin1');
  return /^([A-Za-z]{3,16})[ \0]*\1/.test(text);
}
