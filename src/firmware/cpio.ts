import type { ByteReader } from './byte-reader.ts';
import { damaged, unsupported } from './image-error.ts';
import type { Budget } from './limits.ts';
import { kindOfMode } from './member.ts';
import type { Member } from './member.ts';

const HEADER_BYTES = 110;
const MAGIC = { newc: '070701', newcWithChecksum: '070702', stripped: '07070X' };
const TRAILER = 'TRAILER!!!';

/** Members of a cpio archive in the form `newc`: text header of hex fields, name, bytes, each padded to 4. */
export async function* cpioMembers(reader: ByteReader, budget: Budget): AsyncGenerator<Member, void> {
  const { origin } = reader;
  for (;;) {
    const at = reader.offsetBytes;
    const { mode, links, sizeBytes, nameBytes, sum } = await readHeader(reader);
    if (nameBytes < 2 || nameBytes > budget.limits.nameBytes)
      throw damaged(origin, `the cpio member at byte ${at} has a name of ${nameBytes} bytes`);
    const rawName = Buffer.from(await reader.take(nameBytes, 'a cpio name')).toString('utf8');
    if (!rawName.endsWith('\0')) throw damaged(origin, `the cpio name at byte ${at} has no end`);
    await skipPadding(reader, HEADER_BYTES + nameBytes);
    if (rawName === `${TRAILER}\0`) {
      if (sizeBytes !== 0) throw damaged(origin, `the end mark of its cpio has ${sizeBytes} bytes`);
      break;
    }
    const name = budget.member(origin, rawName.slice(0, -1));
    const end = reader.offsetBytes + sizeBytes;
    // Of several names of one file, the last one holds its bytes.
    const type = kindOfMode(mode);
    const kind = type === 'file' && links > 1 && sizeBytes === 0 ? 'link' : type;
    if ((type === 'directory' || type === 'other') && sizeBytes !== 0)
      throw damaged(origin, `its member ${name} holds no file, but ${sizeBytes} bytes`);
    yield { name, kind, sizeBytes, bytes: () => checked(reader, { sizeBytes, sum, name }) };
    await reader.skip(end - reader.offsetBytes, `the member ${name}`);
    await skipPadding(reader, sizeBytes);
  }
  for await (const chunk of reader.rest()) {
    if (chunk.some((byte) => byte !== 0)) throw damaged(origin, 'something else follows its cpio archive');
  }
}

/** The bytes of a member; `sum`: of all of them, in 32 bits, or null. */
async function* checked(
  reader: ByteReader,
  { sizeBytes, sum, name }: { sizeBytes: number; sum: number | null; name: string },
): AsyncGenerator<Uint8Array, void> {
  let total = 0;
  for await (const chunk of reader.exactly(sizeBytes, `the member ${name}`)) {
    if (sum !== null) total = chunk.reduce((all, byte) => (all + byte) >>> 0, total);
    yield chunk;
  }
  if (sum !== null && total !== sum)
    throw damaged(reader.origin, `the checksum of its member ${name} is wrong`);
}

interface CpioHeader {
  readonly mode: number;
  readonly links: number;
  readonly sizeBytes: number;
  readonly nameBytes: number;
  /** Null: this form has none. */
  readonly sum: number | null;
}

async function readHeader(reader: ByteReader): Promise<CpioHeader> {
  const at = reader.offsetBytes;
  const start = Buffer.from(await reader.peek(MAGIC.newc.length)).toString('latin1');
  if (start === MAGIC.stripped) {
    throw unsupported(reader.origin, 'leaves out the names of its members (rpm 6, or files above 4 GiB)');
  }
  const text = Buffer.from(await reader.take(HEADER_BYTES, 'a cpio header')).toString('latin1');
  const isNewc = start === MAGIC.newc || start === MAGIC.newcWithChecksum;
  if (!isNewc || !/^[0-9a-f]+$/i.test(text))
    throw damaged(reader.origin, `no cpio member begins at byte ${at}`);
  const field = (index: number): number => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16);
  const sum = start === MAGIC.newcWithChecksum ? field(12) : null;
  return { mode: field(1), links: field(4), sizeBytes: field(6), nameBytes: field(11), sum };
}

const skipPadding = (reader: ByteReader, written: number): Promise<void> =>
  reader.skip(-written & 3, 'the padding of a cpio member');
