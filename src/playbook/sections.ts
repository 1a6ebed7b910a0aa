import type {
  PlayWords,
  SectionWords,
  SesSectionWords,
  WriteBufferSectionWords,
} from '../generated/playbook.ts';
import { childPointer } from './yaml-document.ts';

/** A section and where it stands. */
export interface PlacedSection<Section = SectionWords> {
  readonly section: Section;
  readonly pointer: string;
}

/** `download` is one section, a list, or absent. */
export function sectionsOf(play: PlayWords, playPointer: string): readonly PlacedSection[] {
  const { download } = play;
  const pointer = `${playPointer}/download`;
  if (download === undefined) return [];
  if (!Array.isArray(download)) return [{ section: download, pointer }];
  return download.map((section, index) => ({ section, pointer: childPointer(pointer, index) }));
}

export const isWriteBuffer = (placed: PlacedSection): placed is PlacedSection<WriteBufferSectionWords> =>
  placed.section.via === 'write-buffer';

export const isSes = (placed: PlacedSection): placed is PlacedSection<SesSectionWords> =>
  placed.section.via === 'ses';

/** Modes that carry a BUFFER OFFSET: the image may go in chunks. */
export const usesOffset = (mode: string): boolean => mode.startsWith('dmc_offs');

/** Modes whose image waits for activate_mc or for an event; all others activate by themselves. */
export const isDeferred = (mode: string): boolean => mode.endsWith('_defer');
