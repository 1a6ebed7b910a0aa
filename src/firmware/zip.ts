// The only file that imports yauzl.
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { ByteReader } from './byte-reader.ts';
import { inflateRaw } from './gzip.ts';
import { cutOff, damaged, ImageError, unsupported } from './image-error.ts';
import type { Budget } from './limits.ts';
import { kindOfMode } from './member.ts';
import type { Member, MemberKind } from './member.ts';
import type { RandomAccess } from './random-access.ts';

const METHOD = { stored: 0, deflated: 8 };
const UNIX = 3;

/** Members of a zip, in the order of its directory. A member that nobody reads is not unpacked. */
export async function* zipMembers(
  access: RandomAccess,
  place: string,
  budget: Budget,
): AsyncGenerator<Member, void> {
  const fail = (error: unknown): never => {
    throw zipError(place, access, error);
  };
  const zip = await fromRandomAccessReaderPromise(new Ranges(access), access.sizeBytes, {
    autoClose: false,
    decodeStrings: false, // names are judged here, as those of all carriers are
  }).catch(fail);
  zip.on('error', () => undefined); // told by eachEntry
  const entries = zip.eachEntry();
  try {
    for (;;) {
      const next = await entries.next().catch(fail);
      if (next.done === true) return;
      const entry = next.value;
      const rawName = getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileNameRaw,
        entry.extraFields,
        false,
      );
      const name = budget.member(place, rawName);
      yield {
        name,
        kind: kindOf(entry, rawName),
        sizeBytes: entry.uncompressedSize,
        bytes: () => bytesOf(zip, entry, { access, place, name, budget }),
      };
    }
  } finally {
    zip.close();
  }
}

async function* bytesOf(
  zip: ZipFile,
  entry: Entry,
  { access, place, name, budget }: { access: RandomAccess; place: string; name: string; budget: Budget },
): AsyncGenerator<Uint8Array, void> {
  if (entry.isEncrypted())
    throw unsupported(place, `has ${name} encrypted`, 'unpack it by hand, then name the image');
  const method = entry.compressionMethod;
  if (method !== METHOD.stored && method !== METHOD.deflated)
    throw unsupported(
      place,
      `has ${name} packed with method ${method}`,
      'unpack it by hand, then name the image',
    );
  const { fileDataStart } = await zip
    .readLocalFileHeaderPromise(entry, { minimal: true })
    .catch((error: unknown) => {
      throw zipError(place, access, error);
    });
  const packed = new ByteReader(access.range(fileDataStart, fileDataStart + entry.compressedSize), place);
  const unpacked =
    method === METHOD.deflated
      ? inflateRaw(packed, budget.meter(packed))
      : packed.exactly(entry.compressedSize, `the member ${name}`);
  let crc = 0;
  let sizeBytes = 0;
  try {
    for await (const chunk of unpacked) {
      crc = crc32(chunk, crc);
      sizeBytes += chunk.length;
      if (sizeBytes > entry.uncompressedSize) break;
      yield chunk;
    }
  } finally {
    await packed.close();
  }
  if (sizeBytes !== entry.uncompressedSize || crc !== entry.crc32)
    throw damaged(
      place,
      `the member ${name} does not have the size and checksum that the zip directory gives`,
    );
}

function kindOf(entry: Entry, rawName: string): MemberKind {
  if (rawName.endsWith('/')) return 'directory';
  const mode = entry.externalFileAttributes >>> 16;
  const isUnix = entry.versionMadeBy >> 8 === UNIX && (mode & 0o170000) !== 0;
  return isUnix ? kindOfMode(mode) : 'file';
}

/** A file behind the reader of yauzl: only `read` is ever called. */
class Ranges extends RandomAccessReader {
  readonly #access: RandomAccess;

  constructor(access: RandomAccess) {
    super();
    this.#access = access;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#fill(buffer, offset, length, position).then(
      () => callback(null),
      (error: unknown) => callback(error as Error),
    );
  }

  async #fill(buffer: Buffer, offset: number, length: number, position: number): Promise<void> {
    let filled = 0;
    for await (const chunk of this.#access.range(position, position + length)) {
      buffer.set(chunk, offset + filled);
      filled += chunk.length;
    }
    if (filled < length) throw new Error(`it ends at byte ${position + filled}`);
  }
}

/** The directory of a zip is at its end: without it, the file was most likely cut. */
function zipError(place: string, { sizeBytes }: RandomAccess, error: unknown): ImageError {
  if (error instanceof ImageError) return error;
  const cause = error instanceof Error ? error.message : String(error);
  return /end of central directory record signature not found/i.test(cause)
    ? cutOff(place, 'a zip, whose directory is missing', sizeBytes)
    : damaged(place, `its zip directory is invalid (${cause})`);
}
