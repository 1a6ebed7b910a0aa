import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ByteReader, chunksOf } from '../../../src/firmware/byte-reader.ts';
import type { Packing } from '../../../src/firmware/content.ts';
import { cpioMembers } from '../../../src/firmware/cpio.ts';
import { ImageError } from '../../../src/firmware/image-error.ts';
import { Budget } from '../../../src/firmware/limits.ts';
import type { Member } from '../../../src/firmware/member.ts';
import { sourceOfBytes } from '../../../src/firmware/random-access.ts';
import { rpmMembers } from '../../../src/firmware/rpm.ts';
import { scexeMembers } from '../../../src/firmware/scexe.ts';
import { tarMembers } from '../../../src/firmware/tar.ts';
import { unpack } from '../../../src/firmware/unpack.ts';
import { zipMembers } from '../../../src/firmware/zip.ts';
import type { Shape } from './mutate.ts';
import * as seeds from './seeds.ts';
import type { Files } from './work-folder.ts';
import { filesIn, inFolder } from './work-folder.ts';

/** A format: the reader of runbook, and the program that everybody else reads it with. */
export interface Reader {
  readonly name: string;
  /** The one that reads, and those that its seeds are made with. */
  readonly programs: readonly [string, ...string[]];
  readonly seeds: () => readonly Buffer[];
  readonly shape: Shape;
  /** Null: refused. */
  readonly byRunbook: (bytes: Buffer) => Promise<Read | null>;
  /** What the program gives, whether it complains or not. */
  readonly byProgram: (bytes: Buffer) => Files;
  /**
   * The program looks at more than the members, and refuses packages as a whole for it: then it gives nothing, and there is nothing to
   * compare.
   */
  readonly mayGiveNothing?: boolean;
}

export interface Read {
  readonly files: Files;
  /** Named, and not read as files: links, files with holes, names that appear twice. */
  readonly refused: ReadonlySet<string>;
}

const PLACE = 'FILE';
const OUTPUT = '';

export const READERS: readonly Reader[] = [
  {
    name: 'tar',
    programs: ['tar'],
    seeds: seeds.tarSeeds,
    shape: { marks: ['ustar'], recordBytes: 1, mend: mendTar },
    byRunbook: (bytes) => collected(() => tarMembers(chunksOf(bytes), PLACE, new Budget())),
    byProgram: (bytes) => extracted(bytes, ['tar', '-xf', 'in', '-C', 'out', '--no-same-owner']),
  },
  {
    name: 'zip',
    programs: ['unzip', 'zip'],
    seeds: seeds.zipSeeds,
    shape: { marks: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07'], recordBytes: 46 },
    byRunbook: (bytes) =>
      collected(() => zipMembers(sourceOfBytes(PLACE, bytes).random!, PLACE, new Budget())),
    byProgram: (bytes) => extracted(bytes, ['unzip', '-qq', '-o', '-P', '', 'in', '-d', 'out']),
  },
  {
    name: 'cpio',
    programs: ['cpio'],
    seeds: seeds.cpioSeeds,
    shape: { marks: ['07070'], recordBytes: 116 },
    byRunbook: (bytes) => collected(() => cpioMembers(new ByteReader(chunksOf(bytes), PLACE), new Budget())),
    byProgram: (bytes) =>
      extracted(bytes, ['cpio', '--quiet', '-idmu', '--no-absolute-filenames', '-D', 'out', '-F', 'in']),
  },
  {
    name: 'rpm',
    programs: ['rpm2cpio', 'cpio', 'rpmbuild'],
    mayGiveNothing: true, // signatures, and every tag of the header
    seeds: seeds.rpmSeeds,
    shape: { marks: ['07070', '\x8e\xad\xe8'], recordBytes: 116, mend: mendRpm },
    byRunbook: (bytes) => collected(() => rpmMembers(new ByteReader(chunksOf(bytes), PLACE), new Budget())),
    byProgram: (bytes) =>
      extracted(bytes, ['sh', '-c', 'rpm2cpio in | cpio --quiet -idmu --no-absolute-filenames -D out']),
  },
  {
    name: 'scexe',
    programs: ['sh', 'tail', 'gzip', 'tar'],
    seeds: seeds.scexeSeeds,
    shape: { marks: ['ustar', '\x1f\x8b'], recordBytes: 24, mend: mendScexe },
    // Executed is the script of a seed alone: one that was changed is not even compared.
    byRunbook: (bytes) =>
      hasScript(bytes)
        ? collected(() => scexeMembers(new ByteReader(chunksOf(bytes), PLACE), new Budget()))
        : Promise.resolve(null),
    byProgram: (bytes) => (hasScript(bytes) ? extracted(bytes, ['sh', 'in']) : new Map()),
  },
  packing('gzip', 'gzip', seeds.gzipSeeds, { marks: ['\x1f\x8b'], recordBytes: 24 }),
  packing('xz', 'xz', seeds.xzSeeds, { marks: ['\xfd7zXZ', 'YZ'], recordBytes: 24 }),
  packing('zstd', 'zstd', seeds.zstdSeeds, { marks: ['\x28\xb5\x2f\xfd'], recordBytes: 24 }),
];

function packing(kind: Packing, program: string, of: () => readonly Buffer[], shape: Shape): Reader {
  return {
    name: kind,
    programs: [program],
    seeds: of,
    shape,
    byRunbook: (bytes) =>
      unlessRefused(async () => {
        const parts: Uint8Array[] = [];
        const reader = new ByteReader(chunksOf(bytes), PLACE);
        for await (const part of unpack(kind, reader, new Budget())) parts.push(part);
        return { files: new Map([[OUTPUT, Buffer.concat(parts)]]), refused: new Set<string>() };
      }),
    byProgram: (bytes) => {
      const { stdout } = spawnSync(program, ['-q', '-dc'], { input: bytes, maxBuffer: 1 << 27 });
      return new Map([[OUTPUT, stdout]]);
    },
  };
}

async function unlessRefused(read: () => Promise<Read>): Promise<Read | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ImageError) return null;
    throw error;
  }
}

const collected = (open: () => AsyncGenerator<Member, void>): Promise<Read | null> =>
  unlessRefused(async () => {
    const files = new Map<string, Buffer>();
    const refused = new Set<string>();
    for await (const member of open()) {
      const { name, kind } = member;
      if (kind === 'directory') continue;
      if (files.has(name)) refused.add(name);
      if (kind !== 'file') {
        refused.add(name);
        continue;
      }
      const parts: Uint8Array[] = [];
      try {
        for await (const part of member.bytes()) parts.push(part);
        files.set(name, Buffer.concat(parts));
      } catch (error) {
        if (!(error instanceof ImageError) || error.code !== 'unsupported') throw error;
        refused.add(name);
      }
    }
    for (const name of refused) files.delete(name);
    return { files, refused };
  });

function extracted(bytes: Buffer, [program, ...words]: readonly string[]): Files {
  return inFolder({ in: bytes, 'out/x': Buffer.alloc(0) }, (folder) => {
    spawnSync('rm', ['out/x'], { cwd: folder });
    spawnSync(program!, words, { cwd: folder, timeout: 20_000, stdio: 'ignore' });
    return filesIn(`${folder}/out`);
  });
}

const SCRIPT = seeds.SCEXE_SCRIPT;

const hasScript = (bytes: Buffer): boolean => bytes.subarray(0, SCRIPT.length).equals(SCRIPT);

/** The script as it was; of data that are stored in one block, the block and its checksum. */
function mendScexe(bytes: Buffer): void {
  SCRIPT.copy(bytes);
  const gzip = bytes.subarray(SCRIPT.length);
  const [block, data] = [10, 15];
  if (gzip.length < data || gzip[block] !== 1) return;
  const size = Math.min(gzip.readUInt16LE(block + 1), gzip.length - data - 8);
  if (size < 0) return;
  gzip.writeUInt16LE(size, block + 1);
  gzip.writeUInt16LE(~size & 0xffff, block + 3);
  const tar = gzip.subarray(data, data + size);
  mendTar(tar);
  gzip.writeUInt32LE(crc32(tar), data + size);
  gzip.writeUInt32LE(size, data + size + 4);
}

const LEAD_BYTES = 96;

/** Checksums of header and payload, which both readers compare before they look at anything else. */
function mendRpm(bytes: Buffer): void {
  const signature = rpmHeaderAt(bytes, LEAD_BYTES);
  const header = signature === null ? null : rpmHeaderAt(bytes, (signature.end + 7) & ~7);
  if (signature === null || header === null) return;
  const payload = bytes.subarray(header.end);
  header.put(5092, hashOf('sha256', payload).toString('hex'));
  const written = bytes.subarray(header.start, header.end);
  signature.put(273, hashOf('sha256', written).toString('hex'));
  signature.put(269, hashOf('sha1', written).toString('hex'));
  signature.put(1004, hashOf('md5', Buffer.concat([written, payload])));
}

interface RpmHeaderPlace {
  readonly start: number;
  readonly end: number;
  /** Writes over the value of a tag, if it is there. */
  readonly put: (tag: number, value: string | Buffer) => void;
}

function rpmHeaderAt(bytes: Buffer, start: number): RpmHeaderPlace | null {
  if (start + 16 > bytes.length) return null;
  const count = bytes.readUInt32BE(start + 8);
  const store = start + 16 + 16 * count;
  const end = store + bytes.readUInt32BE(start + 12);
  if (end > bytes.length) return null;
  const put = (tag: number, value: string | Buffer): void => {
    for (let at = start + 16; at < store; at += 16)
      if (bytes.readUInt32BE(at) === tag)
        Buffer.from(value as string).copy(bytes, store + bytes.readUInt32BE(at + 8));
  };
  return { start, end, put };
}

const hashOf = (algorithm: string, bytes: Uint8Array): Buffer => createHash(algorithm).update(bytes).digest();

/** Blocks that hold the magic, or a checksum field, get the right checksum. */
function mendTar(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = bytes.subarray(at, at + 512);
    if (!/^[0-7]{6}\0 $/.test(block.toString('latin1', 148, 156))) continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
}
