// The only file that imports xz-decompress.
import { createHash } from 'node:crypto';
import xz from 'xz-decompress'; // a CommonJS module whose names Node does not see
import type { ByteReader } from './byte-reader.ts';
import { damaged, ImageError } from './image-error.ts';
import type { Budget } from './limits.ts';
import { xzBlocks } from './xz-container.ts';

/** Unpacks .xz: LZMA2 alone, every check that `xz` and rpm write. */
export async function* unxz(reader: ByteReader, budget: Budget): AsyncGenerator<Uint8Array, void> {
  const meter = budget.meter(reader);
  for await (const block of xzBlocks(reader, meter)) {
    const hash = createHash('sha256');
    for await (const chunk of decode(block.stream, reader)) {
      hash.update(chunk);
      meter.count(chunk.length);
      yield chunk;
    }
    const expected = block.expectedSha256();
    if (expected !== null && !hash.digest().equals(expected))
      throw damaged(reader.origin, 'the checksum of its xz data is wrong');
  }
}

/**
 * Unpacks one complete stream. The decoder reads ahead and holds a lock over all streams of the process, which its own
 * `cancel` lets go twice when an error is on its way; so whoever stops early ends its input, and waits until it gives up.
 */
async function* decode(
  stream: AsyncGenerator<Uint8Array, void>,
  reader: ByteReader,
): AsyncGenerator<Uint8Array, void> {
  const input = { stopped: false };
  const unpacked = new xz.XzReadableStream(webStreamOf(stream, input)).getReader();
  try {
    for (;;) {
      const { value, done } = await unpacked.read().catch((error: unknown) => {
        throw error instanceof ImageError
          ? error
          : damaged(reader.origin, `its xz data before byte ${reader.offsetBytes} is invalid`);
      });
      if (done) break;
      if (value.length > 0) yield value;
    }
  } finally {
    input.stopped = true;
    for (let over = false; !over;) {
      over = await unpacked.read().then(
        ({ done }) => done,
        () => true,
      );
    }
  }
}

const webStreamOf = (
  chunks: AsyncGenerator<Uint8Array, void>,
  input: { readonly stopped: boolean },
): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (input.stopped) throw new Error('stopped');
        let next = await chunks.next();
        // The decoder takes two empty chunks in a row for the end.
        while (next.done !== true && next.value.length === 0) next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
