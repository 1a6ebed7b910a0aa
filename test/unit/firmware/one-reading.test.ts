import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import path from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
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
  tarOf,
  zipOf,
} from './carriers.ts';

/* Packages that other programs would read in another way than runbook, or in two ways: refused. */

const test = suite('firmware/one-reading');
const withZip = testWith(test, 'zip');
const withZstd = testWith(test, 'zstd');

const IMAGE = bytesOf(90);
const OTHER = bytesOf(90, 11);

for (const words of [
  ['--format=gnu'],
  ['--format=pax', '--sparse-version=0.0'],
  ['--format=pax', '--sparse-version=0.1'],
  ['--format=pax', '--sparse-version=1.0'],
]) {
  test(`a tar that leaves out the holes of a file: ${words.join(' ')}`, async () => {
    const tar = inFolder({ 'a.bin': IMAGE }, (folder) => {
      truncateSync(path.join(folder, 'a.bin'), 1 << 20);
      return execFileSync('tar', ['-S', ...words, '-cf', '-', 'a.bin'], { cwd: folder });
    });
    for (const read of [() => memberOf(tar, 'a.bin'), () => listingOf(tar)]) {
      assert.is(
        await problemOf(read()),
        'unsupported: FILE holds a.bin as a file with holes (sparse) | ' +
          'it is not put together here: unpack it with tar, and name the image that comes out',
      );
    }
  });
}

/** One extended header in front of a member. */
function withPax(typeFlag: string, records: readonly string[]): Buffer {
  const body = Buffer.from(
    records
      .map((record) => {
        let length = record.length + 3;
        while (String(length).length + record.length + 2 !== length) length++;
        return `${length} ${record}\n`;
      })
      .join(''),
  );
  const header = tarOf({ x: body }, '--format=ustar').subarray(0, 1024);
  header.write(typeFlag, 156);
  header.fill(0x20, 148, 156);
  const sum = header.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, tarOf({ 'a.bin': IMAGE }, '--format=ustar')]);
}

for (const [title, tar, expected] of [
  ['a size for all', withPax('g', ['size=10']), 'its tar gives all members one name or size'],
  ['a size in hex', withPax('x', ['size=0x10']), 'its tar gives a size that is not a number'],
  ['an empty name', withPax('x', ['path=']), 'its tar gives an empty path'],
  [
    'two names',
    Buffer.concat([withPax('x', ['path=b']).subarray(0, 1024), withPax('x', ['path=c'])]),
    'its member before byte 1536 is named twice',
  ],
] as const) {
  test(`a tar with ${title} before a member is damaged`, async () => {
    assert.is(await problemOf(memberOf(tar, 'a.bin')), `damaged: FILE is damaged: ${expected}`);
  });
}

test('what only some readers of tars know changes nothing', async () => {
  const tar = withPax('x', ['type=SymbolicLink', 'comment=x', 'mtime=1.5']);
  assert.is(Buffer.compare(await memberOf(tar, 'a.bin'), IMAGE), 0);
});

withZip('two zips in one file', async () => {
  const [one, two] = [zipOf({ 'a.bin': IMAGE }), zipOf({ 'a.bin': OTHER })];
  assert.is(
    await problemOf(memberOf(Buffer.concat([one, two]), 'a.bin')),
    'damaged: FILE is damaged: its directory is not where its end record says: is it two zips in one?',
  );
});

withZip('a zip with something that belongs to no member', async () => {
  const zip = zipOf({ 'a.bin': IMAGE });
  const end = zip.lastIndexOf('PK\x05\x06');
  const directory = zip.readUInt32LE(end + 16);
  const longer = Buffer.concat([zip.subarray(0, directory), Buffer.from('hidden'), zip.subarray(directory)]);
  longer.writeUInt32LE(directory + 6, end + 6 + 16);
  assert.is(
    await problemOf(memberOf(longer, 'a.bin')),
    `damaged: FILE is damaged: its bytes ${directory - 16} to ${directory + 5} belong to no member: is it two zips in one?`,
  );
});

withZip('a zip whose header and directory name different members', async () => {
  const zip = Buffer.from(zipOf({ 'a.bin': IMAGE }));
  zip.write('b.bin', zip.indexOf('a.bin'));
  assert.is(
    await problemOf(memberOf(zip, 'a.bin')),
    'damaged: FILE is damaged: its directory and the header of the member a.bin contradict each other',
  );
});

withZip('a zip that counts other members than it has', async () => {
  const zip = Buffer.from(zipOf({ 'a.bin': IMAGE, 'b.bin': OTHER }));
  const end = zip.lastIndexOf('PK\x05\x06');
  zip.writeUInt16LE(1, end + 8);
  assert.is(
    await problemOf(memberOf(zip, 'a.bin')),
    'damaged: FILE is damaged: its end record counts 1 members, its directory has 2',
  );
});

withZip('a zip of two members with the same data', async () => {
  // The second header points at the first: a small file that unpacks forever is made like this.
  const zip = Buffer.from(zipOf({ 'a.bin': IMAGE, 'b.bin': IMAGE }));
  zip.writeUInt32LE(0, zip.lastIndexOf('PK\x01\x02') + 42);
  const problem = await problemOf(memberOf(zip, 'a.bin'));
  assert.is(
    problem,
    'damaged: FILE is damaged: its directory and the header of the member b.bin contradict each other',
  );
});

withZip('what a program writes that cannot seek is opened', async () => {
  for (const words of [[], ['-0']])
    assert.is(Buffer.compare(await memberOf(zipOf({ 'a.bin': IMAGE }, ...words), 'a.bin'), IMAGE), 0);
});

withZstd('the checksum of Zstandard is compared', async () => {
  const packed = packedBy('zstd', tarOf({ 'a.bin': IMAGE }));
  packed[packed.length - 1]! ^= 1;
  assert.is(
    await problemOf(memberOf(packed, 'a.bin')),
    'damaged: FILE is damaged: the checksum of its Zstandard data is wrong',
  );
});

test('the checksum of a gzip header is compared', async () => {
  const plain = gzipSync(tarOf({ 'a.bin': IMAGE }));
  const head = Buffer.concat([
    plain.subarray(0, 3),
    Buffer.from([0x0a]),
    plain.subarray(4, 10),
    Buffer.from('n\0'),
  ]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(head) & 0xffff);
  const right = Buffer.concat([head, sum, plain.subarray(10)]);
  assert.is(Buffer.compare(await memberOf(right, 'a.bin'), IMAGE), 0);
  right[10] = 0x6d;
  assert.is(
    await problemOf(memberOf(right, 'a.bin')),
    'damaged: FILE is damaged: the checksum of its gzip header is wrong',
  );
});

test('the checksum of a cpio member is compared where it has one', async () => {
  const sum = IMAGE.reduce((all, byte) => all + byte, 0);
  const carrier = (written: number): Buffer => {
    const cpio = cpioOf([{ name: 'a.bin', bytes: IMAGE }]);
    cpio.write('070702');
    cpio.write(written.toString(16).padStart(8, '0'), 102);
    cpio.write('070702', cpio.lastIndexOf('070701'));
    return rpmOf(cpio, { sign: 'none' });
  };
  assert.is(Buffer.compare(await memberOf(carrier(sum), 'a.bin'), IMAGE), 0);
  assert.is(
    await problemOf(memberOf(carrier(sum + 1), 'a.bin')),
    'damaged: FILE is damaged: the checksum of its member a.bin is wrong',
  );
});

testWith(test, 'xz')('xz data whose range coder does not begin with 0 are damage, as xz says', async () => {
  const packed = packedBy('xz', tarOf({ 'a.bin': IMAGE }));
  // Behind the header of the stream (12 bytes), of the block, and of the LZMA2 chunk with its properties (6).
  const at = 12 + (packed[12]! + 1) * 4 + 6;
  assert.is(packed[at], 0);
  packed[at] = 0xff;
  assert.match(await problemOf(memberOf(packed, 'a.bin')), /^damaged: /);
});

for (const [compressor, when, nothing] of [
  ['gzip', testWith(test), () => gzipSync(Buffer.alloc(0))],
  ['xz', testWith(test, 'xz'), () => packedBy('xz', Buffer.alloc(0))],
  ['zstd', testWith(test, 'zstd'), () => packedBy('zstd', Buffer.alloc(0))],
] as const) {
  when(`thousands of pieces of ${compressor} that hold nothing are refused`, async () => {
    const piece = nothing();
    const payload = Buffer.concat(Array.from({ length: 5001 }, () => piece));
    assert.match(
      await problemOf(memberOf(rpmOf(payload, { compressor, sign: 'none' }), 'a.bin')),
      /^limit: FILE is packed in 5001 pieces of hardly any bytes \| /,
    );
  });
}

test.run();
