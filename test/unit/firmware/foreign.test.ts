import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { contentOf } from '../../../src/firmware/content.ts';
import { doubtOf, foreignOf } from '../../../src/firmware/foreign.ts';
import { firmwareOf } from '../../../src/firmware/read-firmware.ts';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, problemOf } from './carriers.ts';

const test = suite('firmware/foreign');

/** Bytes in hex in front of others that say nothing; `at`: their place. */
function sample(hex: string, at = 0): Buffer {
  const bytes = Buffer.from(bytesOf(40_000, 251));
  Buffer.from(hex, 'hex').copy(bytes, at);
  return bytes;
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

function windowsProgram(): Buffer {
  const bytes = sample(hex('MZ'));
  bytes.writeUInt32LE(0x80, 60);
  bytes.write('PE\0\0', 0x80);
  return bytes;
}

const SUM = 'd41d8cd98f00b204e9800998ecf8427e';

for (const [title, bytes, expected] of [
  ['ELF', sample('7f454c4602010100'), 'a program (ELF)'],
  ['PE', windowsProgram(), 'a program (Windows)'],
  ['Mach-O', sample('cffaedfe07000001'), 'a program (Mach-O)'],
  ['Java', sample('cafebabe00000034'), 'a program (Mach-O or Java)'],
  ['a Debian package', sample(hex('!<arch>\ndebian-binary   ')), 'an archive (ar, or a Debian package)'],
  ['cpio', sample(hex('070701')), 'a cpio archive'],
  ['xz', sample('fd377a585a000004'), 'packed with xz'],
  ['zstd', sample('28b52ffd0458'), 'packed with zstd'],
  ['bzip2', sample(`${hex('BZh9')}314159265359`), 'packed with bzip2'],
  ['lz4', sample('04224d186440'), 'packed with lz4'],
  ['ISO 9660', sample(`01${hex('CD001')}01`, 0x8000), 'a CD image (ISO 9660)'],
  ['qcow2', sample('514649fb00000003'), 'a disk image (qcow)'],
  ['GPT', sample(hex('EFI PART'), 512), 'a disk image with partitions (GPT)'],
  ['squashfs', sample(hex('hsqs')), 'a file system (squashfs)'],
  ['PDF', sample(hex('%PDF-1.7')), 'a PDF document'],
  ['OLE2', sample('d0cf11e0a1b11ae1'), 'an office document or installer (OLE2)'],
  ['PNG', sample('89504e470d0a1a0a0000000d49484452'), 'a picture (PNG)'],
  ['SQLite', sample(`${hex('SQLite format 3')}00`), 'a database (SQLite)'],
  ['JSON', Buffer.from('{"error":"not found"}'), 'JSON text'],
  ['a cut JSON', Buffer.from('{\n  "errors": [{"code": 40'), 'JSON text'],
  ['XML', Buffer.from('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'), 'XML or HTML text'],
  ['XML without a head', Buffer.from('<Error>\n<Code>NoSuchKey</Code></Error>'), 'XML or HTML text'],
  ['UTF-16 text', Buffer.from('\ufeff<?xml version="1.0"?><a/>', 'utf16le'), 'XML or HTML text'],
  [
    'a Git LFS pointer',
    Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${SUM}\nsize 7\n`),
    'a Git LFS pointer',
  ],
  ['checksums', Buffer.from(`${SUM}  fw.bin\n${SUM} *b.bin\n`), 'a list of checksums'],
  ['one checksum', Buffer.from(`${SUM}\n`), 'a list of checksums'],
  ['checksums of BSD', Buffer.from(`MD5 (fw.bin) = ${SUM}\n`), 'a list of checksums'],
  ['a signature', Buffer.from('-----BEGIN PGP SIGNATURE-----\n\niQ==\n'), 'a signature, key or certificate'],
  ['a playbook', Buffer.from('# cards\n---\nrunbook: v1\nname: cards\n'), 'a playbook'],
  ['a lab file', Buffer.from('images: []\nlab: "v1"\n'), 'a lab file'],
  ['a public key', Buffer.from('ssh-ed25519 AAAAC3Nza a@b\n'), 'a signature, key or certificate'],
  ['JPEG 2000', sample('0000000c6a5020200d0a870a'), 'a picture'],
  ['a recording of WavPack', sample(hex('wvpk')), 'a sound'],
  ['a web server', Buffer.from('HTTP/1.1 404 Not Found\r\n\r\n'), 'an answer of a web server'],
] as const) {
  test(`${title} is not firmware`, async () => {
    assert.is(foreignOf(bytes)?.what, expected);
    assert.match(
      await problemOf(firmwareOf(bytes, { member: null, strip: null }, { name: 'FILE' })),
      `foreign: FILE is ${expected}, not firmware`,
    );
    // The way out: it is meant.
    const taken = await firmwareOf(bytes, { member: null, strip: null }, { name: 'FILE', carriers: 'take' });
    assert.is(Buffer.compare(taken.bytes, bytes), 0);
  });
}

test('a Git LFS pointer says how to get at the file', async () => {
  const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
  assert.is(
    await problemOf(firmwareOf(pointer, { member: null, strip: null }, { name: 'FILE' })),
    'foreign: FILE is a Git LFS pointer, not firmware | fetch it with git lfs pull',
  );
});

for (const [title, bytes, expected] of [
  ['bytes', sample('00'), null],
  ['a U-Boot image', sample('27051956'), null],
  ['few bytes', sample('00').subarray(0, 4095), 'has only 4095 bytes'],
  ['erased flash', Buffer.alloc(9000, 0xff), 'has 9000 bytes that are all FFh'],
  ['MZ alone', sample(hex('MZ')), 'begins like a program of DOS or Windows'],
  ['gzip', sample('1f8b0800'), 'begins like data packed with gzip'],
  [
    'Intel HEX',
    Buffer.from(':10010000214601360121470136007EFE09D2190140\r\n:00000001FF\r\n'),
    'is text (Intel HEX); most devices take binary data: objcopy -I ihex -O binary converts it',
  ],
  [
    'S-records',
    Buffer.from('S00F000068656C6C6F202020202000003C\nS9030000FC\n'),
    'is text (Motorola S-records); most devices take binary data: objcopy -I srec -O binary converts it',
  ],
  ['other text', Buffer.from('Please ask your vendor.\n'), 'is text'],
] as const) {
  test(`${title}: ${expected ?? 'no doubt'}`, () => {
    assert.is(foreignOf(bytes), null);
    assert.is(doubtOf(bytes), expected);
  });
}

/** Kinds whose mark libmagic and runbook are equally sure of. */
const SURE =
  /^(text\/.*|image\/(png|jpeg|gif)|application\/(x-(pie-)?executable|x-sharedlib|x-object|x-archive|pdf|json|zip|gzip|x-xz|zstd|x-bzip2|(vnd\.|x-)sqlite3))$/;
const MOST_FILES = 400;

function filesBelow(folder: string, found: string[] = []): readonly string[] {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) filesBelow(at, found);
    else if (entry.isFile() && statSync(at).size < 1 << 21) found.push(at);
  }
  return found;
}

testWith(test, 'file')('what libmagic knows of the files of this machine is refused or doubted', () => {
  const all = ['/usr/bin', '/usr/share', '/usr/lib/python3'].flatMap((folder) => {
    try {
      return filesBelow(folder);
    } catch {
      return [];
    }
  });
  // One file of each ending first, then others from all over: the kinds, not the names.
  const byEnding = new Map(all.map((at) => [path.extname(at), at]));
  const some = all.filter((_, index) => index % Math.ceil(all.length / MOST_FILES) === 0);
  const chosen = [...new Set([...byEnding.values(), ...some])].slice(0, 2 * MOST_FILES);
  assert.ok(chosen.length > 50, String(chosen.length));
  const said = execFileSync('file', ['--brief', '--mime-type', '--no-pad', ...chosen], { encoding: 'utf8' });
  let compared = 0;
  const missed: string[] = [];
  for (const [index, mime] of said.trimEnd().split('\n').entries()) {
    if (!SURE.test(mime)) continue;
    compared++;
    const bytes = readFileSync(chosen[index]!);
    if (contentOf(bytes) === null && foreignOf(bytes) === null && doubtOf(bytes) === null)
      missed.push(`${mime} ${chosen[index]!}`);
  }
  assert.equal(missed, []);
  assert.ok(compared > 30, String(compared));
});

test.run();
