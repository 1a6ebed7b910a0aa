import type { LabImage } from './incoming-image.ts';
import { holds } from './incoming-image.ts';

/** Bytes from `from` up to, and without, `to`. */
export type ByteRange = readonly [from: number, to: number];

/**
 * An image on its way into a subenclosure. Unlike WRITE BUFFER, page 0Eh says how long the whole is. Nothing is copied:
 * kept are the listed images of that length which have all the bytes that came, and which bytes came.
 */
export class SesIncomingImage {
  readonly lengthBytes: number;
  #suspects: readonly LabImage[];
  #ranges: readonly ByteRange[];

  /** `suspects` are all images that the enclosure knows; `ranges` is for a download that goes on. */
  constructor(suspects: readonly LabImage[], lengthBytes: number, ranges: readonly ByteRange[] = []) {
    this.lengthBytes = lengthBytes;
    this.#suspects = suspects.filter(({ bytes }) => bytes.length === lengthBytes);
    this.#ranges = ranges;
  }

  get suspects(): readonly LabImage[] {
    return this.#suspects;
  }

  /** What came, in order and without overlaps. */
  get ranges(): readonly ByteRange[] {
    return this.#ranges;
  }

  get complete(): boolean {
    const [first] = this.#ranges;
    return this.#ranges.length === 1 && first![0] === 0 && first![1] === this.lengthBytes;
  }

  /** The listed image that came; null: no such image. Only with {@link complete}. */
  get image(): LabImage | null {
    return this.#suspects[0] ?? null;
  }

  add(offsetBytes: number, data: Uint8Array): void {
    if (data.length === 0) return;
    this.#suspects = this.#suspects.filter(({ bytes }) => holds(bytes, offsetBytes, data));
    this.#ranges = withRange(this.#ranges, [offsetBytes, offsetBytes + data.length]);
  }
}

function withRange(ranges: readonly ByteRange[], added: ByteRange): ByteRange[] {
  let [from, to] = added;
  const apart: ByteRange[] = [];
  for (const range of ranges) {
    if (range[1] < from || range[0] > to) apart.push(range);
    else [from, to] = [Math.min(from, range[0]), Math.max(to, range[1])];
  }
  return [...apart, [from, to] as const].sort((a, b) => a[0] - b[0]);
}
