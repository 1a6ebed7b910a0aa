import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FirmwareWords, PlaybookWords, SectionWords } from '../generated/playbook.ts';
import { parseSize } from '../base/units.ts';
import type { Playbook } from '../playbook/playbook.ts';
import { hasOwnImage } from '../playbook/resolve-play.ts';
import { sectionsOf } from '../playbook/sections.ts';
import { standardImage } from '../simulator/lab-images.ts';

/** An image that is not there, and what is sent to simulated devices in its place. */
export interface StandIn {
  /** As the playbook says it: `file`, or `file!member`. */
  readonly image: string;
  readonly bytes: number;
  /** The pinned hash, which nothing was compared with. */
  readonly sha256: string | null;
}

export interface WithStandIns {
  /** The same playbook, but for the words about images that are not there. */
  readonly playbook: Playbook;
  /** The bytes, by what `file` says now. */
  readonly images: ReadonlyMap<string, Uint8Array>;
  readonly standIns: readonly StandIn[];
}

/** Large enough for many chunks, small enough for many rehearsals. */
const USUAL_BYTES = 0x20000;

/** Words that name an image. */
type ImageWords = FirmwareWords | (SectionWords & { file: string });

interface Missing {
  readonly image: string;
  readonly sha256: string | null;
  readonly words: ImageWords[];
  bytes: number;
}

/**
 * A playbook repository holds no vendor images. Where a file is not beside the playbook, made bytes take its place, and the
 * words are changed to them: their hash for the pinned one, without member and header. An image that is there is left alone.
 */
export function withStandIns(playbook: Playbook, directory: string): WithStandIns {
  const words: PlaybookWords = structuredClone(playbook.words);
  const missing = new Map<string, Missing>();
  const note = (place: ImageWords, bytes: number): void => {
    const { file, member } = place;
    if (existsSync(path.resolve(directory, file))) return;
    const image = member === undefined ? file : `${file}!${member}`;
    const known = missing.get(image) ?? { image, sha256: place.sha256 ?? null, words: [], bytes: 0 };
    known.bytes = Math.max(known.bytes, bytes);
    if (!known.words.includes(place)) known.words.push(place);
    missing.set(image, known);
  };
  for (const [index, play] of words.plays.entries()) {
    note(play.firmware, sizeOf(play.firmware) ?? 1);
    for (const { section } of sectionsOf(play, `/plays/${index}`)) {
      const own = hasOwnImage(section)
        ? Object.assign(section, { file: section.file ?? play.firmware.file })
        : null;
      note(own ?? play.firmware, sizeOf(own ?? play.firmware) ?? bytesFor(section));
    }
  }
  const images = new Map<string, Uint8Array>();
  for (const [index, standIn] of [...missing.values()].entries()) {
    standIn.bytes ||= USUAL_BYTES;
    const bytes = standInBytes(standIn.bytes, index);
    images.set(standIn.image, bytes);
    for (const place of standIn.words) pin(place, standIn.image, bytes);
  }
  const standIns = [...missing.values()].map(({ image, bytes, sha256 }) => ({ image, bytes, sha256 }));
  return { playbook: { ...playbook, words }, images, standIns };
}

const sizeOf = ({ size }: ImageWords): number | null => (size === undefined ? null : parseSize(size));

/** What a section needs, with what it skips; the usual size where it says nothing. */
function bytesFor(section: SectionWords): number {
  if (section.via === 'external') return USUAL_BYTES;
  const skipped = parseSize(section.skip ?? 0) ?? 0;
  const length = section.length === undefined ? null : parseSize(section.length);
  const total =
    section.via === 'ses' && section['total-length'] !== undefined
      ? parseSize(section['total-length'])
      : null;
  return skipped + (length ?? Math.min(USUAL_BYTES, total ?? USUAL_BYTES));
}

/** Different from every other one in its first bytes, where devices look first. */
function standInBytes(size: number, index: number): Uint8Array {
  const bytes = standardImage(size);
  bytes[0] = index;
  return bytes;
}

function pin(place: ImageWords, image: string, bytes: Uint8Array): void {
  place.file = image;
  place.sha256 = createHash('sha256').update(bytes).digest('hex');
  delete place.member;
  delete place.size;
  delete place.strip;
}
