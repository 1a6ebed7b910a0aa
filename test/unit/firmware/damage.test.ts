import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ImageError } from '../../../src/firmware/image-error.ts';
import { firmwareOf, openFirmware } from '../../../src/firmware/read-firmware.ts';
import { hasProgram, testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import { bytesOf, cpioOf, packedBy, rpmOf, scexeOf, tarOf, zipOf } from './carriers.ts';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const test = suite('firmware/damage');

const IMAGE = bytesOf(90);
const TAR = tarOf({ 'a.bin': IMAGE });
const CPIO = cpioOf([{ name: './a.bin', bytes: IMAGE }]);

interface Victim {
  readonly title: string;
  readonly bytes: Uint8Array;
  /** Whether the carrier has a checksum over what it holds; else only the hash of the playbook finds a wrong image. */
  readonly checked: boolean;
  readonly member?: string;
}

/** What each is made with, beside tar. */
const VICTIMS: Readonly<Record<'tar' | 'zip' | 'xz' | 'zstd', () => readonly Victim[]>> = {
  tar: () => [
    { title: 'tar', bytes: TAR, checked: false },
    { title: 'tar with long names', bytes: tarOf({ 'a.bin': IMAGE }, '--format=pax'), checked: false },
    { title: 'tar.gz', bytes: gzipSync(TAR), checked: true },
    { title: 'scexe', bytes: scexeOf(TAR, { after: 'trailing' }), checked: true },
    { title: 'rpm', bytes: rpmOf(gzipSync(CPIO)), checked: true },
    { title: 'rpm before 4.14', bytes: rpmOf(gzipSync(CPIO), { sign: 'md5' }), checked: true },
    {
      title: 'rpm with a scexe',
      bytes: rpmOf(gzipSync(cpioOf([{ name: './x.scexe', bytes: scexeOf(TAR) }]))),
      checked: true,
      member: 'x.scexe!a.bin',
    },
  ],
  zip: () => [
    { title: 'zip', bytes: zipOf({ 'a.bin': IMAGE }), checked: true },
    { title: 'zip, stored', bytes: zipOf({ 'a.bin': IMAGE }, '-0'), checked: true },
  ],
  xz: () => [
    { title: 'tar.xz', bytes: packedBy('xz', TAR), checked: true },
    {
      title: 'rpm, xz',
      bytes: rpmOf(packedBy('xz', CPIO, '--check=sha256'), { compressor: 'xz' }),
      checked: true,
    },
  ],
  zstd: () => [
    { title: 'tar.zst', bytes: packedBy('zstd', TAR), checked: true },
    { title: 'rpm, zstd', bytes: rpmOf(packedBy('zstd', CPIO), { compressor: 'zstd' }), checked: true },
  ],
};

/** The image or an error that says what is the matter; anything else is thrown on, and is a crash. */
async function survive(
  { checked, member = 'a.bin' }: Victim,
  bytes: Uint8Array,
  what: string,
): Promise<void> {
  for (const wanted of [member, null]) {
    try {
      const image = await firmwareOf(bytes, { member: wanted, strip: null }, { name: 'FILE' });
      // Without its mark a carrier is a file like any other; the hash of the playbook tells.
      if (wanted !== null && checked)
        assert.is(Buffer.compare(image.bytes, IMAGE), 0, `wrong image: ${what}`);
    } catch (error) {
      if (!(error instanceof ImageError)) throw new Error(what, { cause: error });
      assert.match(error.message, 'FILE', what);
      assert.ok(error.message.length < 400, what);
    }
  }
}

/** Those that can be made here. */
const victims: Victim[] = [];
for (const [packer, made] of Object.entries(VICTIMS)) {
  if (!hasProgram(packer)) {
    testWith(test, packer)(`what ${packer} packs, damaged or cut at any byte`, () => undefined);
    continue;
  }
  for (const victim of made()) {
    const { title, bytes } = victim;
    victims.push(victim);
    test(`${title} damaged at any byte: an error or the image, never a crash`, async () => {
      for (let at = 0; at < bytes.length; at++) {
        // One bit, or all of the byte; both for every byte would take twice the time.
        const flip = at % 2 === 0 ? 1 << ((at >> 1) % 8) : 0xff;
        const damagedBytes = Uint8Array.from(bytes);
        damagedBytes[at]! ^= flip;
        await survive(victim, damagedBytes, `${title}, byte ${at} ^ ${flip}`);
      }
    });

    test(`${title} cut at any byte: an error or the image, never a crash`, async () => {
      for (let end = 0; end < bytes.length; end++)
        await survive(victim, bytes.subarray(0, end), `${title}, cut at ${end}`);
    });
  }
}

test('several places damaged at once, and pieces taken out or put in', async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    remove: fc.nat(40),
    insert: fc.uint8Array({ maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...victims),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (victim, changes) => {
        let bytes = Buffer.from(victim.bytes);
        for (const { at, remove, insert } of changes) {
          const start = Math.floor(at * bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
        }
        await survive(victim, bytes, `${victim.title}: ${bytes.toString('hex')}`);
      },
    ),
    { numRuns: 800 },
  );
});

test('random bytes behind any beginning', async () => {
  const starts = victims.map(({ bytes }) => bytes.subarray(0, 40));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 600 }), async (start, rest) => {
      const bytes = Buffer.concat([start, rest]);
      await survive({ title: 'random', bytes, checked: false }, bytes, bytes.toString('hex'));
    }),
    { numRuns: 800 },
  );
});

test('damaged files leave nothing beside them, and no file stays open', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-damage-'));
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  for (const { title, bytes } of victims) {
    const file = path.join(folder, 'FILE');
    for (let at = 0; at < bytes.length; at += 37) {
      const damagedBytes = Uint8Array.from(bytes);
      damagedBytes[at]! ^= 0xff;
      writeFileSync(file, damagedBytes);
      await openFirmware(file, { member: 'a.bin', strip: null }).catch((error: unknown) => {
        if (!(error instanceof ImageError)) throw new Error(`${title} at ${at}`, { cause: error });
      });
    }
  }
  assert.equal(readdirSync(folder), ['FILE']);
  assert.is(open(), before);
  rmSync(folder, { recursive: true });
});

test.run();
