import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import type { Packing } from './content.ts';
import { contentOf, HEAD_BYTES } from './content.ts';
import { cpioMembers } from './cpio.ts';
import { damaged, unsupported } from './image-error.ts';
import type { Budget } from './limits.ts';
import type { Member } from './member.ts';
import { readRpmHeader, RpmTag, SignatureTag } from './rpm-header.ts';
import type { RpmHeader } from './rpm-header.ts';
import { unpack } from './unpack.ts';

const LEAD_BYTES = 96;
const SHA256 = 8; // PGPHASHALGO_SHA256

/**
 * Members of an rpm: lead, signature, header, and a payload, which is a packed cpio archive. Signatures are not
 * checked (the playbook pins the image); digests are, because they find damage that some packings do not.
 */
export async function* rpmMembers(reader: ByteReader, budget: Budget): AsyncGenerator<Member, void> {
  const { origin } = reader;
  const lead = await reader.take(LEAD_BYTES, 'the lead of an rpm');
  if (lead[4] !== 3 && lead[4] !== 4) throw unsupported(origin, `is an rpm of version ${lead[4]}`);
  const signature = await readRpmHeader(reader, 'signature');
  await reader.skip(-signature.raw.length & 7, 'the signature of an rpm');
  const header = await readRpmHeader(reader, 'header');
  const sha256 = signature.text(SignatureTag.headerSha256);
  if (sha256 !== null && createHash('sha256').update(header.raw).digest('hex') !== sha256)
    throw damaged(origin, 'the checksum of its header is wrong');

  const format = header.text(RpmTag.payloadFormat) ?? 'cpio';
  if (format !== 'cpio') throw unsupported(origin, `is an rpm with a payload of ${format}`);
  const digests = digestsOf(signature, header);
  const payload = new ByteReader(watched(reader.rest(), digests), origin);
  const packing = packingOf(await payload.peek(HEAD_BYTES), header, origin);
  const archive = packing === null ? payload : new ByteReader(unpack(packing, payload, budget), origin);
  try {
    yield* cpioMembers(archive, budget);
  } finally {
    await archive.close();
  }
  await payload.skipRest();
  for (const { hash, expected } of digests) {
    if (hash.digest('hex') !== expected) throw damaged(origin, 'the checksum of its payload is wrong');
  }
}

/** By content; the header says the same in a word. Null: not packed. */
function packingOf(head: Uint8Array, header: RpmHeader, origin: string): Packing | null {
  const content = contentOf(head);
  if (content?.kind === 'packed') return content.packing;
  if (Buffer.from(head).toString('latin1', 0, 5) === '07070') return null;
  const named = header.text(RpmTag.payloadCompressor) ?? 'gzip';
  if (named === 'bzip2' || named === 'lzma') {
    throw unsupported(
      origin,
      `is an rpm packed with ${named}, which runbook does not open`,
      'unpack it with rpm2cpio on another machine, then name the image',
    );
  }
  throw damaged(origin, `its payload is not ${named} data`);
}

interface Expected {
  readonly hash: Hash;
  readonly expected: string;
}

function digestsOf(signature: RpmHeader, header: RpmHeader): readonly Expected[] {
  const payload = header.text(RpmTag.payloadDigest);
  if (payload !== null && header.number(RpmTag.payloadDigestAlgorithm) === SHA256)
    return [{ hash: createHash('sha256'), expected: payload }];
  // Before rpm 4.14: one MD5 over header and payload.
  const md5 = signature.binary(SignatureTag.md5);
  if (md5 === null) return [];
  try {
    return [{ hash: createHash('md5').update(header.raw), expected: Buffer.from(md5).toString('hex') }];
  } catch {
    return []; // not allowed on this machine (FIPS)
  }
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  digests: readonly Expected[],
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    for (const { hash } of digests) hash.update(chunk);
    yield chunk;
  }
}
