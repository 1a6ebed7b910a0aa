import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { cpioOf, rpmOf, scexeOf, tarOf } from '../unit/firmware/carriers.ts';
import { runJson } from './document.ts';

const test = suite('runbook image');

const IMAGE = Buffer.alloc(5000, 0xff);
IMAGE.write('HP      HP SAS EXP Card 2.10', 0x100, 'latin1');
const SHA256 = createHash('sha256').update(IMAGE).digest('hex');

let cwd = '';
test.before(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'runbook-image-cli-'));
  const marker = path.join(cwd, 'EXECUTED');
  const scexe = scexeOf(
    tarOf({ 'PUF21000.bin': IMAGE, hpsetup: Buffer.from(`#!/bin/sh\ntouch ${marker}\n`) }),
    {
      script: [`touch ${marker}`],
    },
  );
  writeFileSync(path.join(cwd, 'CP1.scexe'), scexe, { mode: 0o755 });
  writeFileSync(
    path.join(cwd, 'CP1.rpm'),
    rpmOf(gzipSync(cpioOf([{ name: './fw/CP1.scexe', bytes: scexe }]))),
  );
  writeFileSync(path.join(cwd, 'raw.bin'), IMAGE);
});
test.after(() => {
  assert.not(existsSync(path.join(cwd, 'EXECUTED')));
  rmSync(cwd, { recursive: true });
});

test('lists a package, and what a package in it holds', async () => {
  const listed = await runbook(['image', 'CP1.scexe'], { cwd });
  assert.is(listed.exitCode, 0, listed.stderr);
  assert.is(
    listed.stdout,
    `CP1.scexe: package (scexe), 2 files

MEMBER        SIZE                   HOLDS
PUF21000.bin  4.88 KiB (5000 bytes)
hpsetup       ${String(`#!/bin/sh\ntouch ${cwd}/EXECUTED\n`.length)} bytes               a shell script

To open one: --member NAME; inside a nested package: --member NAME!NAME
`,
  );
  const inner = await runbook(['image', 'CP1.rpm', '--member', 'fw/CP1.scexe'], { cwd });
  assert.match(inner.stdout, /^CP1\.rpm!fw\/CP1\.scexe: package \(scexe\), 2 files\n/);
});

test('shows size, hash and what can be read in an image', async () => {
  const { stdout, exitCode } = await runbook(['image', 'CP1.rpm', '--member', 'fw/CP1.scexe!PUF21000.bin'], {
    cwd,
  });
  assert.is(exitCode, 0);
  assert.is(
    stdout,
    `CP1.rpm!fw/CP1.scexe!PUF21000.bin
  size    4.88 KiB (5000 bytes)
  sha256  ${SHA256}

  AT       VENDOR  PRODUCT          REVISION
  000100h  HP      HP SAS EXP Card  2.10

  AT       TEXT
  000100h  HP      HP SAS EXP Card 2.10
`,
  );
});

test('writes one member to a new file, never over another one', async () => {
  const args = ['image', 'CP1.scexe', '--member', 'PUF21000.bin', '--out', 'out.bin'];
  const { stdout, exitCode } = await runbook(args, { cwd });
  assert.is(exitCode, 0);
  assert.match(stdout, /\nwritten to out\.bin\n$/);
  assert.equal(readFileSync(path.join(cwd, 'out.bin')), IMAGE);
  assert.is(statSync(path.join(cwd, 'out.bin')).mode & 0o777, 0o600);
  const again = await runbook(args, { cwd });
  assert.is(again.exitCode, 4);
  assert.is(
    again.stderr,
    'runbook: out.bin already exists; nothing is overwritten\n  code: file-exists\n  next: Choose another name, or move it away.\n',
  );
  // A package in a package can be taken as it is; it is not a program afterwards.
  const inner = ['image', 'CP1.rpm', '--member', 'fw/CP1.scexe', '--out', 'inner.scexe'];
  assert.is((await runbook(inner, { cwd })).exitCode, 0);
  assert.equal(readFileSync(path.join(cwd, 'inner.scexe')), readFileSync(path.join(cwd, 'CP1.scexe')));
  assert.is(statSync(path.join(cwd, 'inner.scexe')).mode & 0o111, 0);
  rmSync(path.join(cwd, 'out.bin'));
  rmSync(path.join(cwd, 'inner.scexe'));
});

test('strips a header', async () => {
  writeFileSync(path.join(cwd, 'a.lod'), Buffer.concat([Buffer.alloc(80, 1), IMAGE]));
  const { document } = await runJson(['image', 'a.lod', '--strip', '80'], { cwd });
  const { image } = document as unknown as { image: { bytes: number; sha256: string } };
  assert.is(image.sha256, SHA256);
  assert.is(image.bytes, 5000);
});

test('answers with one document, of its schema, whatever happens', async () => {
  const members = await runJson(['image', 'CP1.scexe'], { cwd });
  assert.is(members.document.format, 'runbook.image/1');
  for (const [args, code, message, next] of [
    [['gone.bin'], 3, 'there is no gone.bin', 'Check the path; it is relative to the current directory.'],
    [
      ['CP1.scexe', '--member', 'PUF2100.bin'],
      3,
      'there is no PUF2100.bin in CP1.scexe',
      'did you mean PUF21000.bin? it holds PUF21000.bin, hpsetup',
    ],
    [
      ['CP1.scexe', '--out', 'x.bin'],
      3,
      'CP1.scexe is a package (scexe), not the image itself',
      'name the image in it with member: it holds PUF21000.bin, hpsetup',
    ],
    [['raw.bin', '--strip', 'del-df'], 3, '"del-df" is not a known header', 'did you mean dell-df?'],
  ] as const) {
    const { document } = await runJson(['image', ...args], { cwd });
    assert.is(document.exit.code, code, args.join(' '));
    assert.is(document.format, 'runbook.error/1');
    assert.is(document.error?.message, message);
    assert.is(document.error?.next, next);
  }
  assert.not(existsSync(path.join(cwd, 'x.bin')));
});

test('a playbook takes its image out of a package, from validate to apply', async () => {
  const text = readFileSync(inProject('playbooks/upgrade-expanders.yml'), 'utf8');
  const stand = Uint8Array.from(
    { length: 1 << 20 },
    (_, i) => (i * 7 + 13 + (i >> 8) * 29 + (i >> 16) * 53) & 0xff,
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-member-'));
  const playbook = path.join(folder, 'upgrade.yml');
  const inPackage = 'file: CP022989.rpm\n      member: fw/CP022989.scexe!PUF21000.bin';
  writeFileSync(playbook, text.replace('file: PUF21000.bin', inPackage));
  const scexe = scexeOf(tarOf({ 'PUF21000.bin': stand }), { script: [`touch ${folder}/EXECUTED`] });
  writeFileSync(
    path.join(folder, 'CP022989.rpm'),
    rpmOf(gzipSync(cpioOf([{ name: './fw/CP022989.scexe', bytes: scexe }]))),
  );
  const valid = await runbook(['validate', playbook]);
  assert.is(valid.exitCode, 0, valid.stdout + valid.stderr);
  assert.match(
    valid.stdout,
    'CP022989.rpm!fw/CP022989.scexe!PUF21000.bin, 1 MiB (1048576 bytes), sha256 2583692ff3e0',
  );
  const lab = inProject('playbooks/upgrade-expanders.lab.yml');
  const state = path.join(folder, 'state');
  const applied = await runJson(['apply', playbook, '--yes', '--lab', lab, '--state-dir', state]);
  assert.equal(
    applied.document.devices!.map(({ outcome }) => outcome),
    ['updated', 'updated', 'current'],
  );
  assert.equal(readdirSync(folder).sort(), ['CP022989.rpm', 'state', 'upgrade.yml']);
  rmSync(folder, { recursive: true });
});

test.run();
