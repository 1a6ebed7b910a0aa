import { viewOf } from '../base/bytes.ts';
import type { ByteReader } from './byte-reader.ts';
import { damaged } from './image-error.ts';

/** Tags of the header that say what the payload is. */
export const RpmTag = {
  payloadFormat: 1124,
  payloadCompressor: 1125,
  payloadDigest: 5092,
  payloadDigestAlgorithm: 5093,
} as const;

/** Tags of the signature, which has the form of a header too. */
export const SignatureTag = {
  headerSha256: 273,
  md5: 1004,
} as const;

const TYPE = { int32: 4, string: 6, binary: 7, stringArray: 8 } as const;

const MAGIC = 0x8eade801;
const INTRO_BYTES = 16;
const ENTRY_BYTES = 16;
/** rpm itself takes 64 KiB entries; no package of firmware comes near. */
const MAX_ENTRIES = 4096;
const MAX_STORE_BYTES = 32 * 1024 ** 2;

/** One header structure: an index of tags, and a store that they point into. Tags of another type are null. */
export interface RpmHeader {
  /** All of it, as digests count it. */
  readonly raw: Uint8Array;
  text(tag: number): string | null;
  number(tag: number): number | null;
  binary(tag: number): Uint8Array | null;
}

/** Reads a header and stands behind it. Throws ImageError where it is none, cut, or too large. */
export async function readRpmHeader(reader: ByteReader, name: 'signature' | 'header'): Promise<RpmHeader> {
  const { origin } = reader;
  const what = `the ${name} of an rpm`;
  const intro = viewOf(await reader.peek(INTRO_BYTES));
  // Too short is told by take; a wrong magic is told here.
  if (intro.byteLength === INTRO_BYTES && intro.getUint32(0) !== MAGIC)
    throw damaged(origin, `no rpm ${name} begins at byte ${reader.offsetBytes}`);
  const entries = intro.byteLength === INTRO_BYTES ? intro.getUint32(8) : 0;
  const storeBytes = intro.byteLength === INTRO_BYTES ? intro.getUint32(12) : 0;
  if (entries > MAX_ENTRIES || storeBytes > MAX_STORE_BYTES)
    throw damaged(origin, `${what} says that it has ${entries} entries and ${storeBytes} bytes`);
  const raw = await reader.take(INTRO_BYTES + entries * ENTRY_BYTES + storeBytes, what);
  return headerOf(raw, entries);
}

function headerOf(raw: Uint8Array, entries: number): RpmHeader {
  const view = viewOf(raw);
  const store = raw.subarray(INTRO_BYTES + entries * ENTRY_BYTES);
  const find = (tag: number, ...types: readonly number[]): { from: Uint8Array; count: number } | null => {
    for (let i = 0; i < entries; i++) {
      const at = INTRO_BYTES + i * ENTRY_BYTES;
      if (view.getUint32(at) !== tag || !types.includes(view.getUint32(at + 4))) continue;
      // A place beyond the store leaves nothing to read, and no tag.
      return { from: store.subarray(view.getUint32(at + 8)), count: view.getUint32(at + 12) };
    }
    return null;
  };
  return {
    raw,
    text: (tag) => {
      const found = find(tag, TYPE.string, TYPE.stringArray);
      const end = found?.from.indexOf(0) ?? -1;
      return found === null || end < 0 ? null : Buffer.from(found.from.subarray(0, end)).toString('latin1');
    },
    number: (tag) => {
      const found = find(tag, TYPE.int32);
      return found === null || found.from.length < 4 ? null : viewOf(found.from).getUint32(0);
    },
    binary: (tag) => {
      const found = find(tag, TYPE.binary);
      return found === null || found.from.length < found.count ? null : found.from.subarray(0, found.count);
    },
  };
}
