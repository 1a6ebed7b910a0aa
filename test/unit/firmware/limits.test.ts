import { mkdtempSync, openSync, closeSync, ftruncateSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { gzipSync } from 'node:zlib';
import { LIMITS } from '../../../src/firmware/limits.ts';
import type { Limits } from '../../../src/firmware/limits.ts';
import { readFirmware } from '../../../src/firmware/read-firmware.ts';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, cpioOf, memberOf, packedBy, problemOf, rpmOf, scexeOf, tarOf, zipOf } from './carriers.ts';

const test = suite('firmware/limits');

const IMAGE = bytesOf(500);
const limited = (limits: Partial<Limits>): Limits => ({ ...LIMITS, ...limits });
const ZEROS = new Uint8Array(1 << 20);

/** A MiB of zeros in a KiB, many times over: gzip streams follow each other. */
const bomb = Buffer.concat([
  gzipSync(tarOf({ 'a.bin': IMAGE }).subarray(0, 512)),
  ...Array.from({ length: 100 }, () => gzipSync(ZEROS)),
]);

for (const [title, carrier, ...programs] of [
  ['gzip', () => bomb],
  ['a .scexe', () => scexeOf(ZEROS)],
  ['an rpm', () => rpmOf(gzipSync(cpioOf([{ name: 'a.bin', bytes: ZEROS }])))],
  ['xz', () => packedBy('xz', tarOf({ 'a.bin': ZEROS })), 'xz'],
  ['Zstandard', () => packedBy('zstd', tarOf({ 'a.bin': ZEROS })), 'zstd'],
  ['a zip', () => zipOf({ 'a.bin': ZEROS }), 'zip'],
] as const) {
  testWith(test, ...programs)(`a bomb in ${title} is found by ratio and by size`, async () => {
    const ratio = limited({ freeBytes: 100_000 });
    const size = limited({ unpackedBytes: 500_000 });
    assert.match(
      await problemOf(memberOf(carrier(), 'a.bin', ratio)),
      /^limit: FILE unpacks to more than 200 times its size \|/,
    );
    assert.match(
      await problemOf(memberOf(carrier(), 'a.bin', size)),
      /^limit: FILE unpacks to more than 500000 bytes \|/,
    );
  });
}

test('unpacking that takes too much processor time ends, by size of what comes out and by number of members', async () => {
  const many = tarOf(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`${at}`, IMAGE])));
  for (const carrier of [many, gzipSync(many)])
    assert.match(
      await problemOf(memberOf(carrier, '49', limited({ cpuMs: 0 }))),
      /^limit: FILE takes more than 0 s of processor time/,
    );
});

test('a bomb is found with the limits that hold by default', async () => {
  assert.match(
    await problemOf(memberOf(bomb, 'a.bin')),
    /^limit: FILE unpacks to more than 200 times its size/,
  );
});

test('a block that says it holds gigabytes is damage, told at once', async () => {
  // 60,000 sequences, each a match of 131,074 bytes: code tables of one value (RLE), all extra bits set.
  const sequences = 60_000;
  const codes = [0x00, 255, (sequences - 0x7f00) & 0xff, (sequences - 0x7f00) >> 8, 0x54, 0, 0, 52];
  const block = Buffer.concat([Buffer.from(codes), Buffer.alloc(sequences * 2 + 1, 0xff)]);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(((block.length << 3) | (2 << 1) | 1) >>> 0);
  const frame = Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), header.subarray(0, 3), block]);
  assert.match(
    await problemOf(memberOf(rpmOf(frame, { compressor: 'zstd' }), 'a.bin')),
    /^damaged: FILE is damaged: its Zstandard data is invalid near byte \d+$/,
  );
});

test('an image that is padded with one value is not a bomb', async () => {
  const padded = tarOf({ 'a.bin': Buffer.alloc(16 << 20, 0xff) });
  assert.is((await memberOf(gzipSync(padded), 'a.bin')).length, 16 << 20);
});

test('too many members are too many', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `f${i}`);
  const carriers = [
    tarOf(Object.fromEntries(names.map((name) => [name, IMAGE]))),
    rpmOf(cpioOf(names.map((name) => ({ name }))), { sign: 'none' }),
  ];
  for (const carrier of carriers) {
    assert.match(
      await problemOf(memberOf(carrier, 'f29', limited({ members: 29 }))),
      /^limit: FILE holds more than 29 members/,
    );
  }
});

test('a name may not be endless', async () => {
  const carrier = rpmOf(cpioOf([{ name: 'x'.repeat(5000) }]), { sign: 'none' });
  assert.match(await problemOf(memberOf(carrier, 'a')), /has a name of 5001 bytes/);
  const tar = tarOf({ [`${'d'.repeat(200)}/${'x'.repeat(200)}`]: IMAGE }, '--format=gnu');
  assert.match(
    await problemOf(memberOf(tar, 'a', limited({ nameBytes: 300 }))),
    /^limit: FILE has a name of more than 300 bytes/,
  );
});

test('carriers lie in carriers to a depth', async () => {
  let nested: Uint8Array = tarOf({ 'a.bin': IMAGE });
  for (let level = 2; level <= 5; level++) nested = tarOf({ 'n.tar': nested });
  assert.is((await memberOf(nested, 'n.tar!n.tar!n.tar!n.tar!a.bin', limited({ levels: 5 }))).length, 500);
  assert.is(
    await problemOf(memberOf(nested, 'n.tar!n.tar!n.tar!n.tar!a.bin')),
    'limit: FILE!n.tar!n.tar!n.tar!n.tar is nested in more than 4 packages',
  );
});

for (const name of ['/etc/passwd', '../x', 'a/../../x', 'C:\\x', '..\\x', 'a/..']) {
  test(`a member called ${name} makes the whole file unsafe, also where another one is wanted`, async () => {
    const cpio = cpioOf([
      { name: 'a.bin', bytes: IMAGE },
      { name, bytes: IMAGE },
    ]);
    assert.is(
      await problemOf(memberOf(rpmOf(gzipSync(cpio)), 'a.bin')),
      `unsafe: FILE has a member with a path outside the package: ${JSON.stringify(name)} | do not use this file: no vendor ships such a package`,
    );
    const tar = tarOf(
      { 'a.bin': IMAGE },
      '--absolute-names',
      `--transform=s,a.bin,${name.replaceAll('\\', '\\\\')},`,
    );
    assert.match(
      await problemOf(memberOf(tar, 'a.bin')),
      /^unsafe: FILE has a member with a path outside the package/,
    );
  });
}

testWith(test, 'zip')('a zip with such a name is unsafe', async () => {
  const zip = zipOf({ 'aa/bb/x.bin': IMAGE }).toString('latin1').replaceAll('aa/bb/x.bin', '../../x.bin');
  assert.match(
    await problemOf(memberOf(Buffer.from(zip, 'latin1'), 'x.bin')),
    /^unsafe: .*"\.\.\/\.\.\/x\.bin"/,
  );
});

test('2 GiB in a package are not 2 GiB in memory', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-large-'));
  const file = path.join(folder, 'large.tar');
  // A sparse file: a header, 2 GiB that are nowhere, and a small tar behind them.
  const sizeBytes = 2 ** 31;
  const header = tarOf({ 'big.iso': IMAGE }).subarray(0, 512);
  header.write(sizeBytes.toString(8).padStart(11, '0'), 124);
  header.fill(0x20, 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const behind = tarOf({ 'a.bin': IMAGE });
  const fd = openSync(file, 'w');
  writeSync(fd, header);
  ftruncateSync(fd, 512 + sizeBytes);
  writeSync(fd, behind, 0, behind.length, 512 + sizeBytes);
  closeSync(fd);
  const beforeKiB = process.resourceUsage().maxRSS;
  const image = await readFirmware(file, { member: 'a.bin', strip: null });
  const grownMiB = (process.resourceUsage().maxRSS - beforeKiB) / 1024;
  rmSync(folder, { recursive: true });
  assert.is(Buffer.compare(image.bytes, IMAGE), 0);
  assert.ok(grownMiB < 256, `${Math.round(grownMiB)} MiB`);
});

test('a member that is larger than any image is refused before it is read', async () => {
  const carrier = rpmOf(cpioOf([{ name: 'a.bin', bytes: IMAGE }]), { sign: 'none' });
  const text = carrier.toString('latin1').replace('000001f4', '7fffffff'); // its size
  assert.is(
    await problemOf(memberOf(Buffer.from(text, 'latin1'), 'a.bin')),
    'too-large: FILE!a.bin is larger than 268435456 bytes',
  );
});

test.run();
