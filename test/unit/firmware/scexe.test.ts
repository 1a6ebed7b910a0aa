import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { bytesOf, inFolder, memberOf, problemOf, scexeOf, tarOf } from './carriers.ts';

const test = suite('firmware/scexe');

const IMAGE = bytesOf(3000);
const TAR = tarOf({ 'PUF21000.bin': IMAGE });
const AGAIN =
  'download it again as a binary file: editors and text transfers that change line endings break it';

/** A script of any text before the archive; `_SKIP` is the text's own. */
const withScript = (script: string): Buffer => Buffer.concat([Buffer.from(script, 'latin1'), gzipSync(TAR)]);

for (const [title, bytes] of [
  ['trailing bytes behind the archive', scexeOf(TAR, { after: 'anything, \x1f\x8b too' })],
  ['a script of 150 lines', scexeOf(TAR, { script: Array.from({ length: 150 }, (_, i) => `echo ${i}`) })],
  ['a script of 1000 lines', scexeOf(TAR, { script: Array.from({ length: 996 }, () => '') })],
  ['_SKIP in a comment', scexeOf(TAR, { script: ['# _SKIP=12 is not so'] })],
  ['_SKIP as a part of another name', scexeOf(TAR, { script: ['NO_SKIP=12', 'tail -n +$_SKIP "$0"'] })],
  ['_SKIP behind another command', withScript('#!/bin/bash\n# scexe\nset -e; _SKIP=4; export _SKIP\n')],
  ['bytes above 127 in the script', withScript('#!/bin/sh\n# scexe\n_SKIP=5\necho \xe9\xff\n')],
] as const) {
  test(`${title} does not hinder`, async () => {
    assert.is(Buffer.compare(await memberOf(bytes, 'PUF21000.bin'), IMAGE), 0);
  });
}

test('what looks like an assignment within the archive is none', async () => {
  const stored = gzipSync(Buffer.concat([tarOf({ 'a.bin': Buffer.from('\n_SKIP=9\n_SKIP=x\n') })]), {
    level: 0,
  });
  const bytes = Buffer.concat([Buffer.from('#!/bin/sh\n# scexe\n_SKIP=4\n'), stored]);
  assert.is((await memberOf(bytes, 'a.bin')).length, 17);
});

for (const [title, bytes, expected] of [
  [
    'no _SKIP',
    withScript('#!/bin/sh\n# scexe\n'),
    'damaged: FILE is damaged: its script does not set _SKIP | ',
  ],
  [
    'two of them',
    scexeOf(TAR, { script: ['_SKIP=5'] }),
    'damaged: FILE is damaged: its script sets _SKIP 2 times; it must be once | ',
  ],
  [
    'a _SKIP that the shell would work out',
    scexeOf(TAR, { skip: '$((2+3))' }),
    'damaged: FILE is damaged: its script sets _SKIP to something that is not a number | ',
  ],
  [
    'a _SKIP that leads into the script',
    scexeOf(TAR, { skip: '4' }),
    'damaged: FILE is damaged: _SKIP leads to line 4, where no gzip stream begins | ',
  ],
  [
    'a _SKIP before itself',
    scexeOf(TAR, { skip: '2' }),
    'damaged: FILE is damaged: its script sets _SKIP 0 times; it must be once | ',
  ],
  [
    'a _SKIP beyond all reason',
    scexeOf(TAR, { skip: '1001' }),
    'damaged: FILE is damaged: its script is longer than 1000 lines | ',
  ],
  [
    'a _SKIP beyond the file',
    Buffer.from('#!/bin/sh\n# scexe\n_SKIP=900\n'),
    'cut: FILE is cut off: it ends at byte 28, within the script before its archive | ',
  ],
  [
    'a script of more than 64 KiB',
    scexeOf(TAR, { script: ['x'.repeat(65_536)] }),
    'damaged: FILE is damaged: its line 5 is not within the first 65536 bytes | ',
  ],
  [
    'changed line ends',
    Buffer.from(scexeOf(TAR).toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
    'damaged: FILE is damaged: the line endings of its script were changed | ',
  ],
] as const) {
  test(`${title} is an error that says so`, async () => {
    assert.is(await problemOf(memberOf(bytes, 'PUF21000.bin')), `${expected}${AGAIN}`);
  });
}

test('a cut archive is told with its place and the usual reason', async () => {
  const bytes = scexeOf(TAR);
  assert.is(
    await problemOf(memberOf(bytes.subarray(0, bytes.length - 20), 'PUF21000.bin')),
    `cut: FILE is cut off: it ends at byte ${bytes.length - 20}, within its packed data | ${AGAIN}`,
  );
});

test('an archive that holds no tar is damaged', async () => {
  assert.match(
    await problemOf(memberOf(scexeOf(bytesOf(2000)), 'x')),
    /^damaged: FILE is damaged: its tar is broken/,
  );
});

test('a link makes the whole file unsafe: a Smart Component has plain files only', async () => {
  const tar = inFolder({ 'a.bin': IMAGE }, (cwd) => {
    symlinkSync('/etc/shadow', path.join(cwd, 'b.bin'));
    return execFileSync('tar', ['-b1', '-cf', '-', 'a.bin', 'b.bin'], { cwd });
  });
  assert.match(
    await problemOf(memberOf(scexeOf(tar), 'a.bin')),
    /^unsafe: FILE holds b\.bin, which is not a regular file; a Smart Component has only regular files/,
  );
});

test.run();
