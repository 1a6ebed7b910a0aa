import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { doubtOf } from '../../../src/firmware/foreign.ts';
import { firmwareOf } from '../../../src/firmware/read-firmware.ts';
import { ImageError } from '../../../src/firmware/image-error.ts';
import { hasProgram, testWith } from '../../support/programs.ts';
import { missing, suite } from '../../support/suite.ts';

const test = suite('firmware: files that real programs make');
const run = promisify(execFile);

type Said = 'refused' | 'warned';

/** A shell line that makes `out` in an empty folder which holds `text` (4 KiB of it) and `bytes` (random). */
const SAMPLES: readonly (readonly [kind: string, programs: readonly string[], line: string, said: Said])[] = [
  ['program', [], `cp "$NODE" big; head -c 100000 big >out`, 'refused'],
  ['object file', ['gcc'], `echo 'int f;' >f.c; gcc -c -o out f.c`, 'refused'],
  ['library', ['ar'], `ar rc out text`, 'refused'],
  ['Java class', ['javac'], `echo 'class A {}' >A.java; javac A.java; mv A.class out`, 'refused'],
  [
    'Python program',
    ['python3'],
    `echo 'x = 1' >a.py; python3 -c "import py_compile; py_compile.compile('a.py', 'out')"`,
    'warned',
  ],
  ['shell script', [], `printf '#!/bin/sh\\nexit 0\\n' >out`, 'refused'],
  ['tar', ['tar'], `tar cf out text bytes`, 'refused'],
  ['tar (v7)', ['tar'], `tar cf out --format=v7 text`, 'refused'],
  ['tar (pax)', ['tar'], `tar cf out --format=pax text`, 'refused'],
  ['tar.gz', ['tar', 'gzip'], `tar czf out text bytes`, 'refused'],
  ['100 bytes of a tar.gz', ['tar', 'gzip'], `tar cz text bytes | head -c 100 >out`, 'refused'],
  ['half of a tar.gz', ['tar', 'gzip'], `tar cz text bytes | head -c 3000 >out`, 'refused'],
  ['gzip', ['gzip'], `gzip -c bytes >out`, 'warned'],
  ['half of a gzip', ['gzip'], `gzip -c bytes | head -c 3000 >out`, 'refused'],
  ['xz', ['xz'], `xz -c text >out`, 'refused'],
  ['100 bytes of an xz', ['xz'], `xz -c bytes | head -c 100 >out`, 'refused'],
  ['lzma', ['xz'], `xz --format=lzma -c bytes >out`, 'warned'],
  ['zstd', ['zstd'], `zstd -q -o out text`, 'refused'],
  ['100 bytes of a zstd', ['zstd'], `zstd -qc bytes | head -c 100 >out`, 'refused'],
  ['bzip2', ['bzip2'], `bzip2 -c text >out`, 'refused'],
  ['lz4', ['lz4'], `lz4 -q text out`, 'refused'],
  ['lzip', ['lzip'], `lzip -c text >out`, 'refused'],
  ['lzop', ['lzop'], `lzop -c text >out`, 'refused'],
  ['zip', ['zip'], `zip -q a.zip text; mv a.zip out`, 'refused'],
  ['the beginning of a zip', ['zip'], `zip -q a.zip bytes; head -c 2000 a.zip >out`, 'refused'],
  ['cpio', ['cpio'], `echo text | cpio -o -H newc --quiet >out`, 'refused'],
  ['cpio (odc)', ['cpio'], `echo text | cpio -o -H odc --quiet >out`, 'refused'],
  ['cpio (bin)', ['cpio'], `echo text | cpio -o -H bin --quiet >out`, 'warned'],
  [
    'Debian package',
    ['dpkg-deb'],
    `mkdir -p p/DEBIAN; printf 'Package: a\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b>\\nDescription: a\\n' >p/DEBIAN/control; dpkg-deb -b p out >/dev/null`,
    'refused',
  ],
  ['ext4', ['mkfs.ext4'], `truncate -s 1M out; mkfs.ext4 -q -F out`, 'warned'],
  ['FAT', ['mkfs.vfat'], `truncate -s 1440K out; mkfs.vfat out >/dev/null`, 'refused'],
  ['swap', ['mkswap'], `truncate -s 1M out; chmod 600 out; mkswap -q out >/dev/null`, 'refused'],
  ['squashfs', ['mksquashfs'], `mksquashfs text out -quiet >/dev/null`, 'refused'],
  ['SQLite', ['sqlite3'], `sqlite3 out 'create table a (b)'`, 'refused'],
  [
    'git bundle',
    ['git'],
    `git init -q r; cd r; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a; git bundle create -q ../out HEAD`,
    'refused',
  ],
  [
    'certificate (PEM)',
    ['openssl'],
    `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -keyout k -out out 2>/dev/null`,
    'refused',
  ],
  [
    'certificate (DER)',
    ['openssl'],
    `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -keyout k -outform der -out out 2>/dev/null`,
    'warned',
  ],
  ['key (SSH)', ['ssh-keygen'], `ssh-keygen -q -t ed25519 -N '' -f k; mv k out`, 'refused'],
  ['public key (SSH)', ['ssh-keygen'], `ssh-keygen -q -t ed25519 -N '' -f k; mv k.pub out`, 'refused'],
  ['checksums', ['sha256sum'], `sha256sum text bytes >out`, 'refused'],
  ['checksums (BSD)', ['sha256sum'], `sha256sum --tag text bytes >out`, 'refused'],
  ['one checksum', ['md5sum'], `md5sum <text >out`, 'refused'],
  ['Intel HEX', ['objcopy'], `objcopy -I binary -O ihex bytes out`, 'warned'],
  ['S-records', ['objcopy'], `objcopy -I binary -O srec bytes out`, 'warned'],
  ['base64', ['base64'], `base64 bytes >out`, 'warned'],
  ['text', [], `cp text out`, 'warned'],
  ['UTF-16 text', ['iconv'], `iconv -t UTF-16 text >out`, 'warned'],
  ['CSV', [], `printf 'unit,revision\\n"sg1","2.10"\\n' >out`, 'warned'],
];

async function samplesIn(folder: string, line: string): Promise<Buffer> {
  const set = `set -e; seq 1 900 >text; head -c 8192 /dev/urandom >bytes;`;
  await run('sh', ['-c', `${set} ${line}`], { cwd: folder, env: { ...process.env, NODE: process.execPath } });
  return readFile(path.join(folder, 'out'));
}

async function saidOf(bytes: Uint8Array): Promise<string> {
  try {
    await firmwareOf(bytes, { member: null, strip: null }, { name: 'FILE' });
  } catch (error) {
    if (error instanceof ImageError) return 'refused';
    throw error;
  }
  return doubtOf(bytes) === null ? 'taken' : 'warned';
}

if (!hasProgram('file')) missing('programs', 'file');

for (const [kind, programs, line, expected] of SAMPLES) {
  testWith(test, ...programs)(`${kind}: ${expected}`, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'runbook-real-'));
    try {
      const bytes = await samplesIn(folder, line);
      assert.ok(bytes.length > 0 && (await stat(path.join(folder, 'out'))).isFile());
      assert.is(await saidOf(bytes), expected);
      if (!hasProgram('file')) return;
      // libmagic knows it, too: the sample is what its title says.
      const { stdout } = await run('file', ['--brief', path.join(folder, 'out')]);
      assert.is.not(stdout.trim(), 'data');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

test.run();
