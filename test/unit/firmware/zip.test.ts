import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, inFolder, listingOf, memberOf, problemOf, zipOf } from './carriers.ts';

const test = suite('firmware/zip');
const testWithZip = testWith(test, 'zip');

const IMAGE = bytesOf(3000);

interface ZipEntry {
  readonly name: string;
  readonly method?: number;
  readonly flags?: number;
  readonly data?: Uint8Array;
  readonly crc?: number;
  readonly sizeBytes?: number;
}

/** Written by hand, for what the real zip does not make. */
function handMade({
  name,
  method = 8,
  flags = 0,
  data = deflateRawSync(IMAGE),
  crc = crc32(IMAGE),
  sizeBytes = IMAGE.length,
}: ZipEntry): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); // version needed
  common.writeUInt16LE(flags, 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt32LE(crc, 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(sizeBytes, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
    common,
    Buffer.alloc(14), // comment, disk, attributes, origin of the local header: all 0
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

test('a zip written by hand is opened', async () => {
  assert.is(Buffer.compare(await memberOf(handMade({ name: 'a.bin' }), 'a.bin'), IMAGE), 0);
  assert.is(Buffer.compare(await memberOf(handMade({ name: 'fw\\a.bin' }), 'fw/a.bin'), IMAGE), 0);
});

for (const [title, entry, expected] of [
  [
    'an encrypted member',
    { flags: 1 },
    'unsupported: FILE has a.bin encrypted | unpack it by hand, then name the image',
  ],
  [
    'a packing that is not known',
    { method: 12 },
    'unsupported: FILE has a.bin packed with method 12 | unpack it by hand, then name the image',
  ],
  [
    'a wrong checksum',
    { crc: 1 },
    'damaged: FILE is damaged: the member a.bin does not have the size and checksum that the zip directory gives',
  ],
  [
    'a member that is longer than it says',
    { sizeBytes: 2999 },
    'damaged: FILE is damaged: the member a.bin does not have the size and checksum that the zip directory gives',
  ],
  [
    'a member that is shorter than it says',
    { sizeBytes: 3001 },
    'damaged: FILE is damaged: the member a.bin does not have the size and checksum that the zip directory gives',
  ],
  [
    'packed data that end too early',
    { data: deflateRawSync(IMAGE).subarray(0, 50) },
    'cut: FILE is cut off: it ends at byte 50, within its packed data',
  ],
] as const) {
  test(`${title} is an error`, async () => {
    const zip = handMade({ name: 'a.bin', ...entry });
    assert.is(await problemOf(memberOf(zip, 'a.bin')), expected);
    // What a zip holds can be seen even where a member cannot be unpacked here.
    if (expected.startsWith('unsupported')) assert.equal(await listingOf(zip), ['zip', 'a.bin file 3000']);
  });
}

test('a zip without its directory was cut', async () => {
  const zip = handMade({ name: 'a.bin' });
  assert.match(
    await problemOf(memberOf(zip.subarray(0, 200), 'a.bin')),
    /^cut: FILE is cut off: it ends at byte 200, within a zip, whose directory is missing/,
  );
});

testWithZip('links and directories of a real zip are listed and give no image', async () => {
  const zip = inFolder({ 'fw/a.bin': IMAGE }, (cwd) => {
    symlinkSync('/etc/passwd', path.join(cwd, 'fw/b.bin'));
    execFileSync('zip', ['-q', '-r', '-y', 'a.zip', 'fw'], { cwd });
    return readFileSync(path.join(cwd, 'a.zip'));
  });
  const listed = await listingOf(zip);
  assert.equal(listed.toSorted(), ['fw directory 0', 'fw/a.bin file 3000', 'fw/b.bin link 11', 'zip']);
  assert.match(await problemOf(memberOf(zip, 'fw/b.bin')), /^member: fw\/b\.bin in FILE is a link/);
});

testWithZip('a zip with a comment, and an empty one, are opened', async () => {
  const zip = zipOf({ 'a.bin': IMAGE });
  const comment = Buffer.concat([zip, Buffer.from('a comment')]);
  comment.writeUInt16LE(9, zip.length - 2);
  assert.is(Buffer.compare(await memberOf(comment, 'a.bin'), IMAGE), 0);
  const empty = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
  assert.equal(await listingOf(empty), ['zip']);
  assert.is(
    await problemOf(memberOf(empty, null)),
    'package: FILE is a package (zip), not the image itself | it holds no file',
  );
});

test.run();
