import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { inFolder } from './work-folder.ts';

/* Small packages of every form that the real programs write; what is mutated begins as one of them. */

const text = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => `line ${i * 7} of ${i % 5}\n`).join(''));
const noise = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 0xff));

const FILES = { 'a.bin': noise(700), 'fw/b.txt': text(60), 'empty.bin': Buffer.alloc(0) };
const OTHER = { 'a.bin': noise(600).reverse(), 'c.bin': noise(90) };

const MAX = { maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'ignore'] as ('pipe' | 'ignore')[] };

const tar = (files: Readonly<Record<string, Uint8Array>>, ...options: readonly string[]): Buffer =>
  inFolder(files, (folder) =>
    execFileSync('tar', ['-b1', '--mtime=@0', '--owner=0', '--group=0', ...options, '-cf', '-', '.'], {
      ...MAX,
      cwd: folder,
    }),
  );

/** A file with a hole, which tar leaves out. */
const sparseTar = (...options: readonly string[]): Buffer =>
  inFolder({ 'holes.bin': noise(200), 'z.bin': noise(80) }, (folder) => {
    truncateSync(path.join(folder, 'holes.bin'), 1 << 20);
    return execFileSync('tar', ['-b1', '--mtime=@0', '-S', ...options, '-cf', '-', 'holes.bin', 'z.bin'], {
      ...MAX,
      cwd: folder,
    });
  });

export function tarSeeds(): readonly Buffer[] {
  const long = { [`${'d'.repeat(90)}/${'x'.repeat(90)}`]: noise(300), 'short.bin': noise(40) };
  return [
    ...['--format=v7', '--format=ustar', '--format=gnu', '--format=pax'].map((format) => tar(FILES, format)),
    ...['--format=ustar', '--format=gnu', '--format=pax'].map((format) => tar(long, format)),
    sparseTar('--format=gnu'),
    ...['0.0', '0.1', '1.0'].map((version) => sparseTar('--format=pax', `--sparse-version=${version}`)),
    Buffer.concat([tar(FILES), tar(OTHER)]),
  ];
}

const zip = (
  files: Readonly<Record<string, Uint8Array>>,
  names: readonly string[],
  ...options: readonly string[]
): Buffer =>
  inFolder(files, (folder) => {
    execFileSync('zip', ['-q', ...options, 'out.zip', ...names], { ...MAX, cwd: folder });
    return readFileSync(path.join(folder, 'out.zip'));
  });

export function zipSeeds(): readonly Buffer[] {
  const names = Object.keys(FILES);
  const plain = zip(FILES, names, '-X');
  const streamed = inFolder(FILES, (folder) =>
    execFileSync('zip', ['-q', '-X', '-', ...names], { ...MAX, cwd: folder }),
  );
  const other = zip(OTHER, Object.keys(OTHER), '-X');
  return [
    plain,
    zip(FILES, names, '-0'),
    zip(FILES, names, '-fz'),
    streamed,
    Buffer.concat([plain, other]),
    Buffer.concat([plain, zip(FILES, names, '-X', '-0')]),
  ];
}

/** With every optional field of its header. */
function fullGzip(bytes: Buffer): Buffer {
  const plain = gzipSync(bytes);
  const start = Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 4, 0]);
  const head = Buffer.concat([start, Buffer.from('extr'), Buffer.from('name\0comment\0')]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(head) & 0xffff);
  return Buffer.concat([head, sum, plain.subarray(10)]);
}

export function gzipSeeds(): readonly Buffer[] {
  const [one, two] = [gzipSync(text(40)), gzipSync(noise(300), { level: 1 })];
  return [
    one,
    fullGzip(text(20)),
    Buffer.concat([one, two]),
    Buffer.concat([one, Buffer.alloc(40)]),
    Buffer.concat([one, Buffer.alloc(9), two]),
    gzipSync(Buffer.alloc(0)),
  ];
}

const packed = (program: 'xz' | 'zstd', bytes: Buffer, ...options: readonly string[]): Buffer =>
  execFileSync(program, ['-q', ...options, '-c'], { ...MAX, input: bytes });

export function zstdSeeds(): readonly Buffer[] {
  const long = Buffer.concat([text(4000), noise(2000), Buffer.alloc(140_000, 7), text(300)]);
  const one = packed('zstd', text(40));
  const skippable = Buffer.from('5a2a4d180400000061626364', 'hex');
  return [
    one,
    packed('zstd', text(90), '--no-check'),
    packed('zstd', noise(400), '--no-check', '--no-content-size'),
    packed('zstd', long, '--no-check', '-19'),
    packed('zstd', long, '--no-check', '--fast=5'),
    Buffer.concat([one, skippable, packed('zstd', noise(90), '--no-check')]),
    packed('zstd', Buffer.alloc(3000, 7), '--no-check'),
    packed('zstd', Buffer.alloc(0), '--no-check'),
  ];
}

export function xzSeeds(): readonly Buffer[] {
  const one = packed('xz', text(40));
  return [
    ...['none', 'crc32', 'crc64', 'sha256'].map((check) => packed('xz', noise(500), `--check=${check}`)),
    packed('xz', text(900), '--block-size=4096', '--check=none'),
    packed('xz', text(900), '-T2', '--block-size=8192', '--check=none'),
    Buffer.concat([one, packed('xz', noise(50), '--check=none')]),
    Buffer.concat([one, Buffer.alloc(8)]),
    packed('xz', Buffer.alloc(0)),
  ];
}

export function cpioSeeds(): readonly Buffer[] {
  return ['newc', 'crc'].map((form) =>
    inFolder(FILES, (folder) =>
      execFileSync('cpio', ['--quiet', '-o', '-H', form], {
        ...MAX,
        cwd: folder,
        input: `${Object.keys(FILES).join('\n')}\n`,
      }),
    ),
  );
}

const SPEC = `Name: firmware
Version: 1
Release: 1
Summary: firmware
License: MIT
BuildArch: noarch
%description
firmware
%install
mkdir -p %{buildroot}/fw
cp %{_sourcedir}/fw/b.txt %{_sourcedir}/a.bin %{_sourcedir}/empty.bin %{buildroot}/fw
%files
/fw
`;

/** Packed in each form that runbook opens, and not packed at all, so that a change reaches the members. */
export function rpmSeeds(): readonly Buffer[] {
  return ['w.ufdio', 'w6.gzdio', 'w2.xzdio', 'w3.zstdio'].map((payload) =>
    inFolder({ ...FILES, 'firmware.spec': Buffer.from(SPEC) }, (folder) => {
      const defined = { _topdir: folder, _sourcedir: folder, _binary_payload: payload, _rpmdir: folder };
      const options = Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
      execFileSync('rpmbuild', ['-bb', '--quiet', ...options, 'firmware.spec'], { ...MAX, cwd: folder });
      return readFileSync(path.join(folder, 'noarch/firmware-1-1.noarch.rpm'));
    }),
  );
}

/** What a Smart Component does, as far as it is opened: it unpacks what stands behind its own lines. */
export const SCEXE_SCRIPT = Buffer.from(`#!/bin/sh
# HP scexe Smart Component
_SKIP=6
tail -n +$_SKIP "$0" | gzip -dc 2>/dev/null | tar -xf - -C out --no-same-owner
exit 0
`);

export function scexeSeeds(): readonly Buffer[] {
  const archive = tar(FILES, '--format=ustar');
  const gnu = tar(
    { [`${'d'.repeat(90)}/${'x'.repeat(90)}`]: noise(300), 'short.bin': noise(40) },
    '--format=gnu',
  );
  return [
    ...[gzipSync(archive), gzipSync(archive, { level: 0 }), gzipSync(gnu, { level: 0 })],
    Buffer.concat([gzipSync(archive), text(4)]),
    Buffer.concat([gzipSync(archive.subarray(0, 1024)), gzipSync(archive.subarray(1024))]),
  ].map((packed) => Buffer.concat([SCEXE_SCRIPT, packed]));
}
