import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import type { Resolution, ResolveOptions } from '../../../src/playbook/resolve.ts';
import type { ResolvedChunkedSection, ResolvedStrategy } from '../../../src/playbook/resolved.ts';
import { suite } from '../../support/suite.ts';
import { SAMPLE, brief, loaded, sampleWith } from './sample.ts';

const test = suite('playbook/resolve');

/** The rule `standard` of the labs. */
const standard = (sizeBytes: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 7 + 13 + (i >> 8) * 29 + (i >> 16) * 53) & 0xff);
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const IMAGE = standard(10_000);
const DEFAULT_STRATEGY: ResolvedStrategy = {
  canary: 0,
  canaryAccepts: 'updated',
  together: null,
  redundancy: 'required',
  inUse: 'refuse',
  raidAdapter: 'refuse',
  health: 'required',
  proceedWithout: [],
  partnerSync: 'none',
  partnerAfter: 'updated',
  concurrent: 1,
  maxFailures: 0,
  onRefusal: 'halt',
};
const SAMPLE_HASH = '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9';

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'runbook-resolve-'));
  writeFileSync(join(directory, 'PUF21000.bin'), IMAGE);
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

/** The sample, pinned to the image of the test directory. */
const pinned = (...changes: readonly (readonly [string, string])[]): string =>
  sampleWith([SAMPLE_HASH, sha256Of(IMAGE)], ...changes);

const resolve = (text: string, options: Partial<ResolveOptions> = {}): Promise<Resolution> =>
  resolvePlaybook(loaded(text), { directory, ...options });

async function sectionOf(
  ...changes: readonly (readonly [string, string])[]
): Promise<ResolvedChunkedSection> {
  const { resolved, diagnostics } = await resolve(pinned(...changes));
  assert.equal(diagnostics.map(brief), []);
  return resolved!.plays[0]!.download[0] as ResolvedChunkedSection;
}

async function problemsOf(text: string, options: Partial<ResolveOptions> = {}): Promise<string[]> {
  const { resolved, diagnostics } = await resolve(text, options);
  assert.is(resolved, null);
  return diagnostics.map((diagnostic) =>
    brief(diagnostic).replaceAll(`${directory}/`, 'DIR/').replaceAll(directory, 'DIR'),
  );
}

test('a playbook is resolved with every default filled in', async () => {
  const { resolved } = await resolve(
    pinned(['    expect: 1..4\n', ''], ['    verify:\n      within: 2m\n', '']),
  );
  const [play] = resolved!.plays;
  const { image, ...section } = play!.download[0]!;
  assert.equal(image, IMAGE);
  assert.equal(section, {
    via: 'write-buffer',
    mode: 'dmc_offs_defer',
    bpw: 4096,
    lastMode: null,
    endWith: null,
    otherwise: null,
    bufferId: 0,
    bufferIdStep: 0,
    offsetBytes: 0,
    modeSpecific: 0,
    timeouts: { firstMs: null, chunkMs: null, lastMs: null, activateMs: null },
    region: 'firmware',
    sentSha256: sha256Of(IMAGE),
    source: { file: 'PUF21000.bin', member: null, strip: null, skipBytes: 0, lengthBytes: null, fill: null },
  });
  assert.equal(play!.expect, { min: 1, max: null });
  assert.equal(play!.match, {
    type: 'enclosure',
    deviceType: 0x0d,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision: ['2.06', '2.08'],
    identity: null,
    proof: [],
  });
  assert.equal(play!.firmware, {
    file: 'PUF21000.bin',
    sha256: sha256Of(IMAGE),
    sizeBytes: 10_000,
    revision: '2.10',
    product: null,
    vendor: null,
    serialMayChange: false,
  });
  assert.equal(play!.activate, [{ step: 'activate_mc' }, { step: 'wait-ready', withinMs: 120_000 }]);
  assert.equal(play!.verify, {
    revision: '2.10',
    unchanged: false,
    aliases: {},
    witness: null,
    paths: 'same',
    withinMs: 120_000,
  });
  assert.equal(resolved!.strategy, DEFAULT_STRATEGY);
  assert.is(resolved!.why, null);
});

test('what the playbook says is taken', async () => {
  const { resolved } = await resolve(
    pinned(
      [
        'name: cards',
        'name: cards\nwhy: CHG-1\nstrategy: {concurrent: 8, max-failures: 2, on-refusal: skip}',
      ],
      ['vendor: HP', 'vendor: "HP      "'],
      ['revision: "2.10"', 'revision: "2.10"'],
      ['expect: 1..4', 'expect: 3'],
    ),
  );
  assert.is(resolved!.why, 'CHG-1');
  assert.equal(resolved!.strategy, {
    ...DEFAULT_STRATEGY,
    concurrent: 8,
    maxFailures: 2,
    onRefusal: 'skip',
  });
  assert.is(resolved!.plays[0]!.match.vendor, 'HP');
  assert.equal(resolved!.plays[0]!.expect, { min: 3, max: 3 });
});

test('the result is frozen all the way down, and the bytes are not copied', async () => {
  const { resolved } = await resolve(pinned());
  assert.ok(Object.isFrozen(resolved));
  assert.ok(Object.isFrozen((resolved!.plays[0]!.download[0] as ResolvedChunkedSection).timeouts));
});

test('sizes and times are put into bytes and milliseconds', async () => {
  const section = await sectionOf([
    'bpw: 4096',
    'bpw: 0x1000\n      offset: 4KiB\n      buffer-id: 0x03\n      timeout: {first: 5m, chunk: 300ms, last: 2h}',
  ]);
  assert.is(section.bpw, 4096);
  assert.is(section.offsetBytes, 4096);
  assert.is(section.bufferId, 3);
  assert.equal(section.timeouts, { firstMs: 300_000, chunkMs: 300, lastMs: 7_200_000, activateMs: null });
});

test('one time-out stands for all commands', async () => {
  const { timeouts } = await sectionOf(['bpw: 4096', 'bpw: 4096\n      timeout: 300s']);
  assert.equal(timeouts, { firstMs: 300_000, chunkMs: 300_000, lastMs: 300_000, activateMs: 300_000 });
});

test('a fallback takes over the size of chunks, unless it sends one command or says another', async () => {
  const fallback = async (words: string): Promise<unknown> =>
    (await sectionOf(['bpw: 4096', `bpw: 4096\n      otherwise: {when: mode-not-supported, ${words}}`]))
      .otherwise;
  assert.equal(await fallback('mode: dmc_offs_save'), { mode: 'dmc_offs_save', bpw: 4096 });
  assert.equal(await fallback('mode: dmc_offs_save, bpw: auto'), { mode: 'dmc_offs_save', bpw: 'auto' });
  assert.equal(await fallback('mode: dmc_save'), { mode: 'dmc_save', bpw: 'whole' });
});

test('skip, length and fill cut what is sent, and its hash is that of the cut', async () => {
  for (const [words, expected] of [
    ['skip: 1000', IMAGE.subarray(1000)],
    ['length: 6000', IMAGE.subarray(0, 6000)],
    ['skip: 4k\n      length: 1k', IMAGE.subarray(4096, 5120)],
    ['length: 12k\n      fill: 0xff', Uint8Array.from({ length: 12_288 }, (_, i) => IMAGE[i] ?? 0xff)],
    ['skip: 9999\n      length: 3\n      fill: 0', Uint8Array.of(IMAGE[9999]!, 0, 0)],
  ] as const) {
    const section = await sectionOf(['bpw: 4096', `bpw: 4096\n      ${words}`]);
    assert.equal(section.image, expected, words);
    assert.is(section.sentSha256, sha256Of(expected), words);
  }
});

test('one copy of an image serves all plays and names', async () => {
  writeFileSync(join(directory, 'copy.bin'), IMAGE);
  const play = pinned().slice(pinned().indexOf('  - name')).replace('name: card', 'name: next');
  const { resolved } = await resolve(pinned() + play.replace('PUF21000.bin', 'copy.bin'));
  const [first, second] = resolved!.plays;
  assert.ok(first!.download[0]!.image === second!.download[0]!.image);
});

for (const [title, changes, expected] of [
  [
    'skip beyond the image',
    [['bpw: 4096', 'bpw: 4096\n      skip: 10000']],
    ['19:13 image-cut: skip 10000 leaves nothing of the image, which has 10000 bytes'],
  ],
  [
    'a length beyond the image without fill',
    [['bpw: 4096', 'bpw: 4096\n      skip: 1k\n      length: 9k']],
    [
      '20:15 image-cut: length 9216 is more than the image has: 10000 - 1024 = 8976 bytes | a device can take a filled image for a damaged one; if the vendor wants it, add fill: 0xff',
    ],
  ],
  [
    'more chunks than buffer ids',
    [['bpw: 4096', 'bpw: 16\n      buffer-id-step: 1']],
    [
      '19:23 buffer-id: the last chunk would go to buffer 0 + 624 x 1 = 624; the highest is 255 | use a larger bpw or a smaller step',
    ],
  ],
  [
    'an image that ends beyond the 24-bit offset',
    [['bpw: 4096', 'bpw: 4096\n      offset: 0xffe000']],
    [
      '18:12 transfer-limit: the last chunk would be at offset 16769024 + 2 x 4096 = 16777216; the 24 bits of BUFFER OFFSET end at 16777215 | WRITE BUFFER cannot send this image; use via: ses if the device supports it, or a smaller image',
    ],
  ],
  [
    'an image that is gone',
    [['PUF21000.bin', 'gone.bin']],
    ['12:13 image-missing: there is no DIR/gone.bin | the path is relative to the directory of the playbook'],
  ],
  [
    'an image whose name is nearly that of a file beside the playbook',
    [['PUF21000.bin', 'puf2100.bin']],
    ['12:13 image-missing: there is no DIR/puf2100.bin | did you mean PUF21000.bin?'],
  ],
  [
    'an image in a file that is not a directory',
    [['PUF21000.bin', 'PUF21000.bin/x']],
    [
      '12:13 image-missing: there is no DIR/PUF21000.bin/x | the path is relative to the directory of the playbook',
    ],
  ],
  [
    'a directory',
    [['PUF21000.bin', 'dir']],
    ['12:13 image-directory: DIR/dir is a directory | name the image in it'],
  ],
  [
    'a device node',
    [['PUF21000.bin', '/dev/null']],
    ['12:13 image-kind: /dev/null is neither a file nor a pipe | name a file, or a pipe'],
  ],
  [
    'an empty image',
    [['PUF21000.bin', 'empty.bin']],
    ['12:13 image-empty: empty.bin is empty | download it again'],
  ],
  [
    'a saved web page',
    [['PUF21000.bin', 'page.bin']],
    ['12:13 image-html: page.bin is a web page, not firmware | log in first, then download it again'],
  ],
  [
    'an unopened package',
    [['PUF21000.bin', 'CP022989.scexe']],
    [
      '12:13 image-package: CP022989.scexe is a shell script, not the image itself | runbook does not open such files: unpack it by hand (never run it), then name the image in it',
    ],
  ],
  [
    'another image',
    [['PUF21000.bin', 'other.bin']],
    [
      `13:15 image-hash: other.bin has the SHA-256 ${sha256Of(Uint8Array.of(1))}, but ${sha256Of(IMAGE)} is pinned | compare both with the hash from the vendor; if the file is right, write sha256: ${sha256Of(Uint8Array.of(1))}`,
    ],
  ],
] as const) {
  test(`${title} is a diagnostic of its own`, async () => {
    mkdirSync(join(directory, 'dir'), { recursive: true });
    writeFileSync(join(directory, 'empty.bin'), '');
    writeFileSync(join(directory, 'page.bin'), '\n<!DOCTYPE HTML>\n<html>');
    writeFileSync(join(directory, 'CP022989.scexe'), '#!/bin/sh\nexit 1\n');
    writeFileSync(join(directory, 'other.bin'), Uint8Array.of(1));
    assert.equal(await problemsOf(pinned(...changes)), expected);
  });
}

test('an image that may not be read says so', async () => {
  if (process.getuid?.() === 0) return; // root may read everything
  writeFileSync(join(directory, 'secret.bin'), IMAGE);
  chmodSync(join(directory, 'secret.bin'), 0);
  assert.match(
    (await problemsOf(pinned(['PUF21000.bin', 'secret.bin'])))[0]!,
    /image-unreadable: .* permission denied/,
  );
});

test('an image is looked up beside the playbook first, and then in the lab', async () => {
  const labImages = new Map([
    ['PUF21000.bin', Uint8Array.of(9)],
    ['lab.bin', IMAGE],
  ]);
  assert.ok((await resolve(pinned(), { labImages })).resolved);
  assert.ok((await resolve(pinned(['PUF21000.bin', 'lab.bin']), { labImages })).resolved);
  assert.equal(await problemsOf(pinned(['PUF21000.bin', 'lap.bin']), { labImages }), [
    '12:13 image-missing: there is no DIR/lap.bin, and the lab has no such image | did you mean lab.bin, of the lab?',
  ]);
});

test('the image may lie in a package, and behind a header', async () => {
  mkdirSync(join(directory, 'fw'), { recursive: true });
  writeFileSync(join(directory, 'fw/image.lod'), Buffer.concat([Buffer.alloc(80, 0x55), IMAGE]));
  execFileSync('tar', ['-czf', join(directory, 'CP1.tar.gz'), '-C', directory, 'fw']);
  const inPackage = (words: string): string => pinned(['PUF21000.bin', `CP1.tar.gz\n      ${words}`]);
  const { resolved } = await resolve(inPackage('member: fw/image.lod\n      strip: 80'));
  assert.equal(resolved!.plays[0]!.download[0]!.image, IMAGE);
  assert.is(resolved!.plays[0]!.firmware.file, 'CP1.tar.gz!fw/image.lod');
  assert.is(resolved!.plays[0]!.firmware.sha256, sha256Of(IMAGE));

  for (const [words, expected] of [
    [
      '',
      '12:13 image-package: CP1.tar.gz is a package (tar.gz), not the image itself | name the image in it with member: it holds fw/image.lod',
    ],
    [
      'member: image.lod',
      '13:15 image-member: there is no image.lod in CP1.tar.gz | did you mean fw/image.lod? it holds fw/image.lod',
    ],
    [
      'member: fw/image.lod\n      strip: seagate-lot',
      '14:14 image-strip: "seagate-lot" is not a known header | did you mean seagate-lod?',
    ],
    [
      'member: fw/image.lod\n      strip: 79',
      `15:15 image-hash: CP1.tar.gz!fw/image.lod has the SHA-256 ${sha256Of(Buffer.concat([Buffer.of(0x55), IMAGE]))}, but ${sha256Of(IMAGE)} is pinned | compare both with the hash from the vendor; if the file is right, write sha256: ${sha256Of(Buffer.concat([Buffer.of(0x55), IMAGE]))}`,
    ],
  ] as const) {
    assert.equal(await problemsOf(inPackage(words)), [expected], words);
  }
});

test('a section may send another member of the same package, or of another', async () => {
  const other = standard(3000);
  writeFileSync(join(directory, 'one.bin'), IMAGE);
  writeFileSync(join(directory, 'two.bin'), other);
  execFileSync('tar', ['-cf', join(directory, 'both.tar'), '-C', directory, 'one.bin', 'two.bin']);
  const words = (section: string): string =>
    pinned(
      ['PUF21000.bin', 'both.tar\n      member: one.bin'],
      ['bpw: 4096', `bpw: 4096\n      member: two.bin${section}`],
    );
  const { resolved, diagnostics } = await resolve(words(''));
  assert.equal(diagnostics, []);
  assert.equal(resolved!.plays[0]!.download[0]!.image, other);
  assert.equal((await resolve(words('\n      sha256: ' + sha256Of(other)))).diagnostics, []);
  assert.match(
    (await problemsOf(words('\n      sha256: ' + sha256Of(IMAGE))))[0]!,
    /^21:15 image-hash: both.tar!two.bin has the SHA-256/,
  );
});

test('a lab stands in for a package by the name of the member', async () => {
  const labImages = new Map([['PUF21000.bin', IMAGE]]);
  const text = pinned(['PUF21000.bin', 'CP9.scexe\n      member: fw/PUF21000.bin']);
  const { resolved } = await resolve(text, { labImages });
  assert.equal(resolved!.plays[0]!.download[0]!.image, IMAGE);
});

test('without images nothing is opened', async () => {
  assert.equal(await resolve(SAMPLE, { directory: '/nonexistent', withoutImage: true }), {
    resolved: null,
    diagnostics: [],
  });
});

test('a pipe is read to its end', async () => {
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const writing = import('node:fs/promises').then(async ({ open }) => {
    const file = await open(fifo, 'w');
    for (let at = 0; at < IMAGE.length; at += 700) await file.write(IMAGE.subarray(at, at + 700));
    await file.close();
  });
  const { resolved } = await resolve(pinned(['PUF21000.bin', 'fifo']));
  await writing;
  assert.equal(resolved!.plays[0]!.download[0]!.image, IMAGE);
});

test('all images are looked at, also those of plays that come after others', async () => {
  const play = pinned()
    .slice(pinned().indexOf('  - name'))
    .replace('name: card', 'name: next\n    after: card')
    .replace('revision: "2.10"', 'revision: "2.12"')
    .replace('["2.06", "2.08"]', '["2.10"]');
  const text =
    pinned(['PUF21000.bin', 'gone.bin']) +
    play.replace('PUF21000.bin', 'gone-too.bin').replace('write-buffer', 'ses');
  assert.equal(
    (await problemsOf(text)).map((problem) => problem.split(' |')[0]),
    ['12:13 image-missing: there is no DIR/gone.bin', '33:13 image-missing: there is no DIR/gone-too.bin'],
  );
});

test.run();
