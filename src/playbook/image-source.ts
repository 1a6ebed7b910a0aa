import path from 'node:path';
import { suggest } from '../base/suggest.ts';
import { contentOf } from '../firmware/content.ts';
import { ImageError } from '../firmware/image-error.ts';
import type { FirmwareImage } from '../firmware/image.ts';
import { imageOf, readImage } from '../firmware/image.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';

export interface ImageProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | null;
  /** Which of the two keys it is about. */
  readonly key: 'file' | 'sha256';
}

export type ImageAnswer = { readonly image: FirmwareImage } | { readonly problem: ImageProblem };

/** What a section or a play says about its image. */
export interface ImageWords {
  readonly file: string;
  /** Null: nothing to compare with, because the image lies inside of the file. */
  readonly sha256: string | null;
}

/** Reads each file once, and keeps one copy of each content, however many plays and devices use it. */
export class ImageSource {
  readonly #reads = new Map<string, Promise<FirmwareImage>>();
  readonly #byHash = new Map<string, FirmwareImage>();

  constructor(
    readonly directory: string,
    /** Images of a lab by name, for files that are not there. */
    readonly labImages: ReadonlyMap<string, Uint8Array> | null,
  ) {}

  async get({ file, sha256 }: ImageWords): Promise<ImageAnswer> {
    const at = path.isAbsolute(file) ? file : path.join(this.directory, file);
    let image: FirmwareImage;
    try {
      image = await this.#read(at, file);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      return { problem: this.#readProblem(error, file) };
    }
    const problem = sha256 === null ? null : contentProblem(image, file, sha256);
    return problem === null ? { image } : { problem };
  }

  async #read(at: string, file: string): Promise<FirmwareImage> {
    let read = this.#reads.get(at);
    if (read === undefined) {
      read = readImage(at).catch((error: unknown) => {
        const bytes = this.labImages?.get(file);
        if (bytes !== undefined && error instanceof ImageError && error.code === 'missing')
          return imageOf(bytes);
        throw error;
      });
      this.#reads.set(at, read);
    }
    const image = await read;
    const same = this.#byHash.get(image.sha256);
    if (same === undefined) this.#byHash.set(image.sha256, image);
    return same ?? image;
  }

  #readProblem({ code, message }: ImageError, file: string): ImageProblem {
    const problem = PROBLEMS[code];
    const labNames = [...(this.labImages?.keys() ?? [])];
    if (code !== 'missing' || labNames.length === 0) return { ...problem, message, key: 'file' };
    const near = suggest(file, labNames);
    const hint = near === null ? `the lab has ${labNames.join(', ')}` : `did you mean ${near}, of the lab?`;
    return { ...problem, message: `${message}, and no such image in the lab`, hint, key: 'file' };
  }
}

const PROBLEMS: Readonly<
  Record<ImageError['code'], { readonly code: DiagnosticCode; readonly hint: string }>
> = {
  missing: { code: 'image-missing', hint: 'the path counts from the directory of the playbook' },
  unreadable: { code: 'image-unreadable', hint: 'look at the permissions of the file and its directories' },
  directory: { code: 'image-directory', hint: 'name the image in it' },
  kind: { code: 'image-kind', hint: 'name a file, or a pipe' },
  empty: { code: 'image-empty', hint: 'fetch it again' },
  changed: { code: 'image-changed', hint: 'wait until it is complete, and check again' },
  'too-large': { code: 'image-too-large', hint: 'is this really the image of one device?' },
};

function contentProblem({ bytes, sha256 }: FirmwareImage, file: string, pinned: string): ImageProblem | null {
  const content = contentOf(bytes);
  if (content === 'html') {
    const message = `${file} is a web page, not firmware`;
    return { code: 'image-html', message, hint: 'fetch it again, after the login', key: 'file' };
  }
  if (content === 'package') {
    const message = `${file} is a package, not the image itself`;
    return {
      code: 'image-package',
      message,
      hint: 'open it (never run it), and name the image that it holds',
      key: 'file',
    };
  }
  if (sha256 === pinned.toLowerCase()) return null;
  const message = `${file} has the SHA-256 ${sha256}, and ${pinned.toLowerCase()} is pinned`;
  const hint = `compare both with the vendor; if the file is right, write sha256: ${sha256}`;
  return { code: 'image-hash', message, hint, key: 'sha256' };
}
