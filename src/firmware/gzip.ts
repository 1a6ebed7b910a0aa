import { crc32, createInflateRaw } from 'node:zlib';
import type { InflateRaw } from 'node:zlib';
import { viewOf } from '../base/bytes.ts';
import type { ByteReader } from './byte-reader.ts';
import { cutOff, damaged } from './image-error.ts';
import type { Budget, Meter } from './limits.ts';

const MAGIC = [0x1f, 0x8b, 0x08];
const FLAG = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 };
/** What one piece of input can become at once: deflate packs 1032 to 1 at best. */
const INPUT_BYTES = 8 * 1024;
const TEXT_BYTES = 64 * 1024;

/**
 * Unpacks gzip (RFC 1952), member after member. `trailing`: what may follow the last one; `zeros` are padding of a
 * tape, `any` is normal in a .scexe. Node's own gunzip does not help: it takes some trailing bytes for a damaged member.
 */
export async function* gunzip(
  reader: ByteReader,
  budget: Budget,
  trailing: 'zeros' | 'any',
): AsyncGenerator<Uint8Array, void> {
  const meter = budget.meter(reader);
  do {
    meter.piece();
    await skipHeader(reader);
    let crc = 0;
    let sizeBytes = 0;
    for await (const chunk of inflateRaw(reader, meter)) {
      crc = crc32(chunk, crc);
      sizeBytes += chunk.length;
      yield chunk;
    }
    const trailer = viewOf(await reader.take(8, 'the checksum of its gzip data'));
    if (trailer.getUint32(0, true) !== crc)
      throw damaged(reader.origin, 'the checksum of its gzip data is wrong');
    if (trailer.getUint32(4, true) !== sizeBytes % 2 ** 32)
      throw damaged(reader.origin, 'the length of its gzip data is wrong');
  } while (startsMember(await reader.peek(3)));
  for await (const chunk of reader.rest()) {
    if (trailing === 'zeros' && chunk.some((byte) => byte !== 0))
      throw damaged(reader.origin, 'something else follows its gzip data');
  }
}

/** Unpacks one deflate stream (RFC 1951), and takes not one byte more than belongs to it. */
export async function* inflateRaw(reader: ByteReader, meter: Meter): AsyncGenerator<Uint8Array, void> {
  const inflate = createInflateRaw({ chunkSize: 64 * 1024 });
  let out: Uint8Array[] = [];
  inflate.on('data', (chunk: Uint8Array) => out.push(chunk));
  inflate.on('error', () => undefined); // told by feed
  try {
    for (let ended = false; !ended;) {
      const input = (await reader.some()).subarray(0, INPUT_BYTES);
      const before = inflate.bytesWritten;
      if (!(await feed(inflate, input))) {
        if (input.length === 0) throw cutOff(reader.origin, 'its packed data', reader.offsetBytes);
        throw damaged(reader.origin, `its compressed data is invalid near byte ${reader.offsetBytes}`);
      }
      const used = inflate.bytesWritten - before;
      reader.drop(used);
      // What is not taken lies behind the end of the stream.
      ended = used < input.length || input.length === 0;
      const pieces = out;
      out = [];
      meter.count(pieces.reduce((sum, { length }) => sum + length, 0));
      yield* pieces;
    }
  } finally {
    inflate.destroy();
  }
}

/** False: the data are not a deflate stream; with no input: the stream is not complete. */
function feed(inflate: InflateRaw, input: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (good: boolean): void => {
      inflate.off('error', fail).off('end', done);
      resolve(good);
    };
    const fail = (): void => finish(false);
    const done = (): void => finish(true);
    inflate.once('error', fail);
    if (input.length > 0) inflate.write(input, (error) => finish(error === undefined || error === null));
    else inflate.once('end', done).end();
  });
}

const startsMember = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);

async function skipHeader(reader: ByteReader): Promise<void> {
  const start = await reader.take(10, 'a gzip header');
  let crc = crc32(start);
  const take = async (count: number): Promise<Uint8Array> => {
    const bytes = await reader.take(count, 'a gzip header');
    crc = crc32(bytes, crc);
    return bytes;
  };
  const flags = start[3]!;
  if (!startsMember(start) || (flags & FLAG.reserved) !== 0)
    throw damaged(reader.origin, 'its gzip header is invalid');
  if ((flags & FLAG.extra) !== 0) await take(viewOf(await take(2)).getUint16(0, true));
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const text = await reader.peek(TEXT_BYTES);
    const end = text.indexOf(0);
    if (end < 0 && text.length < TEXT_BYTES)
      throw cutOff(reader.origin, 'a gzip header', reader.offsetBytes + text.length);
    if (end < 0) throw damaged(reader.origin, 'its gzip header has a name without an end');
    await take(end + 1);
  }
  if ((flags & FLAG.headerCrc) === 0) return;
  const written = viewOf(await reader.take(2, 'a gzip header')).getUint16(0, true);
  if (written !== (crc & 0xffff)) throw damaged(reader.origin, 'the checksum of its gzip header is wrong');
}
