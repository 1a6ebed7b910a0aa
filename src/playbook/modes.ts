import type { ResolvedSection } from './resolved.ts';

/** Modes that carry a BUFFER OFFSET: the image may go in chunks. */
export const usesOffset = (mode: string): boolean => mode.startsWith('dmc_offs');

/** Modes whose image waits for activate_mc or for an event; all others activate by themselves. */
export const isDeferred = (mode: string): boolean => mode.endsWith('_defer');

/** Modes whose image is kept over a power cycle. */
export const isSaved = (mode: string): boolean => mode !== 'dmc' && mode !== 'dmc_offs';

/** The command that ends the download saves the image. What a vendor's program sends is not known. */
export const savesImage = (section: ResolvedSection): boolean =>
  section.via === 'external' || isSaved(endModeOf<string>(section));

/** However the download goes, its fallback included. */
export const alwaysSavesImage = (section: ResolvedSection): boolean =>
  savesImage(section) &&
  (section.via === 'external' || section.otherwise === null || isSaved(section.otherwise.mode));

/** Mode of the command that ends the download of a section: it decides whether the image is saved, and whether it waits. */
export const endModeOf = <Mode extends string>({
  mode,
  lastMode,
  endWith,
}: {
  readonly mode: Mode;
  readonly lastMode: Mode | null;
  readonly endWith: Mode | null;
}): Mode => endWith ?? lastMode ?? mode;
