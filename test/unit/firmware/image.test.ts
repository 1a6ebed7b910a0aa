import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ImageError } from '../../../src/firmware/image-error.ts';
import { collect, imageOf, MAX_IMAGE_BYTES } from '../../../src/firmware/image.ts';
import type { FirmwareImage } from '../../../src/firmware/image.ts';
import { withFile } from '../../../src/firmware/open-file.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/image');

/** Reads a file or pipe to its end, as it is, whatever it holds. Throws ImageError. */
function readImage(path: string, maxBytes = MAX_IMAGE_BYTES): Promise<FirmwareImage> {
  return withFile(path, async (file) =>
    imageOf(await collect(path, file.chunks(), { expectedBytes: file.sizeBytes, maxBytes })),
  );
}

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'runbook-image-'));
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    assert.instance(error, ImageError);
    return (error as ImageError).code;
  }
  throw new Error('the image was read');
}

/** Runs `act` between the read of the bytes and the look whether the file changed. */
async function whileRead(path: string, act: () => void): Promise<string> {
  const handle = await open(path, 'r');
  const prototype = Object.getPrototypeOf(handle) as { read: FileHandle['read'] };
  await handle.close();
  const original = prototype.read;
  let done = false;
  prototype.read = async function (this: FileHandle, ...parameters: unknown[]) {
    const result = (await Reflect.apply(original, this, parameters)) as { bytesRead: number; buffer: Buffer };
    if (!done) act();
    done = true;
    return result;
  };
  try {
    return await codeOf(readImage(path));
  } finally {
    prototype.read = original;
  }
}

for (const sizeBytes of [1, 511, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_000]) {
  test(`an image of ${sizeBytes} bytes is read whole, with its hash`, async () => {
    const bytes = Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 31) & 0xff);
    const image = await readImage(file('image.bin', bytes));
    assert.is(Buffer.compare(image.bytes, bytes), 0);
    assert.is(image.sha256, createHash('sha256').update(bytes).digest('hex'));
  });
}

test('a link to an image is an image', async () => {
  symlinkSync(file('real.bin', 'abc'), join(directory, 'link.bin'));
  assert.is((await readImage(join(directory, 'link.bin'))).bytes.length, 3);
});

test('nothing there, a directory, a socket, a device and nothing in it are told apart', async () => {
  const socket = join(directory, 'socket');
  const server = createServer().listen(socket);
  await new Promise((resolve) => server.once('listening', resolve));
  assert.is(await codeOf(readImage(join(directory, 'gone.bin'))), 'missing');
  assert.is(await codeOf(readImage(directory)), 'directory');
  assert.is(await codeOf(readImage(socket)), 'kind');
  assert.is(await codeOf(readImage('/dev/zero')), 'kind');
  assert.is(await codeOf(readImage(file('empty.bin', ''))), 'empty');
  server.close();
});

test('a file that may not be read is told apart', async () => {
  const path = file('secret.bin', 'abc');
  chmodSync(path, 0);
  // Root may read everything: there is nothing to see for it.
  if (process.getuid?.() !== 0) assert.is(await codeOf(readImage(path)), 'unreadable');
});

test('a file above the limit is refused before it is read', async () => {
  assert.is(await codeOf(readImage(file('big.bin', 'x'.repeat(100)), 99)), 'too-large');
  assert.is((await readImage(file('big.bin', 'x'.repeat(100)), 100)).bytes.length, 100);
});

test('a file that grows while it is read is refused', async () => {
  const path = file('grows.bin', 'abc');
  assert.is(await whileRead(path, () => appendFileSync(path, 'd')), 'changed');
});

test('a file that shrinks while it is read is refused', async () => {
  const path = file('shrinks.bin', 'abc');
  assert.is(await whileRead(path, () => writeFileSync(path, 'a')), 'changed');
});

test('a file that is written over while it is read is refused', async () => {
  const path = file('changes.bin', 'abc');
  utimesSync(path, 1, 1);
  assert.is(await whileRead(path, () => writeFileSync(path, 'xyz')), 'changed');
});

test.run();
