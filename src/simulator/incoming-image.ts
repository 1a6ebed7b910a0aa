/** An image that the simulated devices know: the bytes of the lab, and the revision that they bring. */
export interface LabImage {
  readonly name: string;
  /** Revision that it brings; null: it does not change it. */
  readonly revision: string | null;
  /** INQUIRY product that it brings; null: it does not change it. */
  readonly product: string | null;
  /** INQUIRY vendor that it brings; absent: it does not change it. */
  readonly vendor?: string;
  /** `negotiated_linkrate` of the phys of the device that runs it; absent: it does not change it. */
  readonly linkRate?: string;
  readonly bytes: Uint8Array;
}

/** Images describe themselves in their first bytes; a device reads these before anything else. */
const HEADER_BYTES = 16;

/**
 * An image on its way into a device. WRITE BUFFER never says how long the whole is: the device knows it from the image.
 * Nothing is copied: what came is known by the listed images that begin with it, so that hundreds of devices share
 * one copy.
 */
export class IncomingImage {
  #receivedBytes: number;
  #suspects: readonly LabImage[];
  #damaged: boolean;

  /** `suspects` are all images that the device knows; the rest is for a download that goes on. */
  constructor(suspects: readonly LabImage[], receivedBytes = 0, damaged = false) {
    this.#suspects = suspects;
    this.#receivedBytes = receivedBytes;
    this.#damaged = damaged;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** The listed images that begin with what came, or began with it before something else came. */
  get suspects(): readonly LabImage[] {
    return this.#suspects;
  }

  get damaged(): boolean {
    return this.#damaged;
  }

  /**
   * Takes the next bytes. `unknown`: the device is sure that this is not an image for it, from the header at once, from
   * the content only when it has all the bytes that the header promised.
   */
  add(chunk: Uint8Array): LabImage | 'more' | 'unknown' {
    const at = this.#receivedBytes;
    this.#receivedBytes += chunk.length;
    if (at === 0) {
      const header = chunk.subarray(0, HEADER_BYTES);
      this.#suspects = this.#suspects.filter(({ bytes }) =>
        holds(bytes, 0, header.subarray(0, bytes.length)),
      );
      if (this.#suspects.length === 0) return 'unknown';
    }
    if (!this.#damaged) {
      const matching = this.#suspects.filter(({ bytes }) => holds(bytes, at, chunk));
      if (matching.length === 0) this.#damaged = true;
      else this.#suspects = matching;
    }
    if (!this.#damaged) {
      return this.#suspects.find(({ bytes }) => bytes.length === this.#receivedBytes) ?? 'more';
    }
    const promisedBytes = Math.max(...this.#suspects.map(({ bytes }) => bytes.length));
    return this.#receivedBytes >= promisedBytes ? 'unknown' : 'more';
  }
}

/** True where `image` has exactly these bytes at `offsetBytes`. */
export function holds(image: Uint8Array, offsetBytes: number, bytes: Uint8Array): boolean {
  if (offsetBytes + bytes.length > image.length) return false;
  return Buffer.compare(image.subarray(offsetBytes, offsetBytes + bytes.length), bytes) === 0;
}
