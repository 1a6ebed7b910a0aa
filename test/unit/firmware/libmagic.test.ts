import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../../../src/firmware/content.ts';
import { foreignOf, MAGICS } from '../../../src/firmware/foreign.ts';
import { testWith } from '../../support/programs.ts';
import { missing, suite } from '../../support/suite.ts';
import { bytesOf } from './carriers.ts';

const test = suite('firmware: what libmagic says of the magics');

const SAMPLE_BYTES = 70_000;
/** Of these libmagic wants to see more than the magic. */
const NOT_ALONE: readonly string[] = [
  'cafebabe', // Java or Mach-O, by the number behind it
  '6465780a',
  '2d6c6830',
  '2d6c6831',
  '2d6c6835',
  '2d6c6836',
  '2d6c6837',
  '2d6c6864',
  '2d6c7a34',
  '2d6c7a35',
  '314159265359', // bzip2, whose first bytes may be cut off
  '76686478',
  '4546492050415254', // behind a boot sector
  '5265497345723246',
  '5265497345723346',
  '25504446',
  '89504e470d0a1a0a',
  '53514c69746520666f726d6174203300',
  '23207632206769742062756e646c65',
  '23207633206769742062756e646c65',
];

testWith(test, 'file')('each file that is refused by its magic is something that file(1) knows', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-magic-'));
  try {
    for (const [index, [magic, , at = 0]] of MAGICS.entries()) {
      const bytes = new Uint8Array(SAMPLE_BYTES);
      bytes.set(Buffer.from(magic, 'hex'), at);
      assert.ok(foreignOf(bytes) !== null, magic);
      await writeFile(path.join(directory, String(index)), bytes);
    }
    const names = MAGICS.map((_, index) => path.join(directory, String(index)));
    const { stdout } = await promisify(execFile)('file', ['--brief', '--', ...names]);
    const said = stdout.trimEnd().split('\n');
    const unknown = MAGICS.filter((_, index) => /^(data|ASCII text.*|.*text, with.*)$/.test(said[index]!));
    assert.equal(
      unknown.map(([magic]) => magic),
      NOT_ALONE,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

const COMPILED = '/usr/lib/file/magic.mgc';
/** The format whose records are read below: that of file 5.40 to 5.45. */
const RECORD_BYTES = 376;
const HEADER = '1c041ef112000000';

interface Mark {
  readonly atBytes: number;
  readonly bytes: Buffer;
  readonly says: string;
  readonly mime: string;
}

/** The entries of libmagic that need nothing but equal bytes at a place: `struct magic` of its `file.h`. */
function* marksOf(compiled: Buffer): Generator<Mark> {
  for (let start = RECORD_BYTES; start + RECORD_BYTES <= compiled.length; start += RECORD_BYTES) {
    const record = compiled.subarray(start, start + RECORD_BYTES);
    const isFirst = record.readUInt16LE(0) === 0;
    const says = record.toString('latin1', 160, 224).split('\0', 1)[0]!;
    const mime = record.toString('latin1', 224, 304).split('\0', 1)[0]!;
    const bytes = valueOf(record);
    // With an empty text the lines below it decide.
    if (!isFirst || record[4] !== 0x3d || bytes === null || says === '') continue;
    yield { atBytes: record.readInt32LE(12), bytes, says, mime };
  }
}

function valueOf(record: Buffer): Buffer | null {
  const value = record.subarray(32, 160);
  const isMasked = record.readUInt32LE(24) !== 0 && record.readUInt32LE(24) !== 0xffffffff;
  switch (record[6]) {
    case 5: // string
      return Buffer.from(value.subarray(0, record[5]));
    case 8: // belong
      return isMasked ? null : Buffer.from(value.subarray(0, 4)).reverse();
    case 11: // lelong
      return isMasked ? null : Buffer.from(value.subarray(0, 4));
    case 26: // bequad
      return Buffer.from(value.subarray(0, 8)).reverse();
    case 25: // lequad
      return Buffer.from(value.subarray(0, 8));
    default:
      return null;
  }
}

/** Four bytes or more, of which two are not small numbers: a table of addresses looks like the others. */
function isStrong(bytes: Buffer): boolean {
  const telling = bytes.filter((byte) => byte >= 0x20 && byte !== 0xff).length;
  const used = bytes.filter((byte) => byte !== 0 && byte !== 0xff).length;
  return bytes.length >= 4 && telling >= 2 && new Set(bytes).size > 1 && (bytes.length > 4 || used >= 3);
}

/** Firmware of another device, and what consoles of the last century load. */
const MAY_BE_FIRMWARE =
  /firmware|boot|uimage|kernel|flash|\brom\b|uf2|device ?tree|bios|component image|game|nintendo|sega|gta\b/i;
const TEXT = /^(text|message)\//;
const KINDS =
  /^(image|audio|video|font)\/|executable|object file|byte-?code|byte-compiled|core (file|dump)|archive|installer|package|cabinet|compressed|\bpacked|dis[ck] image|floppy|file ?system|document|spreadsheet|\bword\b|excel|e-?book|pdf|postscript|sound|audio|music|video|movie|\bfonts?\b|bitmap|picture|database/i;
/** The name of the mark is not its own: it says something of other bytes. */
const FURTHEST_BYTES = 0x11000;

testWith(test, 'file')(
  'what libmagic knows of programs, archives, disks, documents and media is refused',
  async () => {
    const compiled = await readFile(COMPILED).catch(() => Buffer.alloc(8));
    if (compiled.toString('hex', 0, 8) !== HEADER) {
      missing('programs', `file 5.40 to 5.45 (${COMPILED})`);
      return;
    }
    let compared = 0;
    const missed: string[] = [];
    for (const { atBytes, bytes, says, mime } of marksOf(compiled)) {
      const kind = `${mime} ${says}`;
      if (!KINDS.test(kind) || MAY_BE_FIRMWARE.test(kind) || TEXT.test(mime)) continue;
      if (!isStrong(bytes) || atBytes < 0 || atBytes > FURTHEST_BYTES) continue;
      compared++;
      const sample = Buffer.from(bytesOf(SAMPLE_BYTES, 251));
      bytes.copy(sample, atBytes);
      if (contentOf(sample) === null && foreignOf(sample) === null)
        missed.push(`${atBytes}:${bytes.toString('hex')} ${kind}`);
    }
    assert.equal(missed, []);
    assert.ok(compared > 500, String(compared));
  },
);

test.run();
