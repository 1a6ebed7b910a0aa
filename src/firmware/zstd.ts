// The only file that imports fzstd.
import { Decompress } from 'fzstd';
import { concatBytes } from '../base/bytes.ts';
import type { ByteReader } from './byte-reader.ts';
import { damaged, ImageError, unsupported } from './image-error.ts';
import type { Budget, Meter } from './limits.ts';
import { endsWithin } from './time-limit.ts';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = { first: 0x184d2a50, last: 0x184d2a5f };
/** What `zstd` itself takes without being asked for more. fzstd makes room for whatever the header says. */
const MAX_WINDOW_BYTES = 128 * 1024 ** 2;
const MAX_BLOCK_BYTES = 128 * 1024;

/**
 * Unpacks Zstandard frames (RFC 8878), one after the other. Frames and blocks are counted here, so that a cut file is
 * told from a damaged one. fzstd writes no more than a block may hold, but goes through matches of any length: a block
 * of 128 KiB can keep it busy for minutes, so it gets a time. It does not know the checksum behind a frame (xxHash),
 * which is not compared; the digest of an rpm is.
 */
export async function* unzstd(reader: ByteReader, budget: Budget): AsyncGenerator<Uint8Array, void> {
  const meter = budget.meter(reader);
  const clock = { spentMs: 0 };
  do {
    const magic = littleEndian(await reader.take(4, 'a Zstandard frame'));
    if (magic >= SKIPPABLE.first && magic <= SKIPPABLE.last) {
      await reader.skip(littleEndian(await reader.take(4, 'a Zstandard frame')), 'a Zstandard frame');
      continue;
    }
    if (magic !== MAGIC)
      throw damaged(reader.place, `no Zstandard frame begins at byte ${reader.offsetBytes - 4}`);
    for await (const chunk of unpackFrame(reader, meter, clock)) {
      meter.count(chunk.length);
      yield chunk;
    }
  } while ((await reader.some()).length > 0);
}

async function* unpackFrame(
  reader: ByteReader,
  meter: Meter,
  clock: { spentMs: number },
): AsyncGenerator<Uint8Array, void> {
  let out: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => {
    if (chunk.length > 0) out.push(chunk);
  });
  const { header, hasChecksum } = await readFrameHeader(reader);
  let before = header;
  for (let last = false; !last;) {
    const blockHeader = await reader.take(3, 'a Zstandard block');
    const value = littleEndian(blockHeader);
    last = (value & 1) === 1;
    const type = (value >> 1) & 3;
    const sizeBytes = value >> 3;
    if (type === 3 || sizeBytes > MAX_BLOCK_BYTES)
      throw damaged(reader.place, `no Zstandard block begins at byte ${reader.offsetBytes - 3}`);
    const block = await reader.take(type === 1 ? 1 : sizeBytes, 'a Zstandard block');
    const checksum = last && hasChecksum ? await reader.take(4, 'a Zstandard checksum') : new Uint8Array(0);
    const bytes = concatBytes(before, blockHeader, block, checksum);
    const started = performance.now();
    let ended: boolean;
    try {
      ended = endsWithin(meter.allowedMs(clock.spentMs), () => {
        decompress.push(bytes, last);
      });
    } catch {
      throw damaged(reader.place, `a Zstandard block before byte ${reader.offsetBytes} is invalid`);
    }
    if (!ended)
      throw new ImageError('limit', `${reader.place} takes longer to unpack than any package should`);
    clock.spentMs += performance.now() - started;
    before = new Uint8Array(0);
    const pieces = out;
    out = [];
    yield* pieces;
  }
}

/** Window, dictionary and size of a frame; its bytes go on to fzstd. */
async function readFrameHeader(
  reader: ByteReader,
): Promise<{ readonly header: Uint8Array; readonly hasChecksum: boolean }> {
  const first = await reader.take(1, 'a Zstandard frame');
  const descriptor = first[0]!;
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw damaged(reader.place, 'its Zstandard header is invalid');
  const sizeFlag = descriptor >> 6;
  const sizeFieldBytes = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const restBytes = (single ? 0 : 1) + dictionaryBytes + sizeFieldBytes;
  const rest = await reader.take(restBytes, 'a Zstandard frame');
  const dictionary = rest.subarray(single ? 0 : 1, restBytes - sizeFieldBytes);
  if (dictionary.some((byte) => byte !== 0)) throw unsupported(reader.place, 'needs a Zstandard dictionary');
  const contentBytes =
    littleEndian(rest.subarray(restBytes - sizeFieldBytes)) + (sizeFieldBytes === 2 ? 256 : 0);
  const windowBytes = single ? contentBytes : windowOf(rest[0]!);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw unsupported(
      reader.place,
      `needs ${windowBytes} bytes of memory to be unpacked; the limit is ${MAX_WINDOW_BYTES}`,
    );
  }
  return {
    header: concatBytes(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), first, rest),
    hasChecksum: (descriptor & 4) !== 0,
  };
}

/** Window_Descriptor: exponent and eighths. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

const littleEndian = (bytes: Uint8Array): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0);
