import type {
  PlayWords,
  SectionWords,
  SesSectionWords,
  WriteBufferSectionWords,
} from '../generated/playbook.ts';
import { parseSize } from '../base/units.ts';
import { usesOffset } from './modes.ts';
import type { BytesPerWrite } from './resolved.ts';
import type { TransferProblem } from './transfer.ts';
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

export const isSes = (placed: PlacedSection): placed is PlacedSection<SesSectionWords> =>
  placed.section.via === 'ses';

/** A section whose bytes runbook itself sends. */
export type ChunkedSection = WriteBufferSectionWords | SesSectionWords;

/** Words to value. Modes without offsets send all in one command unless the playbook says otherwise; null: not said. */
export function bytesPerWrite(mode: string, bpw: number | string | undefined): BytesPerWrite | null {
  if (bpw === undefined) return usesOffset(mode) ? null : 'whole';
  return bpw === 'auto' || bpw === 'whole' ? bpw : parseSize(bpw);
}

/** The section's own mode sends one command and has no use for an offset. */
export const isOneCommand = ({ mode, bpw }: ChunkedSection): boolean =>
  !usesOffset(mode) && bytesPerWrite(mode, bpw) === 'whole';

/** Where a section's bytes go, in numbers. */
export const bufferOf = (
  section: ChunkedSection,
): { readonly offsetBytes: number; readonly bufferId: number; readonly bufferIdStep: number } => ({
  offsetBytes: parseSize(section.offset ?? 0) ?? 0,
  bufferId: section['buffer-id'] ?? 0,
  bufferIdStep: section['buffer-id-step'] ?? 0,
});

/** A mode in which a section may be sent, with the size of its chunks. */
export interface ModeChoice {
  readonly mode: string;
  readonly bpw: BytesPerWrite | null;
  /** JSON pointers of the keys that it comes from. */
  readonly pointers: Readonly<Record<TransferProblem['key'], string>>;
}

/** A section's own mode, and its fallback. A fallback to one command does not take over the size of chunks. */
export function modeChoicesOf(section: ChunkedSection, pointer: string): readonly ModeChoice[] {
  const pointers = {
    mode: `${pointer}/mode`,
    bpw: `${pointer}/bpw`,
    offset: `${pointer}/offset`,
    'buffer-id-step': `${pointer}/buffer-id-step`,
  };
  const own = { mode: section.mode, bpw: bytesPerWrite(section.mode, section.bpw), pointers };
  if (section.otherwise === undefined) return [own];
  const { mode, bpw } = section.otherwise;
  const fallback = usesOffset(mode) ? (bpw ?? section.bpw) : bpw;
  const there = { ...pointers, mode: `${pointer}/otherwise/mode` };
  if (bpw !== undefined) there.bpw = `${pointer}/otherwise/bpw`;
  return [own, { mode, bpw: bytesPerWrite(mode, fallback), pointers: there }];
}

/** A mode with which a download can end, and the key that says so, relative to its section. */
export interface EndMode {
  readonly mode: string;
  readonly key: string;
}

/** Mode of the command that ends the download: it decides whether the image is saved, and whether it waits. */
export function ordinaryEnd(section: ChunkedSection): EndMode {
  const { mode, 'last-mode': last, 'end-with': end } = section;
  if (end !== undefined) return { mode: end.mode, key: 'end-with/mode' };
  return last === undefined ? { mode, key: 'mode' } : { mode: last, key: 'last-mode' };
}

/** The ordinary end, and the fallback, which is one of the choices. */
export const endsOf = (section: ChunkedSection): readonly EndMode[] => [
  ordinaryEnd(section),
  ...(section.otherwise === undefined ? [] : [{ mode: section.otherwise.mode, key: 'otherwise/mode' }]),
];
