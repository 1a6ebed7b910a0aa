// The only file that imports xz-decompress.
import { createHash } from 'node:crypto';
import xz from 'xz-decompress'; // a CommonJS module whose names Node does not see
import type { ByteReader } from './byte-reader.ts';
import { damaged, ImageError } from './image-error.ts';
import type { Budget } from './limits.ts';
import { xzBlocks } from './xz-container.ts';

/** Unpacks .xz: LZMA2 alone, every check that `xz` and rpm write. */
export async function* unxz(reader: ByteReader, budget: Budget): AsyncGenerator<Uint8Array, void> {
  const start = reader.offsetBytes;
  let unpackedBytes = 0;
  for await (const block of xzBlocks(reader)) {
    const hash = createHash('sha256');
    for await (const chunk of decode(block.stream, reader)) {
      hash.update(chunk);
      unpackedBytes += chunk.length;
      budget.unpack(reader.place, chunk.length, { packedBytes: reader.offsetBytes - start, unpackedBytes });
      yield chunk;
    }
    const expected = block.expectedSha256();
    if (expected !== null && !hash.digest().equals(expected))
      throw damaged(reader.place, 'the checksum of its xz data is wrong');
  }
}

/** The decoder holds a lock over all streams of the process: it must be let go, however this ends. */
async function* decode(
  stream: AsyncGenerator<Uint8Array, void>,
  reader: ByteReader,
): AsyncGenerator<Uint8Array, void> {
  const unpacked = new xz.XzReadableStream(webStreamOf(stream)).getReader();
  let open = true;
  try {
    for (;;) {
      const { value, done } = await unpacked.read().catch((error: unknown) => {
        open = false;
        throw error instanceof ImageError
          ? error
          : damaged(reader.place, `its xz data before byte ${reader.offsetBytes} make no sense`);
      });
      if (done) break;
      if (value.length > 0) yield value;
    }
    open = false;
  } finally {
    if (open) await unpacked.cancel();
  }
}

const webStreamOf = (chunks: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
