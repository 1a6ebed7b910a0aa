import path from 'node:path';
import { RunbookError } from '../base/errors.ts';
import { ReadError, readWhole } from '../base/whole-file.ts';
import type { LabFile, LabImageWords } from '../generated/lab.ts';
import type { LabImage } from './incoming-image.ts';
import { parseSize } from '../base/units.ts';

/** Something in a lab file that its schema cannot say: an image that is not there, a persona that does not exist. */
export class LabError extends RunbookError<
  'bad-image' | 'ambiguous-images' | 'unknown-persona' | 'bad-device' | 'bad-lab-state'
> {}

const KIB = 1024;
/** The largest microcode image that any of the ways into a device takes. */
const LARGEST_IMAGE_BYTES = 256 * KIB * KIB;

/** Byte i of the rule `standard`: no two chunks of an image below 16 MiB are alike. Each seed (0 to 255) makes other bytes. */
export function standardImage(sizeBytes: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  const first = 13 + seed * SEED_STEP;
  for (let i = 0; i < sizeBytes; i++) bytes[i] = (i * 7 + first + (i >> 8) * 29 + (i >> 16) * 53) & 0xff;
  return bytes;
}

/** Odd: 256 seeds have 256 first bytes. */
const SEED_STEP = 101;

const RULES: Readonly<Record<string, (sizeBytes: number, seed: number) => Uint8Array>> = {
  standard: standardImage,
  zeros: (sizeBytes) => new Uint8Array(sizeBytes),
};

/**
 * Makes or reads the images of a lab; `directory` is where the lab file lies. Throws LabError `bad-image`.
 */
export async function labImages(lab: LabFile, directory: string): Promise<Map<string, Uint8Array>> {
  const images = new Map<string, Uint8Array>();
  for (const words of lab.images ?? []) {
    if (images.has(words.name)) throw badImage(words, 'is listed twice; give the images different names');
    images.set(words.name, await imageOf(words, directory));
  }
  return images;
}

async function imageOf(words: LabImageWords, directory: string): Promise<Uint8Array> {
  const { file, bytes, rule, seed = 0 } = words;
  if (file !== undefined) {
    if (bytes !== undefined || rule !== undefined)
      throw badImage(words, 'has `file` and `bytes` or `rule`; keep one');
    return readImage(words, path.resolve(directory, file));
  }
  if (bytes === undefined) throw badImage(words, 'has neither `file` nor `bytes` with `rule`; add one');
  const make = RULES[rule ?? 'standard'];
  if (make === undefined)
    throw badImage(words, `has an unknown rule; use ${Object.keys(RULES).join(' or ')}`);
  const sizeBytes = parseSize(bytes);
  if (sizeBytes === null || sizeBytes < 1 || sizeBytes > LARGEST_IMAGE_BYTES) {
    throw badImage(words, `has \`bytes: ${bytes}\`; write a size from 1 to 256MiB, like 1MiB`);
  }
  return make(sizeBytes, seed);
}

async function readImage(words: LabImageWords, file: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readWhole(file, LARGEST_IMAGE_BYTES);
  } catch (cause) {
    if (!(cause instanceof ReadError)) throw cause;
    throw badImage(words, `cannot be used: ${file}: ${cause.message}; put the file beside the lab`, cause);
  }
  if (bytes.length === 0) throw badImage(words, `is empty: ${file}; put the real image there`);
  return bytes;
}

function badImage(words: LabImageWords, problem: string, cause?: unknown): LabError {
  return new LabError(
    'bad-image',
    `image ${words.name} of the lab ${problem}`,
    { image: words.name },
    { cause },
  );
}

/**
 * The images with what they bring, ready for the devices. Throws LabError `ambiguous-images` when one begins with all
 * of another: a device that only sees bytes could not tell when the shorter one ends.
 */
export function knownImages(lab: LabFile, images: ReadonlyMap<string, Uint8Array>): LabImage[] {
  const known = (lab.images ?? []).map(({ name, revision, product, vendor, 'link-rate': linkRate }) => {
    const bytes = images.get(name);
    if (bytes === undefined) throw new LabError('bad-image', `image ${name} of the lab was not loaded`);
    requireDeviceText(`revision of image ${name}`, revision, 4);
    requireDeviceText(`product of image ${name}`, product ?? '', 16);
    requireDeviceText(`vendor of image ${name}`, vendor ?? '', 8);
    return {
      name,
      revision,
      product: product ?? null,
      ...(vendor !== undefined && { vendor }),
      ...(linkRate !== undefined && { linkRate }),
      bytes,
    };
  });
  for (const short of known) {
    for (const long of known) {
      if (short === long || short.bytes.length > long.bytes.length) continue;
      if (Buffer.compare(long.bytes.subarray(0, short.bytes.length), short.bytes) !== 0) continue;
      throw new LabError(
        'ambiguous-images',
        `image ${long.name} of the lab begins with all of ${short.name}, so a device cannot distinguish them; ` +
          'give one of them a seed, make it from a file, or remove it',
      );
    }
  }
  return known;
}

/** Throws LabError `bad-device` where INQUIRY or a VPD page has no room for the text. */
export function requireDeviceText(what: string, text: string, maximumLength: number): void {
  if (text.length <= maximumLength && /^[\0-\xff]*$/.test(text)) return;
  throw new LabError(
    'bad-device',
    `${what} of the lab is ${JSON.stringify(text)}; write at most ${maximumLength} characters of one byte (up to \\xff)`,
  );
}
