import type { PlayWords } from '../../generated/playbook.ts';
import { doubtOf } from '../../firmware/foreign.ts';
import { sectionsOf } from '../sections.ts';
import type { Warn } from './lint-rule.ts';

/** Warns of images that look like something else; `images`: what each section sends. `is: verbatim` says that it is meant. */
export function doubtfulImages(
  play: PlayWords,
  pointer: string,
  images: readonly Uint8Array[],
  warn: Warn,
): void {
  for (const [index, { section, pointer: at }] of sectionsOf(play, pointer).entries()) {
    const image = images[index];
    const ownKey = section.member !== undefined ? 'member' : section.file !== undefined ? 'file' : null;
    const { is } = ownKey === null ? play.firmware : section;
    if (image === undefined || is === 'verbatim') continue;
    const doubt = doubtOf(image);
    if (doubt === null) continue;
    const key = play.firmware.member === undefined ? 'file' : 'member';
    const place = ownKey === null ? `${pointer}/firmware/${key}` : `${at}/${ownKey}`;
    warn(place, 'doubtful-image', `the image ${doubt}`, {
      hint: 'compare it with what the vendor gives; if the device takes it as it is, write is: verbatim beside it',
    });
  }
}
