import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { inFolder } from '../../../scripts/soak/packages/work-folder.ts';
import type { Found, FirmwareOptions } from '../../../src/firmware/read-firmware.ts';
import { firmwareOf, openFirmware } from '../../../src/firmware/read-firmware.ts';
import { ImageError } from '../../../src/firmware/image-error.ts';

export { inFolder };

/** Members by name. */
export type Files = Readonly<Record<string, Uint8Array>>;

export const bytesOf = (count: number, seed = 7): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (i * seed + (i >> 8) * 13 + seed) & 0xff);

/** By the real tar; `options` go before the names. */
export const tarOf = (files: Files, ...options: readonly string[]): Buffer =>
  inFolder(files, (folder) =>
    execFileSync('tar', ['-b1', '--owner=0', '--group=0', ...options, '-cf', '-', ...Object.keys(files)], {
      cwd: folder,
      maxBuffer: 1 << 30,
    }),
  );

/** By the real zip. */
export const zipOf = (files: Files, ...options: readonly string[]): Buffer =>
  inFolder(files, (folder) =>
    execFileSync('zip', ['-q', '-X', ...options, '-', ...Object.keys(files)], {
      cwd: folder,
      maxBuffer: 1 << 30,
    }),
  );

/** By the real program, `xz` or `zstd`. */
export const packedBy = (program: 'xz' | 'zstd', bytes: Uint8Array, ...options: readonly string[]): Buffer =>
  execFileSync(program, ['-q', ...options, '-c'], { input: bytes, maxBuffer: 1 << 30 });

/** From the reading rules: interpreter, a comment with the word, `_SKIP`, and the archive from that line on. */
export function scexeOf(
  tar: Uint8Array,
  {
    script = ['echo never'],
    skip,
    after = '',
  }: { script?: readonly string[]; skip?: string; after?: string } = {},
): Buffer {
  const head = ['#!/bin/sh', '# HP scexe Smart Component', `_SKIP=${skip ?? script.length + 4}`, ...script];
  return Buffer.concat([Buffer.from(`${head.join('\n')}\n`), gzipSync(tar), Buffer.from(after)]);
}

export interface CpioEntry {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly mode?: number;
  readonly links?: number;
}

/** cpio, form newc. */
export function cpioOf(entries: readonly CpioEntry[]): Buffer {
  const all = [...entries, { name: 'TRAILER!!!', mode: 0 }];
  const parts = all.flatMap(
    ({ name, bytes = new Uint8Array(0), mode = 0o100644, links = 1 }: CpioEntry, index) => {
      const fields = [index + 1, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
      const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
      return [pad(Buffer.from(header), 4), pad(bytes, 4)];
    },
  );
  return Buffer.concat(parts);
}

export interface RpmTagValue {
  readonly tag: number;
  readonly value: string | number | Uint8Array;
}

/** A header structure: index, store. */
function rpmHeaderOf(tags: readonly RpmTagValue[]): Buffer {
  const index: Buffer[] = [];
  const store: Buffer[] = [];
  let at = 0;
  for (const { tag, value } of tags) {
    const type = typeof value === 'number' ? 4 : typeof value === 'string' ? 6 : 7;
    // Numbers stand at multiples of their size.
    const gap = type === 4 ? -at & 3 : 0;
    const bytes =
      typeof value === 'number'
        ? words(value)
        : Buffer.from(typeof value === 'string' ? `${value}\0` : value);
    store.push(Buffer.alloc(gap), bytes);
    index.push(words(tag, type, at + gap, typeof value === 'object' ? value.length : 1));
    at += gap + bytes.length;
  }
  const body = Buffer.concat(store);
  return Buffer.concat([words(0x8eade801, 0, tags.length, body.length), ...index, body]);
}

/** An rpm around a payload; `sign` chooses the digests: those of today, those before rpm 4.14, or none. */
export function rpmOf(
  payload: Uint8Array,
  {
    compressor = 'gzip',
    sign = 'sha256',
    format = 'cpio',
  }: { compressor?: string; sign?: 'sha256' | 'md5' | 'none'; format?: string } = {},
): Buffer {
  const digest =
    sign === 'sha256'
      ? [
          { tag: 5092, value: hash('sha256', payload) },
          { tag: 5093, value: 8 },
        ]
      : [];
  const header = rpmHeaderOf([
    { tag: 1000, value: 'firmware' },
    { tag: 1124, value: format },
    { tag: 1125, value: compressor },
    ...digest,
  ]);
  const signature = rpmHeaderOf(
    sign === 'none'
      ? [{ tag: 62, value: 'nothing' }]
      : [
          ...(sign === 'sha256' ? [{ tag: 273, value: hash('sha256', header) }] : []),
          { tag: 1004, value: createHash('md5').update(header).update(payload).digest() },
        ],
  );
  const lead = Buffer.alloc(96);
  Buffer.from('edabeedb0300', 'hex').copy(lead);
  lead.write('firmware-1-1', 10);
  return Buffer.concat([lead, pad(signature, 8), header, payload]);
}

const hash = (algorithm: string, bytes: Uint8Array): string =>
  createHash(algorithm).update(bytes).digest('hex');

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

const pad = (bytes: Uint8Array, multiple: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((multiple - (bytes.length % multiple)) % multiple)]);

/** Takes a member out of bytes. */
export const memberOf = async (
  carrier: Uint8Array,
  member: string | null,
  limits?: FirmwareOptions['limits'],
) =>
  (
    await firmwareOf(
      carrier,
      { member, strip: null },
      { name: 'FILE', ...(limits === undefined ? {} : { limits }) },
    )
  ).bytes;

/** `name kind size` of each member, or `image SIZE`, of a file with these bytes. */
export async function listingOf(bytes: Uint8Array, options: FirmwareOptions = {}): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-listing-'));
  try {
    writeFileSync(path.join(folder, 'FILE'), bytes);
    const found: Found = await openFirmware(
      path.join(folder, 'FILE'),
      { member: null, strip: null },
      { name: 'FILE', ...options },
    );
    if ('image' in found) return [`image ${found.image.bytes.length}`];
    const { kind, members } = found.contents;
    return [kind, ...members.map((member) => `${member.name} ${member.kind} ${member.sizeBytes}`)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `code: message | next` of the error that must come. */
export async function problemOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return `${error.code}: ${error.message}${error.next === null ? '' : ` | ${error.next}`}`;
  }
  throw new Error('nothing was wrong');
}
