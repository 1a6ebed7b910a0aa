import { ByteReader, chunksOf } from './byte-reader.ts';
import { collect, MAX_IMAGE_BYTES } from './image.ts';

/** Bytes that can be read in any order. */
export interface RandomAccess {
  readonly sizeBytes: number;
  /** Ends early where there are no more bytes. */
  range(startBytes: number, endBytes: number): AsyncGenerator<Uint8Array, void>;
}

/** These bytes in one piece. Throws ImageError where there are fewer. */
export async function readRange(
  access: RandomAccess,
  origin: string,
  startBytes: number,
  endBytes: number,
): Promise<Uint8Array> {
  const reader = new ByteReader(access.range(startBytes, endBytes), origin);
  try {
    return await reader.take(endBytes - startBytes, 'its directory');
  } finally {
    await reader.close();
  }
}

/** Something to look into: a file, or a member of another carrier. */
export interface Source {
  /** File and members, for errors: `x.rpm!fw/y.scexe`. */
  readonly origin: string;
  readonly reader: ByteReader;
  /** Null: comes forwards only, as pipes and members do. */
  readonly random: RandomAccess | null;
  /** Null: ends when it ends. */
  readonly sizeBytes: number | null;
  /** All of it, where it is in memory already: an image is not copied. */
  readonly whole?: Uint8Array;
}

export const sourceOfBytes = (origin: string, bytes: Uint8Array): Source => ({
  origin,
  reader: new ByteReader(chunksOf(bytes), origin),
  random: { sizeBytes: bytes.length, range: (start, end) => chunksOf(bytes.subarray(start, end)) },
  sizeBytes: bytes.length,
  whole: bytes,
});

/** What comes forwards only is kept in memory, and may be no larger than an image. */
export async function randomAccess({ origin, reader, random, sizeBytes }: Source): Promise<RandomAccess> {
  if (random !== null) return random;
  const limits = { expectedBytes: sizeBytes, maxBytes: MAX_IMAGE_BYTES };
  const bytes = await collect(origin, reader.rest(), limits);
  return sourceOfBytes(origin, bytes).random!;
}
