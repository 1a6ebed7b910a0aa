import path from 'node:path';
import type { ImagePiece, ResolvedChunkedSection, ResolvedSection } from '../playbook/resolved.ts';
import { fileWord, shellLine } from './shell.ts';
import { chunkCount } from '../base/units.ts';

/** How the file of a section is given to a tool that reads it as it is. */
export interface GivenFile {
  readonly file: string;
  /** Command that makes the file first: the tools know no packages and no headers; null: it is there. */
  readonly made: string | null;
}

/** What takes the image out of its package or from behind its header. */
export function givenFile({ file, member, strip }: ImagePiece, playbookFile: string): GivenFile {
  const at = path.isAbsolute(file) ? file : path.join(path.dirname(playbookFile), file);
  if (member === null && strip === null) return { file: fileWord(at), made: null };
  const out = path.basename(member === null ? `${file}.bare` : member.slice(member.lastIndexOf('!') + 1));
  const words = ['runbook', 'image', fileWord(at)];
  if (member !== null) words.push('--member', member);
  if (strip !== null) words.push('--strip', String(strip));
  return { file: fileWord(out), made: shellLine([...words, '--out', fileWord(out)]) };
}

/** The file that a section sends; of an image in several files one is made first. */
export function givenImage<Section extends ResolvedSection>(
  section: Section,
  playbookFile: string,
): { readonly section: Section; readonly file: string; readonly made: readonly string[] } {
  const { source, more = [] } = section;
  const pieces = [source, ...more].map((piece) => ({ piece, given: givenFile(piece, playbookFile) }));
  const made = pieces.flatMap(({ given }) => given.made ?? []);
  if (more.length === 0) return { section, file: pieces[0]!.given.file, made };
  const out = `${path.basename(source.file)}.whole`;
  const parts = pieces.map(({ piece: { skipBytes, lengthBytes }, given: { file } }) =>
    [
      shellLine(['tail', '-c', `+${skipBytes + 1}`, file]),
      ...(lengthBytes === null ? [] : [shellLine(['head', '-c', String(lengthBytes)])]),
    ].join(' | '),
  );
  const whole = {
    ...source,
    file: out,
    member: null,
    strip: null,
    skipBytes: 0,
    lengthBytes: null,
    fill: null,
  };
  return {
    section: { ...section, source: whole },
    file: fileWord(out),
    made: [...made, `{ ${parts.join('; ')}; } > ${fileWord(out)}`],
  };
}

/** Chunks that one call of a tool can send: alike in mode, one behind the other. */
export interface Run<Mode> {
  readonly mode: Mode;
  readonly first: number;
  readonly count: number;
}

/** The chunks of a section, and whether it takes more than one call. */
export interface Chunks<Mode> {
  readonly stepBytes: number;
  readonly count: number;
  readonly runs: readonly Run<Mode>[];
}

/** How a section is cut: the length of a step in bytes, and runs of chunks of one mode. */
export function chunksOfSection<Mode>(
  {
    image,
    mode,
    lastMode,
  }: Pick<ResolvedChunkedSection, 'image'> & { readonly mode: Mode; readonly lastMode: Mode | null },
  bpw: number | 'whole',
): Chunks<Mode> {
  const stepBytes = bpw === 'whole' ? image.length : bpw;
  const count = chunkCount(image.length, bpw);
  if (lastMode === null || lastMode === mode) return { stepBytes, count, runs: [{ mode, first: 0, count }] };
  const last = { mode: lastMode, first: count - 1, count: 1 };
  const runs = count === 1 ? [last] : [{ mode, first: 0, count: count - 1 }, last];
  return { stepBytes, count, runs };
}

export const option = (name: string, value: string | number): string => `--${name}=${value}`;

/** An option only where it is not what the tool does by itself. */
export const unless = (name: string, value: number, usual: number): readonly string[] =>
  value === usual ? [] : [option(name, value)];

/** One step of what runbook does to a unit, as one would do it by hand. */
export interface ExplainedStep {
  /** `check`, `download`, a step of `activate`, `verify`. */
  readonly step: string;
  /** For a POSIX shell, with sg3_utils; empty: nothing of the kind. */
  readonly commands: readonly string[];
  /** In place of the commands, when the device does not know the mode. */
  readonly otherwise: readonly string[];
  /** What runbook does beside them, and they do not. */
  readonly beside: readonly string[];
}
