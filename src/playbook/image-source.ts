import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { suggest } from '../base/suggest.ts';
import { ImageError } from '../firmware/image-error.ts';
import type { ImageErrorCode } from '../firmware/image-error.ts';
import type { FirmwareImage } from '../firmware/image.ts';
import { imageOf, MAX_IMAGE_BYTES } from '../firmware/image.ts';
import { firmwareOf, readFirmware } from '../firmware/read-firmware.ts';
import type { FirmwareOptions, FirmwareWords } from '../firmware/read-firmware.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';

/** Keys of a playbook that an image comes from. */
type ImageKey = 'file' | 'member' | 'strip' | 'sha256' | 'size';

/** The way out for a file that is meant. */
const IF_MEANT = 'if the device takes this file as it is, write is: verbatim beside it';

export interface ImageProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | null;
  /** Which of the keys it is about. */
  readonly key: ImageKey;
}

export type ImageAnswer = { readonly image: FirmwareImage } | { readonly problem: ImageProblem };

/** What a section or a play says about its image. */
export interface ImageWords extends FirmwareWords {
  readonly file: string;
  /** Null: nothing to compare with. */
  readonly sha256: string | null;
  /** Null, or absent: not said. */
  readonly sizeBytes?: number | null;
  /** `is: verbatim`: the file is meant, whatever it looks like. */
  readonly isVerbatim?: boolean;
}

/** Reads each image once, and keeps one copy of each content, however many plays and devices use it. */
export class ImageSource {
  readonly #reads = new Map<string, Promise<FirmwareImage>>();
  readonly #byHash = new Map<string, FirmwareImage>();

  constructor(
    readonly directory: string,
    /** Images of a lab by name, for files that are not there. */
    readonly labImages: ReadonlyMap<string, Uint8Array> | null,
    /** For a plan that is not obeyed here: of an image that is not here, hash and size are enough. */
    readonly mayBeAbsent = false,
  ) {}

  async get(words: ImageWords): Promise<ImageAnswer> {
    let image: FirmwareImage;
    try {
      image = await this.#read(words);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      if (error.code === 'missing' && this.mayBeAbsent) return absentImage(error, words);
      return { problem: await this.#readProblem(error, words) };
    }
    const problem = hashProblem(image, words) ?? sizeProblem(image, words);
    return problem === null ? { image } : { problem };
  }

  async #read({ file, member, strip, isVerbatim = false }: ImageWords): Promise<FirmwareImage> {
    const at = path.isAbsolute(file) ? file : path.join(this.directory, file);
    const key = JSON.stringify([at, member, strip, isVerbatim]);
    const options = { name: file, carriers: isVerbatim ? ('take' as const) : ('list' as const) };
    let read = this.#reads.get(key);
    if (read === undefined) {
      read = readFirmware(at, { member, strip }, options).catch((error: unknown) => {
        if (error instanceof ImageError && error.code === 'missing') {
          const inLab = this.#readInLab(file, { member, strip }, options);
          if (inLab !== null) return inLab;
        }
        throw error;
      });
      this.#reads.set(key, read);
    }
    const image = await read;
    const same = this.#byHash.get(image.sha256);
    if (same === undefined) this.#byHash.set(image.sha256, image);
    return same ?? image;
  }

  /** A lab has the bytes that its devices take: under the name of the file, or of the member in it. */
  #readInLab(
    file: string,
    words: FirmwareWords,
    options: FirmwareOptions & { readonly name: string },
  ): Promise<FirmwareImage> | null {
    const whole = this.labImages?.get(file);
    if (whole !== undefined) return firmwareOf(whole, words, options);
    const [inner] = (words.member ?? '').split(/[!/]/).slice(-1);
    const taken = this.labImages?.get(inner!);
    return taken === undefined ? null : Promise.resolve(imageOf(taken));
  }

  async #readProblem(
    { code, message, next }: ImageError,
    { file, member }: ImageWords,
  ): Promise<ImageProblem> {
    const { hint, key, ...problem } = PROBLEMS[code];
    const unexpanded = code === 'missing' ? unexpandedIn(file) : null;
    if (unexpanded !== null) return { ...problem, message, hint: unexpanded, key };
    const labNames = [...(this.labImages?.keys() ?? [])];
    if (code !== 'missing' || labNames.length === 0) {
      // Without the word, the place is where it is missing: the file.
      const place = key === 'member' && member === null ? 'file' : key;
      const alike = code === 'missing' ? await this.#fileLike(file) : null;
      const way = code === 'foreign' && next !== null ? `${next}; ${hint}` : (alike ?? next ?? hint);
      return { ...problem, message, hint: way, key: place };
    }
    const near = suggest(file, labNames);
    const inLab = near === null ? `the lab has ${labNames.join(', ')}` : `did you mean ${near}, of the lab?`;
    return { ...problem, message: `${message}, and the lab has no such image`, hint: inLab, key };
  }

  /** The file beside it whose name is nearly this one. */
  async #fileLike(file: string): Promise<string | null> {
    const { dir, base } = path.parse(file);
    const names = await readdir(path.resolve(this.directory, dir)).catch(() => []);
    const near = suggest(base, names);
    return near === null ? null : `did you mean ${path.join(dir, near)}?`;
  }
}

/** What a shell or a template would have replaced. */
function unexpandedIn(file: string): string | null {
  const [found] = /\$\{[^{}]*\}|\$\w+|\{\{[^{}]*\}\}|^~[^/]*(?=\/)/.exec(file) ?? [];
  return found === undefined
    ? null
    : `nothing is expanded in a playbook, so ${found} is part of the name: write the path itself`;
}

interface ProblemOfCode {
  readonly code: DiagnosticCode;
  /** Where the error itself names no next step. */
  readonly hint: string;
  readonly key: ImageKey;
}

const FETCH_AGAIN = 'download it again, and compare its size with what the vendor gives';

const PROBLEMS: Readonly<Record<ImageErrorCode, ProblemOfCode>> = {
  missing: {
    code: 'image-missing',
    hint: 'the path is relative to the directory of the playbook',
    key: 'file',
  },
  unreadable: {
    code: 'image-unreadable',
    hint: 'check the permissions of the file and its directories',
    key: 'file',
  },
  directory: { code: 'image-directory', hint: 'name the image in it', key: 'file' },
  kind: { code: 'image-kind', hint: 'name a file, or a pipe', key: 'file' },
  empty: { code: 'image-empty', hint: 'download it again', key: 'file' },
  changed: { code: 'image-changed', hint: 'wait until it is complete, then try again', key: 'file' },
  'too-large': { code: 'image-too-large', hint: 'is this really the image for one device?', key: 'file' },
  'web-page': { code: 'image-html', hint: 'log in first, then download it again', key: 'file' },
  foreign: { code: 'image-foreign', hint: IF_MEANT, key: 'file' },
  package: { code: 'image-package', hint: 'name the image in it with member', key: 'file' },
  unsupported: {
    code: 'image-package',
    hint: 'unpack it by hand (never run it), then name the image in it',
    key: 'file',
  },
  member: { code: 'image-member', hint: 'runbook image lists the members of a package', key: 'member' },
  strip: { code: 'image-strip', hint: 'give the size of the header in bytes', key: 'strip' },
  cut: { code: 'image-damaged', hint: FETCH_AGAIN, key: 'file' },
  damaged: { code: 'image-damaged', hint: FETCH_AGAIN, key: 'file' },
  limit: { code: 'image-limit', hint: 'unpack it by hand, then name the image in it', key: 'file' },
  unsafe: { code: 'image-unsafe', hint: 'do not use this file', key: 'file' },
};

/** What the playbook says of an image that is not here. */
function absentImage({ message }: ImageError, { sha256, sizeBytes = null }: ImageWords): ImageAnswer {
  if (sizeBytes === null || sha256 === null || sizeBytes > MAX_IMAGE_BYTES) {
    const hint = 'put it beside the playbook, or say how large it is: size: BYTES';
    return {
      problem: { code: 'image-size', message: `${message}, and its size is not known`, hint, key: 'file' },
    };
  }
  return { image: { bytes: new Uint8Array(sizeBytes), sha256: sha256.toLowerCase(), isAbsent: true } };
}

function sizeProblem(
  { bytes }: FirmwareImage,
  { file, member, sizeBytes = null }: ImageWords,
): ImageProblem | null {
  if (sizeBytes === null || sizeBytes === bytes.length) return null;
  const what = member === null ? file : `${file}!${member}`;
  const message = `${what} has ${bytes.length} bytes, but size says ${sizeBytes}`;
  return {
    code: 'image-size',
    message,
    hint: `if the file is right, write size: ${bytes.length}`,
    key: 'size',
  };
}

function hashProblem({ sha256 }: FirmwareImage, words: ImageWords): ImageProblem | null {
  const pinned = words.sha256?.toLowerCase() ?? sha256;
  if (sha256 === pinned) return null;
  const what = words.member === null ? words.file : `${words.file}!${words.member}`;
  const message = `${what} has the SHA-256 ${sha256}, but ${pinned} is pinned`;
  const hint = `compare both with the hash from the vendor; if the file is right, write sha256: ${sha256}`;
  return { code: 'image-hash', message, hint, key: 'sha256' };
}
