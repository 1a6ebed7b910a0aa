import { crc32 } from 'node:zlib';
import { concatBytes, viewOf } from '../base/bytes.ts';
import { drain } from './byte-reader.ts';
import type { ByteReader } from './byte-reader.ts';
import { damaged, unsupported } from './image-error.ts';
import type { Meter } from './limits.ts';

/*
 * The .xz container: a header, blocks, an index of them, a footer. It is read here because the decoder (xz-embedded)
 * knows no SHA-256 check, which is the one that rpm uses, and because it takes the end of its input for the end of
 * the data. Each block goes to the decoder as a stream of its own.
 */

const STREAM_MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
const FOOTER_MAGIC = 0x5a59; // 'YZ'
const LZMA2 = 0x21;
/** What xz-embedded is built for, here; `xz -9` needs all of it. */
const MAX_DICTIONARY_BYTES = 64 * 1024 ** 2;

/** Check ids. The decoder compares the first three itself. */
const XzCheck = { none: 0x00, crc32: 0x01, crc64: 0x04, sha256: 0x0a } as const;
export type XzCheckId = (typeof XzCheck)[keyof typeof XzCheck];
const CHECK_BYTES: Readonly<Record<XzCheckId, number>> = { 0x00: 0, 0x01: 4, 0x04: 8, 0x0a: 32 };

export interface XzBlock {
  /** A complete stream of this one block, for the decoder; without check where the decoder does not know it. */
  readonly stream: AsyncGenerator<Uint8Array, void>;
  /** SHA-256 that the unpacked bytes must have; null: the decoder has compared. To be asked after `stream` has ended. */
  expectedSha256(): Uint8Array | null;
}

/** Blocks of one stream after the other; each must be read to its end before the next. */
export async function* xzBlocks(reader: ByteReader, meter: Meter): AsyncGenerator<XzBlock, void> {
  do {
    meter.piece();
    const check = await readStreamHeader(reader);
    const records: XzRecord[] = [];
    while ((await reader.peek(1))[0] !== 0) {
      meter.piece();
      const header = await readBlockHeader(reader);
      let sha256: Uint8Array | null = null;
      const stream = oneBlockStream(reader, header, check, (record, value) => {
        records.push(record);
        if (check === XzCheck.sha256) sha256 = value;
      });
      yield { stream, expectedSha256: () => sha256 };
      await drain(stream);
    }
    await readIndex(reader, records, check);
    while (await isPadding(reader)) reader.drop(4);
  } while ((await reader.some()).length > 0);
}

/** What the index says of a block. */
interface XzRecord {
  readonly unpaddedBytes: number;
  readonly unpackedBytes: number;
}

async function readStreamHeader(reader: ByteReader): Promise<XzCheckId> {
  const header = await reader.take(12, 'an xz header');
  const flags = header.subarray(6, 8);
  if (
    STREAM_MAGIC.some((byte, index) => header[index] !== byte) ||
    viewOf(header).getUint32(8, true) !== crc32(flags)
  )
    throw damaged(reader.origin, 'its xz header is invalid');
  const check = flags[1]!;
  if (flags[0] !== 0 || !(check in CHECK_BYTES)) throw unsupported(reader.origin, 'uses an unknown xz check');
  return check as XzCheckId;
}

async function readBlockHeader(reader: ByteReader): Promise<Uint8Array> {
  const sizeBytes = (((await reader.peek(1))[0] ?? 0) + 1) * 4;
  const header = await reader.take(sizeBytes, 'an xz block header');
  if (viewOf(header).getUint32(sizeBytes - 4, true) !== crc32(header.subarray(0, -4)))
    throw damaged(reader.origin, `the xz block header before byte ${reader.offsetBytes} is invalid`);
  const flags = header[1]!;
  const fields = new Fields(header, reader.origin);
  if ((flags & 0x40) !== 0) fields.number(); // packed size
  if ((flags & 0x80) !== 0) fields.number(); // unpacked size
  // LZMA2 alone, with one byte of properties.
  if ((flags & 0x3f) !== 0 || fields.number() !== LZMA2 || fields.number() !== 1)
    throw unsupported(reader.origin, 'uses an unknown xz filter');
  const size = fields.number();
  const dictionaryBytes = size > 40 ? Infinity : (2 | (size & 1)) * 2 ** ((size >> 1) + 11);
  if (dictionaryBytes > MAX_DICTIONARY_BYTES) {
    throw unsupported(
      reader.origin,
      `needs an xz dictionary of ${dictionaryBytes} bytes; the limit is ${MAX_DICTIONARY_BYTES}`,
    );
  }
  return header;
}

async function* oneBlockStream(
  reader: ByteReader,
  header: Uint8Array,
  check: XzCheckId,
  onEnd: (record: XzRecord, value: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void> {
  const kept = check === XzCheck.sha256 ? XzCheck.none : check;
  yield streamHeader(kept);
  yield header;
  const start = reader.offsetBytes;
  let unpackedBytes = 0;
  for (;;) {
    const { head, packedBytes, chunkBytes } = await readChunkHeader(reader);
    unpackedBytes += chunkBytes;
    yield head;
    if (head[0] === 0) break;
    yield* reader.exactly(packedBytes, 'xz data');
  }
  const dataBytes = reader.offsetBytes - start;
  const padding = await reader.take(-dataBytes & 3, 'xz data');
  if (padding.some((byte) => byte !== 0)) throw damaged(reader.origin, 'its xz padding is not zero');
  const value = await reader.take(CHECK_BYTES[check], 'an xz check');
  onEnd({ unpaddedBytes: header.length + dataBytes + CHECK_BYTES[check], unpackedBytes }, value);
  yield padding;
  if (kept === check) yield value;
  const index = indexOf([{ unpaddedBytes: header.length + dataBytes + CHECK_BYTES[kept], unpackedBytes }]);
  yield index;
  yield footer(kept, index.length);
}

/** An LZMA2 chunk begins with a control byte and its sizes, each less one. */
async function readChunkHeader(
  reader: ByteReader,
): Promise<{ readonly head: Uint8Array; readonly packedBytes: number; readonly chunkBytes: number }> {
  const control = (await reader.peek(1))[0] ?? 0;
  if (control === 0) return { head: await reader.take(1, 'xz data'), packedBytes: 0, chunkBytes: 0 };
  if (control >= 0x80) {
    const head = await reader.take(5, 'xz data');
    const view = viewOf(head);
    const properties = control >= 0xc0 ? 1 : 0;
    // The range coder begins with a byte that is always 0; `xz` refuses any other, and the decoder here takes it.
    if ((await reader.peek(properties + 1))[properties] !== 0)
      throw damaged(reader.origin, `the xz data at byte ${reader.offsetBytes} are invalid`);
    return {
      head,
      packedBytes: view.getUint16(3) + 1 + properties,
      chunkBytes: ((control & 0x1f) << 16) + view.getUint16(1) + 1,
    };
  }
  if (control > 2) throw damaged(reader.origin, `no xz data starts at byte ${reader.offsetBytes}`);
  const head = await reader.take(3, 'xz data');
  const sizeBytes = viewOf(head).getUint16(1) + 1;
  return { head, packedBytes: sizeBytes, chunkBytes: sizeBytes };
}

/** The index must say what was read, and the footer what the header said. */
async function readIndex(reader: ByteReader, records: readonly XzRecord[], check: XzCheckId): Promise<void> {
  const expected = concatBytes(indexOf(records));
  const index = await reader.take(expected.length, 'the xz index');
  const end = await reader.take(12, 'the xz footer');
  if (Buffer.compare(index, expected) !== 0)
    throw damaged(reader.origin, 'its xz index does not fit its blocks');
  if (
    viewOf(end).getUint16(10, true) !== FOOTER_MAGIC ||
    Buffer.compare(end, footer(check, index.length)) !== 0
  )
    throw damaged(reader.origin, 'its xz footer is invalid');
}

async function isPadding(reader: ByteReader): Promise<boolean> {
  const bytes = await reader.peek(4);
  return bytes.length === 4 && bytes.every((byte) => byte === 0);
}

function streamHeader(check: XzCheckId): Uint8Array {
  const flags = Uint8Array.of(0, check);
  return concatBytes(STREAM_MAGIC, flags, littleEndian32(crc32(flags)));
}

function indexOf(records: readonly XzRecord[]): Uint8Array {
  const body = [0, ...variableLength(records.length)];
  for (const { unpaddedBytes, unpackedBytes } of records)
    body.push(...variableLength(unpaddedBytes), ...variableLength(unpackedBytes));
  while (body.length % 4 !== 0) body.push(0);
  const bytes = Uint8Array.from(body);
  return concatBytes(bytes, littleEndian32(crc32(bytes)));
}

function footer(check: XzCheckId, indexBytes: number): Uint8Array {
  const body = concatBytes(littleEndian32(indexBytes / 4 - 1), Uint8Array.of(0, check));
  return concatBytes(
    littleEndian32(crc32(body)),
    body,
    Uint8Array.of(FOOTER_MAGIC & 0xff, FOOTER_MAGIC >> 8),
  );
}

function littleEndian32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

/** Seven bits in a byte, the lowest first. */
function variableLength(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return [...bytes, left];
}

/** Fields of a block header, behind its size and flags. */
class Fields {
  #at = 2;

  constructor(
    readonly header: Uint8Array,
    readonly origin: string,
  ) {}

  number(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 49; scale *= 0x80) {
      const byte = this.header[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw damaged(this.origin, 'an xz block header is invalid');
  }
}
