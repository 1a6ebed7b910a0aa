import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, cpioOf, inFolder, listingOf, memberOf, packedBy, problemOf, rpmOf } from './carriers.ts';

const test = suite('firmware/rpm');

const IMAGE = bytesOf(5000);
const CPIO = cpioOf([{ name: './a.bin', bytes: IMAGE }]);

const SPEC = `Name: firmware
Version: 1
Release: 1
Summary: firmware
License: none
BuildArch: noarch
%description
firmware
%post
touch /tmp/runbook-rpm-was-executed
%install
mkdir -p %{buildroot}/usr/lib/fw
cp %{_topdir}/image.bin %{buildroot}/usr/lib/fw/image.bin
ln -s image.bin %{buildroot}/usr/lib/fw/latest.bin
%files
/usr/lib/fw
`;

/** A package by the real rpmbuild. */
const built = (payload: string): Buffer =>
  inFolder({ 'x.spec': Buffer.from(SPEC), 'image.bin': IMAGE }, (folder) => {
    const settings = [`_topdir ${folder}`, `_rpmdir ${folder}`, `_binary_payload ${payload}`];
    const defines = settings.flatMap((setting) => ['--define', setting]);
    execFileSync('rpmbuild', ['-bb', ...defines, path.join(folder, 'x.spec')], { stdio: 'ignore' });
    const [name] = readdirSync(path.join(folder, 'noarch'));
    return readFileSync(path.join(folder, 'noarch', name!));
  });

for (const payload of ['w9.gzdio', 'w6.xzdio', 'w19.zstdio', 'w.ufdio']) {
  testWith(test, 'rpmbuild')(`a package of rpmbuild with the payload ${payload} is opened`, async () => {
    const rpm = built(payload);
    assert.equal(await listingOf(rpm), [
      'rpm',
      'usr/lib/fw directory 0',
      'usr/lib/fw/image.bin file 5000',
      'usr/lib/fw/latest.bin link 9',
    ]);
    assert.is(Buffer.compare(await memberOf(rpm, 'usr/lib/fw/image.bin'), IMAGE), 0);
    assert.is(
      await problemOf(memberOf(rpm.subarray(0, -30), 'usr/lib/fw/image.bin')).then((text) =>
        text.slice(0, 4),
      ),
      'cut:',
    );
  });
}

for (const [name, payload] of [
  ['bzip2', Buffer.from('BZh91AY&SY')],
  ['lzma', Buffer.from('5d00008000ffffffffffffffff', 'hex')],
] as const) {
  test(`a payload of ${name} is refused in words`, async () => {
    assert.is(
      await problemOf(memberOf(rpmOf(payload, { compressor: name }), 'a.bin')),
      `unsupported: FILE is an rpm packed with ${name}, which runbook does not open | unpack it with rpm2cpio on another machine, then name the image`,
    );
  });
}

for (const [title, bytes, expected] of [
  [
    'a payload that is not a cpio',
    rpmOf(gzipSync(CPIO), { format: 'drpm' }),
    'unsupported: FILE is an rpm with a payload of drpm',
  ],
  [
    'a payload that is not packed as it says',
    rpmOf(bytesOf(500)),
    'damaged: FILE is damaged: its payload is not gzip data',
  ],
  [
    'a payload without names',
    rpmOf(gzipSync(Buffer.from('07070X00000001aaaa'))),
    'unsupported: FILE leaves out the names of its members (rpm 6, or files above 4 GiB)',
  ],
  [
    'a lead alone',
    rpmOf(CPIO).subarray(0, 96),
    'cut: FILE is cut off: it ends at byte 96, within the signature of an rpm',
  ],
  [
    'a signature that is none',
    Buffer.concat([rpmOf(CPIO).subarray(0, 96), bytesOf(64)]),
    'damaged: FILE is damaged: no rpm signature begins at byte 96',
  ],
  [
    'a header that would fill the memory',
    Buffer.concat([rpmOf(CPIO).subarray(0, 96), Buffer.from('8eade8010000000000000001ffffffff', 'hex')]),
    'damaged: FILE is damaged: the signature of an rpm says that it has 1 entries and 4294967295 bytes',
  ],
  [
    'something behind the archive',
    rpmOf(gzipSync(Buffer.concat([CPIO, Buffer.from('more')]))),
    'damaged: FILE is damaged: something else follows its cpio archive',
  ],
] as const) {
  test(`${title} is told apart`, async () => {
    assert.is(await problemOf(memberOf(bytes, 'a.bin')), expected);
  });
}

for (const sign of ['sha256', 'md5'] as const) {
  test(`a payload that was changed is found by its ${sign} digest, though its own checks are right`, async () => {
    const rpm = rpmOf(CPIO, { compressor: 'none', sign });
    const changed = Buffer.from(rpm);
    changed[rpm.length - CPIO.length + 200]! ^= 1;
    assert.is(
      await problemOf(memberOf(changed, 'a.bin')),
      'damaged: FILE is damaged: the checksum of its payload is wrong',
    );
  });
}

test('of a file with two names, the bytes are under the last', async () => {
  const rpm = rpmOf(
    gzipSync(
      cpioOf([
        { name: './a.bin', links: 2 },
        { name: './b.bin', links: 2, bytes: IMAGE },
      ]),
    ),
  );
  assert.is(Buffer.compare(await memberOf(rpm, 'b.bin'), IMAGE), 0);
  assert.match(await problemOf(memberOf(rpm, 'a.bin')), /a\.bin in FILE is a link, which holds no bytes/);
});

test('devices of a payload are listed and give no image', async () => {
  const rpm = rpmOf(
    gzipSync(
      cpioOf([
        { name: './sda', mode: 0o060644 },
        { name: './a.bin', bytes: IMAGE },
      ]),
    ),
  );
  assert.equal(await listingOf(rpm), ['rpm', 'sda other 0', 'a.bin file 5000']);
  assert.match(await problemOf(memberOf(rpm, 'sda')), /is a special file, which holds no bytes/);
});

testWith(test, 'xz')('several blocks and streams of xz are one payload', async () => {
  for (const check of ['none', 'crc32', 'crc64', 'sha256']) {
    const options = [`--check=${check}`, '--block-size=1024'];
    const blocks = packedBy('xz', CPIO, ...options);
    assert.is(Buffer.compare(await memberOf(rpmOf(blocks, { compressor: 'xz' }), 'a.bin'), IMAGE), 0, check);
    const half = CPIO.length >> 1;
    const streams = Buffer.concat([
      packedBy('xz', CPIO.subarray(0, half), ...options),
      Buffer.alloc(8),
      packedBy('xz', CPIO.subarray(half), ...options),
    ]);
    assert.is(Buffer.compare(await memberOf(rpmOf(streams, { compressor: 'xz' }), 'a.bin'), IMAGE), 0, check);
  }
});

testWith(test, 'xz')(
  'xz that would need too much memory, or a filter that is not known, is refused in words',
  async () => {
    const wide = packedBy('xz', CPIO, '--lzma2=dict=128MiB');
    const filtered = packedBy('xz', CPIO, '--x86', '--lzma2');
    assert.is(
      await problemOf(memberOf(rpmOf(wide, { compressor: 'xz' }), 'a.bin')),
      'unsupported: FILE needs an xz dictionary of 134217728 bytes; the limit is 67108864',
    );
    assert.is(
      await problemOf(memberOf(rpmOf(filtered, { compressor: 'xz' }), 'a.bin')),
      'unsupported: FILE uses an unknown xz filter',
    );
  },
);

testWith(test, 'zstd')(
  'several frames of Zstandard, and frames that are skipped, are one payload',
  async () => {
    const half = CPIO.length >> 1;
    const frames = Buffer.concat([
      packedBy('zstd', CPIO.subarray(0, half), '--no-check'),
      Buffer.from('502a4d1803000000aabbcc', 'hex'),
      packedBy('zstd', CPIO.subarray(half), '--check'),
    ]);
    assert.is(Buffer.compare(await memberOf(rpmOf(frames, { compressor: 'zstd' }), 'a.bin'), IMAGE), 0);
  },
);

test('Zstandard that would need too much memory, or a dictionary, is refused in words', async () => {
  // Magic, descriptor (no single segment), window: 2^41 bytes; then a descriptor with a dictionary.
  for (const [frame, expected] of [
    ['28b52ffd00f80100', 'unsupported: FILE needs more than 128 MiB of memory to be unpacked'],
    ['28b52ffd01580701', 'unsupported: FILE needs a Zstandard dictionary'],
  ] as const) {
    const rpm = rpmOf(Buffer.from(frame, 'hex'), { compressor: 'zstd' });
    assert.is(await problemOf(memberOf(rpm, 'a.bin')), expected);
  }
});

test.run();
