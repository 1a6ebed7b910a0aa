import path from 'node:path';
import type { ImagePiece, ResolvedChunkedSection } from '../playbook/resolved.ts';
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
