import { suggest } from '../base/suggest.ts';
import { ImageError } from './image-error.ts';

interface KnownHeader {
  readonly sizeBytes: number;
  /** Says whether an image has it; absent: it cannot be seen. */
  readonly isThere?: (bytes: Uint8Array) => boolean;
}

/** Headers that vendors put in front of an image, for their own programs. */
const KNOWN_HEADERS: Readonly<Record<string, KnownHeader>> = {
  'dell-df': { sizeBytes: 0x113 },
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
  if (header.isThere?.(bytes) === false) {
    throw new ImageError(
      'strip',
      `${origin} has no ${name} header of ${header.sizeBytes} bytes`,
      'remove strip: this is the raw image',
    );
  }
  return header;
}

/** A raw .LOD is whole sectors. With the header it is 80 bytes more, or begins with the vendor's word twice. */
function hasLodHeader(bytes: Uint8Array): boolean {
  if (bytes.length % 512 === 80) return true;
  const text = Buffer.from(bytes.subarray(0, 80)).toString('latin1');
  return /^([A-Za-z]{3,16})[ \0]*\1/.test(text);
}
