import type { ByteReader } from './byte-reader.ts';
import type { Packing } from './content.ts';
import type { Budget } from './limits.ts';

/** Unpacks what is `packing`-packed, from where the reader stands to its end. Each decoder is loaded when it is needed. */
export async function* unpack(
  packing: Packing,
  reader: ByteReader,
  budget: Budget,
): AsyncGenerator<Uint8Array, void> {
  switch (packing) {
    case 'gzip':
      yield* (await import('./gzip.ts')).gunzip(reader, budget, 'zeros');
      break;
    case 'xz':
      yield* (await import('./xz.ts')).unxz(reader, budget);
      break;
    case 'zstd':
      yield* (await import('./zstd.ts')).unzstd(reader, budget);
      break;
  }
}
