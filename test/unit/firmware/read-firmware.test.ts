import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { gzipSync } from 'node:zlib';
import { readFirmware } from '../../../src/firmware/read-firmware.ts';
import { inProject } from '../../support/paths.ts';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import {
  bytesOf,
  cpioOf,
  inFolder,
  listingOf,
  memberOf,
  packedBy,
  problemOf,
  rpmOf,
  scexeOf,
  tarOf,
  zipOf,
} from './carriers.ts';
import type { Files } from './carriers.ts';

const test = suite('firmware/read-firmware');

const IMAGE = bytesOf(70_000);
const FILES: Files = { 'fw/image.bin': IMAGE, 'readme.txt': Buffer.from('how to\n') };
const LISTED = ['fw/image.bin file 70000', 'readme.txt file 7'];

const CPIO = cpioOf(Object.entries(FILES).map(([name, bytes]) => ({ name: `./${name}`, bytes })));

/** Each carrier, and the programs that it cannot be made without. */
const CARRIERS: readonly (readonly [kind: string, programs: readonly string[], make: () => Uint8Array])[] = [
  ['tar', [], () => tarOf(FILES)],
  ['tar', [], () => tarOf(FILES, '--format=v7')],
  ['tar', [], () => tarOf(FILES, '--format=pax')],
  ['tar.gz', [], () => gzipSync(tarOf(FILES))],
  ['tar.xz', ['xz'], () => packedBy('xz', tarOf(FILES))],
  ['tar.zst', ['zstd'], () => packedBy('zstd', tarOf(FILES))],
  ['scexe', [], () => scexeOf(tarOf(FILES))],
  ['zip', ['zip'], () => zipOf(FILES)],
  ['zip', ['zip'], () => zipOf(FILES, '-0')],
  ['rpm', [], () => rpmOf(gzipSync(CPIO))],
  ['rpm', [], () => rpmOf(gzipSync(CPIO), { sign: 'md5' })],
  ['rpm', [], () => rpmOf(CPIO, { sign: 'none', compressor: 'none' })],
  ['rpm', ['xz'], () => rpmOf(packedBy('xz', CPIO, '--check=sha256'), { compressor: 'xz' })],
  ['rpm', ['zstd'], () => rpmOf(packedBy('zstd', CPIO, '-19', '--check'), { compressor: 'zstd' })],
];

for (const [index, [kind, programs, make]] of CARRIERS.entries()) {
  const title = `carrier ${index + 1}, ${kind}: lists its members and gives one of them`;
  testWith(test, ...programs)(title, async () => {
    const carrier = make();
    assert.equal(await listingOf(carrier), [kind, ...LISTED]);
    assert.is(Buffer.compare(await memberOf(carrier, 'fw/image.bin'), IMAGE), 0);
    assert.is(Buffer.compare(await memberOf(carrier, './fw//image.bin'), IMAGE), 0);
    assert.is(Buffer.from(await memberOf(carrier, 'readme.txt')).toString(), 'how to\n');
  });
}

test('a raw image is read as it is, also one that a device unpacks itself', async () => {
  for (const image of [IMAGE, gzipSync(IMAGE), gzipSync(Buffer.alloc(0)), Buffer.from('1f8b08', 'hex')]) {
    assert.equal(await listingOf(image), [`image ${image.length}`]);
    assert.is(Buffer.compare(await memberOf(image, null), image), 0);
  }
});

test('a member may lie in a carrier that is a member: an rpm that holds a .scexe', async () => {
  const scexe = scexeOf(tarOf(FILES));
  const rpm = rpmOf(gzipSync(cpioOf([{ name: './usr/lib/fw/CP1.scexe', bytes: scexe }])));
  assert.is(Buffer.compare(await memberOf(rpm, 'usr/lib/fw/CP1.scexe!fw/image.bin'), IMAGE), 0);
  assert.is(
    await problemOf(memberOf(rpm, 'usr/lib/fw/CP1.scexe')),
    'package: FILE!usr/lib/fw/CP1.scexe is a package (scexe), not the image itself | name the image in it with member: it holds fw/image.bin, readme.txt',
  );
  assert.is(
    await problemOf(memberOf(rpm, 'usr/lib/fw/CP1.scexe!fw/imag.bin')),
    'member: there is no fw/imag.bin in FILE!usr/lib/fw/CP1.scexe | did you mean fw/image.bin? it holds fw/image.bin, readme.txt',
  );
});

testWith(test, 'zip')('a tar may lie in a zip in a tar', async () => {
  const deep = tarOf({ 'a.zip': zipOf({ 'b.tgz': gzipSync(tarOf(FILES)) }) });
  assert.is(Buffer.compare(await memberOf(deep, 'a.zip!b.tgz!fw/image.bin'), IMAGE), 0);
});

test('a name may hold the mark between levels', async () => {
  assert.is(Buffer.compare(await memberOf(tarOf({ 'a!b': IMAGE }), 'a!b'), IMAGE), 0);
});

for (const [member, expected] of [
  [
    null,
    'package: FILE is a package (tar.gz), not the image itself | name the image in it with member: it holds fw/image.bin, readme.txt',
  ],
  [
    'image.bin',
    'member: there is no image.bin in FILE | did you mean fw/image.bin? it holds fw/image.bin, readme.txt',
  ],
  ['zzz', 'member: there is no zzz in FILE | it holds fw/image.bin, readme.txt'],
  [
    'readme.txt!x',
    'member: FILE!readme.txt is not a package that runbook opens, so it has no member x | remove member if this is the image itself; otherwise download the package again',
  ],
] as const) {
  test(`the member ${member ?? 'that is not named'} is told with what there is`, async () => {
    assert.is(await problemOf(memberOf(gzipSync(tarOf(FILES)), member)), expected);
  });
}

test('of many members some are named', async () => {
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, IMAGE]));
  assert.match(
    await problemOf(memberOf(tarOf(files), null)),
    /it holds f0, f1, f2, f3, f4, f5, f6, f7 and 4 more \(runbook image lists them\)$/,
  );
});

test('a member that appears twice, a directory and a link give no image', async () => {
  const twice = inFolder({ 'a.bin': IMAGE }, (cwd) =>
    execFileSync('tar', ['-b1', '-cf', '-', 'a.bin', 'a.bin', '--hard-dereference'], { cwd }),
  );
  assert.is(await problemOf(memberOf(twice, 'a.bin')), 'member: FILE holds a.bin more than once');
  const linked = inFolder({ 'fw/a.bin': IMAGE }, (cwd) => {
    symlinkSync('/etc/passwd', path.join(cwd, 'fw/b.bin'));
    return execFileSync('tar', ['-b1', '-cf', '-', 'fw'], { cwd });
  });
  assert.is(
    await problemOf(memberOf(linked, 'fw')),
    'member: fw in FILE is a directory, which holds no bytes | name a regular file',
  );
  assert.is(
    await problemOf(memberOf(linked, 'fw/b.bin')),
    'member: fw/b.bin in FILE is a link, which holds no bytes | name a regular file',
  );
  assert.is(Buffer.compare(await memberOf(linked, 'fw/a.bin'), IMAGE), 0);
});

for (const [title, bytes, expected] of [
  ['a web page', '<!DOCTYPE html>', 'web-page: FILE is a web page, not firmware'],
  [
    'a script',
    '#!/bin/sh\nexit 1\n',
    'unsupported: FILE is a shell script, not the image itself | runbook does not open such files: unpack it by hand (never run it), then name the image in it',
  ],
] as const) {
  test(`${title} is told as such, with a member and without`, async () => {
    assert.is(await problemOf(memberOf(Buffer.from(bytes), null)), expected);
    assert.is(await problemOf(memberOf(Buffer.from(bytes), 'a.bin')), expected);
  });
}

for (const [kind, carrierOf, ...programs] of [
  ['a tar.gz', () => gzipSync(tarOf(FILES))],
  ['a zip, which is read from its end,', () => zipOf(FILES), 'zip'],
] as const) {
  testWith(test, ...programs)(`${kind} comes through a pipe`, async () => {
    const carrier = carrierOf();
    const folder = mkdtempSync(path.join(tmpdir(), 'runbook-pipe-'));
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const writing = open(fifo, 'w').then(async (file) => {
      for (let at = 0; at < carrier.length; at += 999) await file.write(carrier.subarray(at, at + 999));
      await file.close();
    });
    const { sha256 } = await readFirmware(fifo, { member: 'fw/image.bin', strip: null });
    await writing;
    assert.is(sha256, createHash('sha256').update(IMAGE).digest('hex'));
    rmSync(folder, { recursive: true });
  });
}

test('nothing of a carrier is executed, written, or made executable', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-marker-'));
  const marker = path.join(folder, 'EXECUTED');
  const script = [`touch ${marker}`, `echo x > ${marker}`, 'exit 0'];
  const evil = Buffer.from(`#!/bin/sh\n${script[0]}\n`);
  const scexe = scexeOf(tarOf({ 'image.bin': IMAGE, hpsetup: evil }), { script });
  const file = path.join(folder, 'CP1.scexe');
  writeFileSync(file, scexe, { mode: 0o755 });
  await listingOf(scexe);
  assert.is((await readFirmware(file, { member: 'image.bin', strip: null })).bytes.length, IMAGE.length);
  await problemOf(readFirmware(file, { member: null, strip: null }));
  assert.not(existsSync(marker));
  assert.equal(readdirSync(folder), ['CP1.scexe']);
  // The marker would be there if the script had run.
  execFileSync('sh', [file]);
  assert.ok(existsSync(marker));
  rmSync(folder, { recursive: true });
});

test('the libraries of packages are not loaded for an image that lies in no package', () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, name] of text.matchAll(/^(?:import|export) (?!type )[^;]*from '([^']+)';/gm)) {
      if (name!.startsWith('.')) load(path.join(path.dirname(file), name!));
      else loaded.add(name!);
    }
  };
  load(inProject('src/playbook/resolve.ts'));
  load(inProject('src/cli/commands/image.ts'));
  assert.ok(loaded.has(inProject('src/firmware/carrier.ts')));
  const packages = [...loaded].filter((name) => !path.isAbsolute(name) && !name.startsWith('node:'));
  assert.equal(
    packages.filter((name) => ['yauzl', 'zstddec', 'xz-decompress'].includes(name)),
    [],
  );
  assert.not.ok(loaded.has('node:zlib'));
});

test('no file of src/firmware can start a program or set a mode', () => {
  for (const name of readdirSync(inProject('src/firmware'))) {
    const text = readFileSync(inProject('src/firmware', name), 'utf8');
    assert.not.match(text, /child_process|worker_threads|\bchmod|\beval\(/, name);
    assert.not.match(text, 'node:vm', name);
  }
});

test.run();
