import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import type { LabFile, LabImageWords } from '../../../src/generated/lab.ts';
import { LabError, knownImages, labImages, standardImage } from '../../../src/simulator/lab-images.ts';
import { suite } from '../../support/suite.ts';

const images = suite('simulator: images of a lab');

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const lab = (...words: LabImageWords[]): LabFile => ({
  lab: 'v1',
  images: words,
  devices: [{ persona: 'disk', revision: '0001' }],
});
const made = (name: string, bytes: string | number, revision = '2.10'): LabImageWords => ({
  name,
  bytes,
  rule: 'standard',
  revision,
});

async function refused(what: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof what === 'function' ? what() : what);
  } catch (error) {
    if (error instanceof LabError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'not refused';
}

images('make 1 MiB of the rule standard with its known hash', async () => {
  const bytes = (await labImages(lab(made('PUF21000.bin', '1MiB')), '.')).get('PUF21000.bin');
  assert.is(sha256(bytes!), '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9');
});

images('follow the rule of the recorded traces', () => {
  const bytes = standardImage(10_000);
  assert.equal([...bytes.subarray(0, 4), bytes[4096], bytes[8192]], [0x0d, 0x14, 0x1b, 0x22, 0xdd, 0xad]);
  assert.is(sha256(bytes), '3eb5b344e1153edd8695f8f61dc13c4e04d454374e4c2f309128d001d7448327');
});

for (const [words, sizeBytes] of [
  [4096, 4096],
  ['0x1000', 4096],
  ['4k', 4096],
  ['4KiB', 4096],
  ['2MiB', 0x200000],
] as const) {
  images(`read the size ${words} as ${sizeBytes} bytes`, async () => {
    assert.is((await labImages(lab(made('a', words)), '.')).get('a')?.length, sizeBytes);
  });
}

images('are read from a file beside the lab', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-lab-'));
  try {
    await writeFile(path.join(directory, 'fw.bin'), 'firmware');
    await writeFile(path.join(directory, 'empty.bin'), '');
    const found = await labImages(lab({ name: 'fw', file: 'fw.bin', revision: '1' }), directory);
    assert.is(Buffer.from(found.get('fw')!).toString(), 'firmware');
    const empty = await refused(labImages(lab({ name: 'fw', file: 'empty.bin', revision: '1' }), directory));
    assert.match(empty, /^bad-image: image fw of the lab is empty/);
    const device = labImages(lab({ name: 'fw', file: '/dev/zero', revision: '1' }), directory);
    assert.match(await refused(device), 'is neither a file nor a pipe');
    const missing = await refused(labImages(lab({ name: 'fw', file: 'no.bin', revision: '1' }), directory));
    assert.match(
      missing,
      /^bad-image: image fw of the lab cannot be used: .*: there is no such file; put the file beside the lab/,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

for (const [title, words, message] of [
  [
    'with file and bytes',
    { name: 'a', file: 'x', bytes: 4, revision: '1' },
    /has `file` and `bytes` or `rule`; keep one/,
  ],
  ['with neither', { name: 'a', revision: '1' }, /neither `file` nor `bytes`/],
  ['of no size', { name: 'a', bytes: '4MB', revision: '1' }, /bytes: 4MB/],
  ['of size 0', { name: 'a', bytes: 0, revision: '1' }, /bytes: 0/],
  ['that is larger than anything takes', { name: 'a', bytes: '257MiB', revision: '1' }, /from 1 to 256MiB/],
] as const) {
  images(`are refused ${title}`, async () => {
    assert.match(await refused(labImages(lab(words), '.')), message);
  });
}

images('are refused when a name appears twice', async () => {
  assert.match(await refused(labImages(lab(made('a', 4), made('a', 8)), '.')), /^bad-image: .*listed twice/);
});

images('are refused when one begins with all of another', async () => {
  const words = lab(made('short.bin', 512), made('long.bin', 1024));
  const bytes = await labImages(words, '.');
  assert.match(
    await refused(() => knownImages(words, bytes)),
    /^ambiguous-images: image long.bin of the lab begins with all of short.bin/,
  );
});

images('of one rule and another seed differ from the first byte on, each seed from every other', async () => {
  const words = lab(...[0, 1, 255].map((seed) => ({ ...made(`s${seed}`, 512), seed })));
  const bytes = await labImages(words, '.');
  assert.is(knownImages(words, bytes).length, 3);
  assert.equal(bytes.get('s0'), standardImage(512));
  const firstBytes = Array.from({ length: 256 }, (_, seed) => standardImage(1, seed)[0]);
  assert.is(new Set(firstBytes).size, 256);
});

images('are refused when INQUIRY has no room for their revision', async () => {
  const words = lab(made('a', 4, '2.10.1'));
  const bytes = await labImages(words, '.');
  assert.match(
    await refused(() => knownImages(words, bytes)),
    /^bad-device: revision of image a .*"2.10.1".*at most 4/,
  );
});

images.run();
