import * as assert from 'uvu/assert';
import { stripHeader } from '../../../src/firmware/strip.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, problemOf } from './carriers.ts';

const test = suite('firmware/strip');

const SECTORS = bytesOf(1024);
const behind = (header: Uint8Array | string): Uint8Array =>
  Buffer.concat([Buffer.from(header as string), SECTORS]);

for (const [title, bytes, strip] of [
  ['bytes', behind(Buffer.alloc(12)), 12],
  ['the header of Dell, 113h bytes', behind(Buffer.alloc(0x113)), 'dell-df'],
  ['the header of Seagate, 80 bytes', behind(Buffer.alloc(80)), 'seagate-lod'],
] as const) {
  test(`${title} are taken off`, () => {
    assert.is(Buffer.compare(stripHeader(bytes, strip, 'FILE'), SECTORS), 0);
  });
}

test("the header of Seagate is known by the vendor's word, too, which stands there twice", () => {
  const image = Buffer.concat([Buffer.from('SEAGATE SEAGATE'.padEnd(80)), SECTORS, Buffer.alloc(7)]);
  assert.is(stripHeader(image, 'seagate-lod', 'FILE').length, image.length - 80);
});

for (const [title, bytes, strip, expected] of [
  [
    'a header that is not there',
    SECTORS,
    'seagate-lod',
    'strip: FILE has no seagate-lod header of 80 bytes, as far as can be seen | remove strip if this is the raw image; if it has the header, give its size: 80',
  ],
  [
    'a header of Dell that is not there',
    SECTORS,
    'dell-df',
    'strip: FILE has no dell-df header of 275 bytes, as far as can be seen | remove strip if this is the raw image; if it has the header, give its size: 275',
  ],
  [
    'a header of Dell in a file that is shorter',
    SECTORS.subarray(0, 100),
    'dell-df',
    'strip: FILE has no dell-df header of 275 bytes, as far as can be seen | remove strip if this is the raw image; if it has the header, give its size: 275',
  ],
  [
    'a name that is nearly known',
    SECTORS,
    'dell-fd',
    'strip: "dell-fd" is not a known header | did you mean dell-df?',
  ],
  [
    'a name that is not known',
    SECTORS,
    'constructor',
    'strip: "constructor" is not a known header | known headers: dell-df, seagate-lod; or give the size in bytes',
  ],
  ['all of it', SECTORS, 1024, 'strip: strip 1024 leaves nothing of FILE, which has 1024 bytes'],
] as const) {
  test(`${title} is an error`, async () => {
    assert.is(await problemOf(Promise.resolve().then(() => stripHeader(bytes, strip, 'FILE'))), expected);
  });
}

test.run();
