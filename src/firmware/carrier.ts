import { ByteReader, chunksOf } from './byte-reader.ts';
import type { CarrierKind, Packing } from './content.ts';
import { contentOf, HEAD_BYTES, isTarHeader } from './content.ts';
import { ImageError } from './image-error.ts';
import { Budget } from './limits.ts';
import type { Member } from './member.ts';
import type { Source } from './random-access.ts';
import { randomAccess } from './random-access.ts';
import { unpack } from './unpack.ts';

/** A file that holds others. It is opened, and never executed. */
export interface Carrier {
  readonly kind: CarrierKind;
  /** Once, from the beginning; to be read to the end, where the last checksums are. Throws ImageError. */
  members(): AsyncGenerator<Member, void>;
}

/** Enough for the first block of every packing. */
const PACKED_HEAD_BYTES = 256 * 1024;

const PACKED_TAR = { gzip: 'tar.gz', xz: 'tar.xz', zstd: 'tar.zst' } as const;

/**
 * Null: no carrier, as far as its first bytes tell. Readers are loaded when they are needed. `wanted`: it should be one,
 * and damage is told; else a packed file may be an image that its device unpacks.
 */
export async function openCarrier(source: Source, budget: Budget, wanted: boolean): Promise<Carrier | null> {
  const { reader, origin } = source;
  const content = contentOf(await reader.peek(HEAD_BYTES));
  if (content?.kind === 'packed') {
    const { packing } = content;
    if (!(await holdsTar(source, packing, budget, wanted))) return null;
    return {
      kind: PACKED_TAR[packing],
      members: () =>
        later(async () =>
          (await import('./tar.ts')).tarMembers(unpack(packing, reader, budget), origin, budget),
        ),
    };
  }
  if (content?.kind !== 'carrier') return null;
  const { carrier } = content;
  const open = {
    scexe: async () => (await import('./scexe.ts')).scexeMembers(reader, budget),
    rpm: async () => (await import('./rpm.ts')).rpmMembers(reader, budget),
    zip: async () => (await import('./zip.ts')).zipMembers(await randomAccess(source), origin, budget),
    tar: async () => (await import('./tar.ts')).tarMembers(reader.rest(), origin, budget),
  }[carrier];
  return { kind: carrier, members: () => later(open) };
}

async function holdsTar(
  { reader, origin }: Source,
  packing: Packing,
  { limits }: Budget,
  wanted: boolean,
): Promise<boolean> {
  const head = await reader.peek(PACKED_HEAD_BYTES);
  const unpacked = new ByteReader(
    unpack(packing, new ByteReader(chunksOf(head), origin), new Budget(limits)),
    origin,
  );
  try {
    return isTarHeader(await unpacked.peek(HEAD_BYTES));
  } catch (error) {
    if (error instanceof ImageError && !wanted) return false;
    throw error;
  } finally {
    await unpacked.close();
  }
}

async function* later(open: () => Promise<AsyncGenerator<Member, void>>): AsyncGenerator<Member, void> {
  yield* await open();
}
