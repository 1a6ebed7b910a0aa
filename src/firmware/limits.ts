import { ImageError } from './image-error.ts';

/** How much a carrier may unpack to, whatever it says about itself. */
export interface Limits {
  /** Over all levels of one file. */
  readonly unpackedBytes: number;
  /** Unpacked bytes for each packed one, once `freeBytes` are exceeded. */
  readonly ratio: number;
  /** An image that is padded with one value packs better than any ratio. */
  readonly freeBytes: number;
  /** The same over all decompressors of one file: a package of many small bombs. */
  readonly freeBytesOfAll: number;
  /** Over all levels of one file. */
  readonly members: number;
  /** Streams, blocks or frames that packed data may consist of, besides one for each KiB that comes out. */
  readonly pieces: number;
  readonly nameBytes: number;
  /** Carriers in carriers. */
  readonly levels: number;
  /** Processor time of the whole: a slow source or a busy machine is not a bomb. */
  readonly cpuMs: number;
}

export const LIMITS: Limits = {
  unpackedBytes: 8 * 1024 ** 3,
  ratio: 200,
  freeBytes: 64 * 1024 ** 2,
  freeBytesOfAll: 512 * 1024 ** 2,
  members: 20_000,
  pieces: 5000,
  nameBytes: 4096,
  levels: 4,
  cpuMs: 120_000,
};

const REST_EVERY_MS = 50;

/** What opening one file has cost so far. */
export class Budget {
  #unpackedBytes = 0;
  #packedBytes = 0;
  #members = 0;
  readonly #begun = process.cpuUsage();
  #restedMs = performance.now();

  constructor(readonly limits: Limits = LIMITS) {}

  /** Between two members: lets signals in, which wait as long as this thread computes. Throws when it all takes too long. */
  async rest(origin: string): Promise<void> {
    this.#requireTime(origin);
    const nowMs = performance.now();
    if (nowMs - this.#restedMs < REST_EVERY_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#restedMs = performance.now();
  }

  #requireTime(origin: string): void {
    const { user, system } = process.cpuUsage(this.#begun);
    if ((user + system) / 1000 > this.limits.cpuMs)
      throw over(origin, `takes more than ${this.limits.cpuMs / 1000} s of processor time to unpack`);
  }

  /** A meter for one decompressor that reads from where the reader stands. */
  meter(reader: Position): Meter {
    return new Meter(this, reader);
  }

  /** Counts what came out of how many packed bytes. */
  unpack(origin: string, bytes: number, packedBytes: number): void {
    const { unpackedBytes, freeBytesOfAll, ratio } = this.limits;
    this.#unpackedBytes += bytes;
    this.#packedBytes += packedBytes;
    this.#requireTime(origin);
    if (this.#unpackedBytes > unpackedBytes)
      throw over(origin, `unpacks to more than ${unpackedBytes} bytes`);
    if (this.#unpackedBytes > freeBytesOfAll && this.#unpackedBytes > ratio * this.#packedBytes)
      throw over(origin, `unpacks to more than ${ratio} times its size`);
  }

  /** Counts a member, or what a carrier says of all of them. */
  count(origin: string): void {
    this.#members++;
    if (this.#members > this.limits.members)
      throw over(origin, `holds more than ${this.limits.members} members`);
  }

  /** Counts a member and gives its name in one form: without `./`, with `/`. Throws for a name that leads elsewhere. */
  member(origin: string, rawName: string): string {
    this.count(origin);
    if (Buffer.byteLength(rawName) > this.limits.nameBytes) {
      throw over(origin, `has a name of more than ${this.limits.nameBytes} bytes`);
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
        `${origin} has a member with a path outside the package: ${shown}`,
        'do not use this file: no vendor ships such a package',
      );
    }
    return plainName(name);
  }
}

interface Position {
  readonly origin: string;
  readonly offsetBytes: number;
}

/** Compares what comes out of one decompressor with what went into it. */
export class Meter {
  readonly #startBytes: number;
  #unpackedBytes = 0;
  #packedBytes = 0;
  #pieces = 0;

  constructor(
    readonly budget: Budget,
    readonly reader: Position,
  ) {
    this.#startBytes = reader.offsetBytes;
  }

  /** Counts a stream, block or frame: each costs the decoder time, even if nothing is in it. */
  piece(): void {
    this.#pieces++;
    if (this.#pieces > this.budget.limits.pieces + this.#unpackedBytes / 1024)
      throw over(this.reader.origin, `is packed in ${this.#pieces} pieces of hardly any bytes`);
  }

  /** Throws when too much came out. */
  count(bytes: number): void {
    const { origin, offsetBytes } = this.reader;
    const { freeBytes, ratio } = this.budget.limits;
    const packedBytes = offsetBytes - this.#startBytes;
    this.#unpackedBytes += bytes;
    this.budget.unpack(origin, bytes, packedBytes - this.#packedBytes);
    this.#packedBytes = packedBytes;
    if (this.#unpackedBytes > freeBytes && this.#unpackedBytes > ratio * packedBytes)
      throw over(origin, `unpacks to more than ${ratio} times its size`);
  }
}

/** `./fw//image.bin` → `fw/image.bin`. */
export const plainName = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

const over = (origin: string, what: string): ImageError =>
  new ImageError(
    'limit',
    `${origin} ${what}`,
    'download it again; if it is intact, unpack it by hand, then name the image',
  );
