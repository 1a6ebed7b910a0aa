// The only file that imports yauzl.
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import type { Entry, LocalFileHeader } from 'yauzl';
import { viewOf } from '../base/bytes.ts';
import { ByteReader } from './byte-reader.ts';
import { inflateRaw } from './gzip.ts';
import { cutOff, damaged, ImageError, unsupported } from './image-error.ts';
import type { Budget } from './limits.ts';
import { kindOfMode } from './member.ts';
import type { Member, MemberKind } from './member.ts';
import type { RandomAccess } from './random-access.ts';
import { checkZipLayout } from './zip-layout.ts';
import type { ZipPlace } from './zip-layout.ts';

const METHOD = { stored: 0, deflated: 8 };
const UNIX = 3;
/** With members above 4 GiB; what came later are other methods and encryption. In tenths. */
const NEWEST_VERSION = 45;

/** Members of a zip, in the order of its directory. A member that nobody reads is not unpacked. */
export async function* zipMembers(
  access: RandomAccess,
  origin: string,
  budget: Budget,
): AsyncGenerator<Member, void> {
  const fail = (error: unknown): never => {
    throw zipError(origin, access, error);
  };
  const zip = await fromRandomAccessReaderPromise(new Ranges(access), access.sizeBytes, {
    autoClose: false,
    decodeStrings: false, // names are judged here, as those of all carriers are
  }).catch(fail);
  zip.on('error', () => undefined); // told by eachEntry
  try {
    const found: { entry: Entry; name: string; rawName: string; at: ZipPlace }[] = [];
    const entries = zip.eachEntry();
    for (;;) {
      const next = await entries.next().catch(fail);
      if (next.done === true) break;
      const entry = next.value;
      const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
      const rawName = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
      const name = budget.member(origin, rawName);
      const header = await zip.readLocalFileHeaderPromise(entry, { minimal: false }).catch(fail);
      found.push({ entry, name, rawName, at: placeOf(entry, header, name, origin) });
    }
    const places = found.map(({ at }) => at);
    await checkZipLayout(access, origin, places, zip.comment.length);
    for (const { entry, name, rawName, at } of found) {
      yield {
        name,
        kind: kindOf(entry, rawName),
        sizeBytes: entry.uncompressedSize,
        bytes: () => bytesOf(entry, at, { access, origin, budget }),
      };
    }
  } finally {
    zip.close();
  }
}

const FLAG = { encrypted: 0x01, descriptor: 0x08 };
/** A size of a large member stands in an extra field, which has room for it. */
const ELSEWHERE = 0xffffffff;
const LARGE_SIZES = 0x0001;

/** Unpacked, packed, as the header in front of the data says; NaN: it does not. */
function sizesOf(header: LocalFileHeader): readonly [number, number] {
  const { uncompressedSize, compressedSize, extraField } = header;
  const large: number[] = [];
  const view = viewOf(extraField);
  for (let at = 0; at + 4 <= view.byteLength; at += 4 + view.getUint16(at + 2, true)) {
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), view.byteLength);
    if (view.getUint16(at, true) !== LARGE_SIZES) continue;
    for (let value = at + 4; value + 8 <= end; value += 8) large.push(Number(view.getBigUint64(value, true)));
  }
  const take = (size: number): number => (size === ELSEWHERE ? (large.shift() ?? NaN) : size);
  return [take(uncompressedSize), take(compressedSize)];
}

/** Throws where the header in front of the data says something else than the directory. */
function placeOf(entry: Entry, header: LocalFileHeader, name: string, origin: string): ZipPlace {
  const hasDescriptor = (header.generalPurposeBitFlag & FLAG.descriptor) !== 0;
  const isSame = (there: number, here: number): boolean => there === here || (hasDescriptor && there === 0);
  const [uncompressedSize, compressedSize] = sizesOf(header);
  const flags = header.generalPurposeBitFlag ^ entry.generalPurposeBitFlag;
  if (
    (flags & (FLAG.encrypted | FLAG.descriptor)) !== 0 ||
    header.compressionMethod !== entry.compressionMethod ||
    Buffer.compare(header.fileName, entry.fileNameRaw) !== 0 ||
    !isSame(header.crc32, entry.crc32) ||
    !isSame(compressedSize, entry.compressedSize) ||
    !isSame(uncompressedSize, entry.uncompressedSize)
  )
    throw damaged(origin, `its directory and the header of the member ${name} contradict each other`);
  return {
    name,
    headerBytes: entry.relativeOffsetOfLocalHeader,
    dataStartBytes: header.fileDataStart,
    dataEndBytes: header.fileDataStart + entry.compressedSize,
    hasDescriptor,
  };
}

async function* bytesOf(
  entry: Entry,
  { name, dataStartBytes, dataEndBytes }: ZipPlace,
  { access, origin, budget }: { access: RandomAccess; origin: string; budget: Budget },
): AsyncGenerator<Uint8Array, void> {
  if (entry.isEncrypted())
    throw unsupported(origin, `has ${name} encrypted`, 'unpack it by hand, then name the image');
  const method = entry.compressionMethod;
  if (method !== METHOD.stored && method !== METHOD.deflated)
    throw unsupported(
      origin,
      `has ${name} packed with method ${method}`,
      'unpack it by hand, then name the image',
    );
  const version = entry.versionNeededToExtract & 0xff;
  if (version > NEWEST_VERSION)
    throw unsupported(origin, `asks for version ${version / 10} of zip to unpack ${name}`);
  const packed = new ByteReader(access.range(dataStartBytes, dataEndBytes), origin);
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
    if (sizeBytes <= entry.uncompressedSize && (await packed.some()).length > 0)
      throw damaged(origin, `the packed data of the member ${name} end before they should`);
  } finally {
    await packed.close();
  }
  if (sizeBytes !== entry.uncompressedSize || crc !== entry.crc32)
    throw damaged(
      origin,
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
function zipError(origin: string, { sizeBytes }: RandomAccess, error: unknown): ImageError {
  if (error instanceof ImageError) return error;
  const cause = error instanceof Error ? error.message : String(error);
  return /end of central directory record signature not found/i.test(cause)
    ? cutOff(origin, 'a zip, whose directory is missing', sizeBytes)
    : damaged(origin, `its zip directory is invalid (${cause})`);
}
