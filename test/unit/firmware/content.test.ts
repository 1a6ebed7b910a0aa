import * as assert from 'uvu/assert';
import { contentOf } from '../../../src/firmware/content.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/content');

const tar = new Uint8Array(512);
tar.set(Buffer.from('ustar'), 257);

for (const [title, bytes, expected] of [
  ['a web page', Buffer.from('<!DOCTYPE html><title>Sign in</title>'), 'html'],
  [
    'a web page after blank lines and a byte order mark',
    Buffer.from('\ufeff\r\n\r\n<html lang="en">'),
    'html',
  ],
  ['an XHTML page', Buffer.from('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">'), 'html'],
  ['a shell script with an archive behind it', Buffer.from('#!/bin/sh\n'), 'package'],
  ['an rpm', Buffer.from('edabeedb0300', 'hex'), 'package'],
  ['a zip', Buffer.from('504b03041400', 'hex'), 'package'],
  ['a tar', tar, 'package'],
  ['bytes', Uint8Array.of(0x0d, 0x14, 0x1b, 0x22), null],
  ['one byte', Uint8Array.of(0x23), null],
  ['no byte', new Uint8Array(0), null],
  ['XML that is no page', Buffer.from('<?xml version="1.0"?><firmware/>'), null],
] as const) {
  test(`${title} is taken for ${expected ?? 'an image'}`, () => {
    assert.is(contentOf(bytes), expected);
  });
}

test.run();
