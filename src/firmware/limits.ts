import { ImageError } from './image-error.ts';

/** How much a carrier may unpack to, whatever it says about itself. */
export interface Limits {
  /** Over all levels of one file. */
  readonly unpackedBytes: number;
  /** Unpacked bytes for each packed one, once `freeBytes` are exceeded. */
  readonly ratio: number;
  /** An image that is padded with one value packs better than any ratio. */
  readonly freeBytes: number;
  /** Over all levels of one file. */
  readonly members: number;
  /** Milliseconds that a decoder may take, besides one for each KiB that comes out of it. */
  readonly slowMs: number;
  readonly nameBytes: number;
  /** Carriers in carriers. */
  readonly levels: number;
}

export const LIMITS: Limits = {
  unpackedBytes: 8 * 1024 ** 3,
  ratio: 200,
  freeBytes: 64 * 1024 ** 2,
  members: 20_000,
  slowMs: 5000,
  nameBytes: 4096,
  levels: 4,
};

/** What opening one file has cost so far. */
export class Budget {
  #unpackedBytes = 0;
  #members = 0;

  constructor(readonly limits: Limits = LIMITS) {}

  /** A meter for one decompressor that reads from where the reader stands. */
  meter(reader: Position): Meter {
    return new Meter(this, reader);
  }

  unpack(place: string, bytes: number): void {
    this.#unpackedBytes += bytes;
    if (this.#unpackedBytes > this.limits.unpackedBytes)
      throw over(place, `unpacks to more than ${this.limits.unpackedBytes} bytes`);
  }

  /** Counts a member and gives its name in one form: without `./`, with `/`. Throws for a name that leads elsewhere. */
  member(place: string, rawName: string): string {
    this.#members++;
    if (this.#members > this.limits.members)
      throw over(place, `holds more than ${this.limits.members} members`);
    if (Buffer.byteLength(rawName) > this.limits.nameBytes) {
      throw over(place, `has a name of more than ${this.limits.nameBytes} bytes`);
    }
    const name = rawName.replaceAll('\\', '/');
    if (
      name.startsWith('/') ||
      /^[a-z]:/i.test(name) ||
      name.split('/').includes('..') ||
      name.includes('\0')
    ) {
      const shown = JSON.stringify(rawName.slice(0, 100));
      throw new ImageError(
        'unsafe',
        `${place} has a member with a path outside the package: ${shown}`,
        'do not use this file: no vendor ships such a package',
      );
    }
    return plainName(name);
  }
}

interface Position {
  readonly place: string;
  readonly offsetBytes: number;
}

/** Compares what comes out of one decompressor with what went into it. */
export class Meter {
  readonly #startBytes: number;
  #unpackedBytes = 0;

  constructor(
    readonly budget: Budget,
    readonly reader: Position,
  ) {
    this.#startBytes = reader.offsetBytes;
  }

  /** How long the decoder may still work, after it has worked for so long. */
  allowedMs(spentMs: number): number {
    return this.budget.limits.slowMs + this.#unpackedBytes / 1024 - spentMs;
  }

  /** Throws when too much came out. */
  count(bytes: number): void {
    const { place, offsetBytes } = this.reader;
    const { freeBytes, ratio } = this.budget.limits;
    this.#unpackedBytes += bytes;
    this.budget.unpack(place, bytes);
    if (this.#unpackedBytes > freeBytes && this.#unpackedBytes > ratio * (offsetBytes - this.#startBytes))
      throw over(place, `unpacks to more than ${ratio} times its size`);
  }
}

/** `./fw//image.bin` → `fw/image.bin`. */
export const plainName = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

const over = (place: string, what: string): ImageError =>
  new ImageError(
    'limit',
    `${place} ${what}`,
    'download it again; if it is intact, unpack it by hand, then name the image',
  );
