import { createHash } from 'node:crypto';
import { concatBytes } from '../base/bytes.ts';
import { ImageError } from './image-error.ts';

/** All bytes of a firmware image, and their hash. Shared by every device that gets them: nobody writes to `bytes`. */
export interface FirmwareImage {
  readonly bytes: Uint8Array;
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  /** Only its hash and its size are known: `bytes` are zeros, and are sent nowhere. */
  readonly isAbsent?: true;
}

/** No expander, enclosure or drive takes more; a device or a pipe without an end must not fill the memory. */
export const MAX_IMAGE_BYTES = 256 * 1024 * 1024;

export const imageOf = (bytes: Uint8Array): FirmwareImage => ({
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/**
 * All chunks as one piece. `expectedBytes` saves a second copy where the size is known; the end is where the chunks
 * end. Throws ImageError for nothing, and for more than `maxBytes`.
 */
export async function collect(
  origin: string,
  chunks: AsyncIterable<Uint8Array>,
  { expectedBytes, maxBytes }: { readonly expectedBytes: number | null; readonly maxBytes: number },
): Promise<Uint8Array> {
  if ((expectedBytes ?? 0) > maxBytes) throw tooLarge(origin, maxBytes);
  const expected = new Uint8Array(expectedBytes ?? 0);
  const parts: Uint8Array[] = [];
  let totalBytes = 0;
  for await (const chunk of chunks) {
    const end = totalBytes + chunk.length;
    if (end > maxBytes) throw tooLarge(origin, maxBytes);
    if (end <= expected.length && parts.length === 0) expected.set(chunk, totalBytes);
    else parts.push(chunk);
    totalBytes = end;
  }
  if (totalBytes === 0) throw new ImageError('empty', `${origin} is empty`);
  const first = expected.subarray(0, totalBytes - parts.reduce((sum, part) => sum + part.length, 0));
  return parts.length === 0 ? first : concatBytes(first, ...parts);
}

const tooLarge = (origin: string, maxBytes: number): ImageError =>
  new ImageError('too-large', `${origin} is larger than ${maxBytes} bytes`);
