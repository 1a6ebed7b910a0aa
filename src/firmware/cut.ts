import { MAX_IMAGE_BYTES } from './image.ts';

/** Which bytes of an image are sent. */
export interface Cut {
  readonly skipBytes: number;
  /** Null: to the end. */
  readonly lengthBytes: number | null;
  /** Fills up to `lengthBytes`; null: a length beyond the image is a mistake. */
  readonly fill: number | null;
}

export type CutResult =
  | { readonly bytes: Uint8Array }
  /** `key` is the word of the playbook that does not fit. */
  | { readonly key: 'skip' | 'length'; readonly message: string };

/** Applies skip, length and fill. Copies only where there is something to fill. */
export function cutImage(image: Uint8Array, { skipBytes, lengthBytes, fill }: Cut): CutResult {
  if (skipBytes >= image.length) {
    return {
      key: 'skip',
      message: `skip ${skipBytes} leaves nothing of the image, which has ${image.length} bytes`,
    };
  }
  const rest = image.length - skipBytes;
  if (lengthBytes === null || lengthBytes <= rest) {
    const bytes =
      skipBytes === 0 && (lengthBytes ?? rest) === rest
        ? image
        : image.subarray(skipBytes, skipBytes + (lengthBytes ?? rest));
    return { bytes };
  }
  if (fill === null) {
    const has = skipBytes === 0 ? `${image.length} bytes` : `${image.length} - ${skipBytes} = ${rest} bytes`;
    return { key: 'length', message: `length ${lengthBytes} is more than the image has: ${has}` };
  }
  if (lengthBytes > MAX_IMAGE_BYTES) {
    return {
      key: 'length',
      message: `length ${lengthBytes} is more than ${MAX_IMAGE_BYTES} bytes (256 MiB)`,
    };
  }
  const bytes = new Uint8Array(lengthBytes).fill(fill);
  bytes.set(image.subarray(skipBytes));
  return { bytes };
}
