import * as assert from 'uvu/assert';
import { contentOf } from '../../../src/firmware/content.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/content');

const tar = new Uint8Array(512);
tar.set(Buffer.from('ustar'), 257);

/** `carrier tar`, `packed gzip`, `unopened a shell script`; null: an image. */
function briefOf(bytes: Uint8Array): string | null {
  const content = contentOf(bytes);
  return content === null ? null : Object.values(content).join(' ');
}

const oldTar = Buffer.alloc(512);
oldTar.write('image.bin');
oldTar.write('        ', 148);
oldTar.write(
  `${oldTar
    .reduce((sum, byte) => sum + byte, 0)
    .toString(8)
    .padStart(6)}\0 `,
  148,
);

for (const [title, bytes, expected] of [
  ['a web page', Buffer.from('<!DOCTYPE html><title>Sign in</title>'), 'web-page'],
  [
    'a web page after blank lines and a byte order mark',
    Buffer.from('\ufeff\r\n\r\n<html lang="en">'),
    'web-page',
  ],
  ['an XHTML page', Buffer.from('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">'), 'web-page'],
  ['a shell script', Buffer.from('#!/bin/sh\necho scexe\n'), 'unopened a shell script'],
  ['a Smart Component', Buffer.from('#!/bin/sh\n# an scexe file\n'), 'carrier scexe'],
  ['one whose line ends were changed', Buffer.from('#!/bin/sh\r\n# SCEXE\r\n'), 'carrier scexe'],
  ['an rpm', Buffer.from('edabeedb0300', 'hex'), 'carrier rpm'],
  ['a zip', Buffer.from('504b03041400', 'hex'), 'carrier zip'],
  ['an empty zip', Buffer.from('504b0506', 'hex'), 'carrier zip'],
  ['gzip', Buffer.from('1f8b0800', 'hex'), 'packed gzip'],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), 'packed xz'],
  ['Zstandard', Buffer.from('28b52ffd', 'hex'), 'packed zstd'],
  ['a cabinet', Buffer.from('4d53434600000000', 'hex'), 'unopened a cabinet (.cab)'],
  ['a tar', tar, 'carrier tar'],
  ['a tar from before POSIX', oldTar, 'carrier tar'],
  ['a block of zeros', new Uint8Array(512), null],
  ['bytes', Uint8Array.of(0x0d, 0x14, 0x1b, 0x22), null],
  ['one byte', Uint8Array.of(0x23), null],
  ['no byte', new Uint8Array(0), null],
  ['XML that is not a page', Buffer.from('<?xml version="1.0"?><firmware/>'), null],
] as const) {
  test(`${title} is taken for ${expected ?? 'an image'}`, () => {
    assert.is(briefOf(bytes), expected);
  });
}

test.run();
