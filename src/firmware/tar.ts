import { ByteReader } from './byte-reader.ts';
import { cutOff, damaged, ImageError, unsupported } from './image-error.ts';
import type { Budget } from './limits.ts';
import type { Member, MemberKind } from './member.ts';
import { readPax } from './pax.ts';
import type { PaxRecords } from './pax.ts';
import { BLOCK_BYTES, headerOf, textOf } from './tar-header.ts';
import type { TarHeader } from './tar-header.ts';

/*
 * Read here, and strictly, because readers of tars differ in what they let pass: of a tar that two of them understand
 * differently, the hash would be that of other bytes than a person sees. What GNU tar would guess is refused.
 */

/** Of one extended header. */
const MAX_PAX_BYTES = 1024 * 1024;

/** Members of a tar: POSIX, GNU, and what came before them. */
export async function* tarMembers(
  chunks: AsyncIterable<Uint8Array>,
  origin: string,
  budget: Budget,
): AsyncGenerator<Member, void> {
  const reader = new ByteReader(chunks, origin);
  try {
    for (;;) {
      const entry = await readEntry(reader, budget);
      if (entry === null) break;
      const { header, kind, sizeBytes } = entry;
      const name = budget.member(origin, entry.name);
      if (kind !== 'file' && header.type !== 'D' && header.isKnown && sizeBytes !== 0)
        throw damaged(origin, `its member ${name} holds no file, but ${sizeBytes} bytes`);
      const end = reader.offsetBytes + sizeBytes;
      yield { name, kind, sizeBytes, bytes: () => reader.exactly(sizeBytes, `the member ${name}`) };
      await reader.skip(end - reader.offsetBytes, `the member ${name}`);
      await skipPadding(reader, sizeBytes);
    }
    // What a tar was padded with, or anything else behind its end: no reader of tars looks at it.
    await reader.skipRest();
  } finally {
    await reader.close();
  }
}

interface Entry {
  readonly header: TarHeader;
  readonly name: string;
  readonly kind: MemberKind;
  readonly sizeBytes: number;
}

/** The header of a member with what is said before it. Null: the end mark. */
async function readEntry(reader: ByteReader, budget: Budget): Promise<Entry | null> {
  const { origin } = reader;
  let longName: string | null = null;
  let longLink: string | null = null;
  let pax: PaxRecords | null = null;
  const before = (said: unknown): void => {
    if (said !== null) throw damaged(origin, `its member before byte ${reader.offsetBytes} is named twice`);
  };
  for (;;) {
    const header = await readHeader(reader);
    if (header === null && (longName ?? longLink ?? pax) === null) return null;
    if (header === null) throw damaged(origin, 'its tar ends behind the name of a member');
    switch (header.type) {
      case 'L':
        before(longName);
        longName = await readLong(reader, header, budget);
        break;
      case 'K':
        before(longLink);
        longLink = await readLong(reader, header, budget);
        break;
      case 'x':
        before(pax);
        pax = readPax(await readExtension(reader, header, MAX_PAX_BYTES), origin);
        break;
      case 'g': {
        budget.count(origin);
        const forAll = readPax(await readExtension(reader, header, MAX_PAX_BYTES), origin);
        if (forAll.path !== null || forAll.sizeBytes !== null || forAll.isSparse)
          throw damaged(origin, 'its tar gives all members one name or size');
        break;
      }
      default: {
        const name = pax?.path ?? longName ?? header.name;
        if (name === '') throw damaged(origin, `a member before byte ${reader.offsetBytes} has no name`);
        const sizeBytes = pax?.sizeBytes ?? header.sizeBytes;
        if (header.type === 'S' || pax?.isSparse === true) throw holes(origin, name);
        return { header, name, kind: kindOf(header.type, name), sizeBytes };
      }
    }
  }
}

/** Null: a block of zeros, which ends a tar. One alone is enough for GNU tar. */
async function readHeader(reader: ByteReader): Promise<TarHeader | null> {
  const at = reader.offsetBytes;
  if ((await reader.some()).length === 0) throw cutOff(reader.origin, 'a tar, which has no end mark', at);
  const block = await reader.take(BLOCK_BYTES, 'the header of a tar');
  return block.every((byte) => byte === 0) ? null : headerOf(block, reader.origin, at);
}

async function readExtension(reader: ByteReader, header: TarHeader, maxBytes: number): Promise<Uint8Array> {
  const { sizeBytes } = header;
  if (sizeBytes > maxBytes)
    throw new ImageError('limit', `${reader.origin} has a name of more than ${maxBytes} bytes`);
  const bytes = await reader.take(sizeBytes, 'a name in a tar');
  await skipPadding(reader, sizeBytes);
  return bytes;
}

const readLong = async (reader: ByteReader, header: TarHeader, { limits }: Budget): Promise<string> =>
  textOf(await readExtension(reader, header, limits.nameBytes));

/** What stands in the tar are the pieces between the holes; put together wrongly they would have a hash, too. */
const holes = (origin: string, name: string): ImageError =>
  unsupported(
    origin,
    `holds ${name} as a file with holes (sparse)`,
    'it is not put together here: unpack it with tar, and name the image that comes out',
  );

const skipPadding = (reader: ByteReader, written: number): Promise<void> =>
  reader.skip(-written & (BLOCK_BYTES - 1), 'the padding of a tar member');

function kindOf(type: string, name: string): MemberKind {
  switch (type) {
    case '0':
    case '7': // contiguous on the disk, once
      return name.endsWith('/') ? 'directory' : 'file';
    case '5':
    case 'D': // of GNU, with the names that were in it
      return 'directory';
    case '1':
    case '2':
      return 'link';
    default:
      return 'other';
  }
}
