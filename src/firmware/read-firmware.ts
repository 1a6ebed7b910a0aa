import { suggest } from '../base/suggest.ts';
import { ByteReader, chunksOf } from './byte-reader.ts';
import { openCarrier } from './carrier.ts';
import type { Carrier } from './carrier.ts';
import type { CarrierKind, Content } from './content.ts';
import { contentOf, HEAD_BYTES } from './content.ts';
import { foreignOf } from './foreign.ts';
import { collect, imageOf, MAX_IMAGE_BYTES } from './image.ts';
import type { FirmwareImage } from './image.ts';
import { ImageError, unsupported } from './image-error.ts';
import { Budget, LIMITS, plainName } from './limits.ts';
import type { Limits } from './limits.ts';
import type { Member, MemberKind } from './member.ts';
import { withFile } from './open-file.ts';
import type { Source } from './random-access.ts';
import { sourceOfBytes } from './random-access.ts';
import type { Strip } from './strip.ts';
import { stripHeader } from './strip.ts';
import { unpack } from './unpack.ts';

/** Which bytes of a file are the image. */
export interface FirmwareWords {
  /** Path inside of a carrier, levels separated by `!`; null: the file itself. */
  readonly member: string | null;
  /** Null: no header. */
  readonly strip: Strip | null;
}

export interface FirmwareOptions {
  /** What errors call the file; default: its path. */
  readonly name?: string;
  /** What becomes of a carrier where the image should be. `take`: as it is, like any other bytes. Default: list. */
  readonly carriers?: 'list' | 'take';
  readonly limits?: Limits;
  readonly maxBytes?: number;
}

export type Found = { readonly image: FirmwareImage } | { readonly contents: Contents };

/** What a carrier holds. */
export interface Contents {
  readonly origin: string;
  readonly kind: CarrierKind;
  readonly members: readonly ListedMember[];
}

export interface ListedMember {
  readonly name: string;
  readonly kind: MemberKind;
  readonly sizeBytes: number;
  /** What its first bytes betray; null: it may be an image. */
  readonly content: Content | null;
}

/** The image of a file or pipe. Throws ImageError; a carrier without `member` is one that names what it holds. */
export async function readFirmware(
  path: string,
  words: FirmwareWords,
  options: FirmwareOptions = {},
): Promise<FirmwareImage> {
  return onlyImage(await openFirmware(path, words, options));
}

/** The same of bytes that are there already. */
export async function firmwareOf(
  bytes: Uint8Array,
  words: FirmwareWords,
  options: FirmwareOptions & { readonly name: string },
): Promise<FirmwareImage> {
  return onlyImage(await find(sourceOfBytes(options.name, bytes), words, options));
}

/** The image, or what the carrier holds that is there instead. Reads the file once. Throws ImageError. */
export function openFirmware(
  path: string,
  words: FirmwareWords,
  options: FirmwareOptions = {},
): Promise<Found> {
  const origin = options.name ?? path;
  return withFile(path, (file) => {
    const source: Source = {
      origin,
      reader: new ByteReader(file.chunks(), origin),
      random: file.sizeBytes === null ? null : { sizeBytes: file.sizeBytes, range: file.range },
      sizeBytes: file.sizeBytes,
    };
    return find(source, words, options);
  });
}

async function find(
  source: Source,
  { member, strip }: FirmwareWords,
  options: FirmwareOptions,
): Promise<Found> {
  const budget = new Budget(options.limits ?? LIMITS);
  const wanted = member === null ? '' : plainName(member);
  return within(source, wanted, 1, budget, async (found) => {
    if (options.carriers !== 'take') {
      const carrier = await openCarrier(found, budget, false);
      if (carrier !== null) return { contents: await list(carrier, found.origin, budget) };
      refuseContent(found.origin, contentOf(await found.reader.peek(HEAD_BYTES)));
    }
    const maxBytes = options.maxBytes ?? MAX_IMAGE_BYTES;
    const bytes =
      found.whole !== undefined && found.whole.length > 0 && found.whole.length <= maxBytes
        ? found.whole
        : await collect(found.origin, found.reader.rest(), { expectedBytes: found.sizeBytes, maxBytes });
    const image = strip === null ? bytes : stripHeader(bytes, strip, found.origin);
    if (options.carriers !== 'take') {
      // Behind a header that is taken off, or with it: a program without its first bytes is not firmware.
      refuseForeign(found.origin, bytes);
      if (image !== bytes) refuseForeign(found.origin, image);
      await refuseCutGzip(found.origin, image, budget.limits);
    }
    return { image: imageOf(image) };
  });
}

/** Goes down to a member, level by level. Each carrier is read to its end, where damage may still show. */
async function within(
  source: Source,
  wanted: string,
  level: number,
  budget: Budget,
  use: (source: Source) => Promise<Found>,
): Promise<Found> {
  const { origin } = source;
  if (wanted === '') return use(source);
  if (level > budget.limits.levels)
    throw new ImageError('limit', `${origin} is nested in more than ${budget.limits.levels} packages`);
  const carrier = await openCarrier(source, budget, true);
  if (carrier === null) throw await noCarrier(source, wanted);
  const names: string[] = [];
  let found: Found | null = null;
  for await (const member of carrier.members()) {
    await budget.rest(origin);
    if (member.kind !== 'directory') names.push(member.name);
    const rest = restOf(wanted, member.name);
    if (rest === null) continue;
    if (found !== null) throw new ImageError('member', `${origin} holds ${member.name} more than once`);
    refuseKind(member, origin);
    const inner: Source = {
      origin: `${origin}!${member.name}`,
      reader: new ByteReader(member.bytes(), `${origin}!${member.name}`),
      random: null,
      sizeBytes: member.sizeBytes,
    };
    found = await within(inner, rest, level + 1, budget, use);
    await inner.reader.skipRest();
  }
  return found ?? noMember(origin, wanted, names);
}

/** What is left of the way after this member; null: it does not lead through it. */
function restOf(wanted: string, name: string): string | null {
  if (name === '') return null;
  if (wanted === name) return '';
  return wanted.startsWith(`${name}!`) ? plainName(wanted.slice(name.length + 1)) : null;
}

async function list(carrier: Carrier, origin: string, budget: Budget): Promise<Contents> {
  const members: ListedMember[] = [];
  for await (const member of carrier.members()) {
    await budget.rest(origin);
    const { name, kind, sizeBytes } = member;
    if (name !== '') members.push({ name, kind, sizeBytes, content: await contentIn(member, origin) });
  }
  return { origin, kind: carrier.kind, members };
}

async function contentIn(member: Member, origin: string): Promise<Content | null> {
  if (member.kind !== 'file') return null;
  const reader = new ByteReader(member.bytes(), origin);
  try {
    return contentOf(await reader.peek(HEAD_BYTES));
  } catch (error) {
    // One member that cannot be opened does not keep the others from being named.
    if (error instanceof ImageError && error.code === 'unsupported') return null;
    throw error;
  } finally {
    await reader.close();
  }
}

/** The image; where a carrier was found instead, an error that names what it holds. */
export function onlyImage(found: Found): FirmwareImage {
  if ('image' in found) return found.image;
  const { origin, kind, members } = found.contents;
  const names = members.filter((member) => member.kind === 'file').map(({ name }) => name);
  throw new ImageError(
    'package',
    `${origin} is a package (${kind}), not the image itself`,
    names.length === 0 ? 'it holds no file' : `name the image in it with member: it holds ${someOf(names)}`,
  );
}

function refuseForeign(origin: string, image: Uint8Array): void {
  const foreign = foreignOf(image);
  if (foreign !== null)
    throw new ImageError('foreign', `${origin} is ${foreign.what}, not firmware`, foreign.next);
}

/** Fewer bytes are valid by chance. */
const TELLING_GZIP_BYTES = 32;

/**
 * Gzip data may be an image that its device unpacks: whole ones. Where they are valid up to the end of the file, and not
 * complete there, the file is the beginning of another.
 */
async function refuseCutGzip(origin: string, image: Uint8Array, limits: Limits): Promise<void> {
  const content = contentOf(image);
  if (content?.kind !== 'packed' || image.length < TELLING_GZIP_BYTES) return;
  try {
    const reader = new ByteReader(chunksOf(image), origin);
    await new ByteReader(unpack(content.packing, reader, new Budget(limits)), origin).skipRest();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (error.code === 'cut') throw error;
  }
}

function refuseContent(origin: string, content: Content | null): void {
  if (content?.kind === 'web-page') throw new ImageError('web-page', `${origin} is a web page, not firmware`);
  if (content?.kind === 'unopened') {
    throw unsupported(
      origin,
      `is ${content.what}, not the image itself`,
      'runbook does not open such files: unpack it by hand (never run it), then name the image in it',
    );
  }
}

function refuseKind({ kind, name }: Member, origin: string): void {
  if (kind === 'file') return;
  const what = { directory: 'a directory', link: 'a link', other: 'a special file' }[kind];
  throw new ImageError(
    'member',
    `${name} in ${origin} is ${what}, which holds no bytes`,
    'name a regular file',
  );
}

async function noCarrier({ origin, reader }: Source, wanted: string): Promise<ImageError> {
  try {
    refuseContent(origin, contentOf(await reader.peek(HEAD_BYTES)));
  } catch (error) {
    if (error instanceof ImageError) return error;
    throw error;
  }
  const next = 'remove member if this is the image itself; otherwise download the package again';
  return new ImageError(
    'member',
    `${origin} is not a package that runbook opens, so it has no member ${wanted}`,
    next,
  );
}

/** The same name elsewhere in the carrier is nearer than any other. */
function noMember(origin: string, wanted: string, names: readonly string[]): never {
  const own = wanted.split('!')[0]!;
  const base = own.slice(own.lastIndexOf('/') + 1);
  const elsewhere = names.filter((name) => name.slice(name.lastIndexOf('/') + 1) === base);
  const near = elsewhere.length === 1 ? elsewhere[0]! : suggest(own, names);
  const holds = names.length === 0 ? 'it holds no file' : `it holds ${someOf(names)}`;
  const next = near === null ? holds : `did you mean ${near}? ${holds}`;
  throw new ImageError('member', `there is no ${own} in ${origin}`, next);
}

const SHOWN = 8;

/** All of a few names, some of many. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length <= SHOWN
    ? shown
    : `${shown} and ${names.length - SHOWN} more (runbook image lists them)`;
}
