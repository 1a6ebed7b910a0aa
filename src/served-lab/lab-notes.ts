import { closeSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openOwnDirectory } from '../base/own-directory.ts';
import type { LabRoots } from './lab-roots.ts';

/** What the next command must know of a lab that is up, or that died. */
export interface LabNotes {
  /** Real path of the lab file. */
  readonly file: string;
  readonly pid: number;
  /** Device nodes that would not be there without us. */
  readonly nodes: readonly string[];
}

export type RunRoot = Pick<LabRoots, 'run'>;

const fileOf = (id: string, kind: 'lock' | 'json' | 'sock', { run }: RunRoot): string =>
  path.join(run, `${id}.${kind}`);

export const labLockFile = (id: string, roots: RunRoot): string => fileOf(id, 'lock', roots);
export const socketFile = (id: string, roots: RunRoot): string => fileOf(id, 'sock', roots);

/** Nobody but root may speak to a lab, so nobody else may look into its folder. Throws OthersCanWriteError. */
export const makeRunDirectory = ({ run }: RunRoot): void => closeSync(openOwnDirectory(run));

/** Whole or not at all: a file beside it, then renamed. */
export function writeNotes(id: string, notes: LabNotes, roots: RunRoot): void {
  const file = fileOf(id, 'json', roots);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(notes)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

/** null: there are none, or nobody can read them. Whatever they said, the kernel tells which units there are. */
export function readNotes(id: string, roots: RunRoot): LabNotes | null {
  try {
    const value = JSON.parse(readFileSync(fileOf(id, 'json', roots), 'utf8')) as Partial<LabNotes>;
    const { file, pid, nodes } = value;
    if (typeof file !== 'string' || typeof pid !== 'number' || !Array.isArray(nodes)) return null;
    return { file, pid, nodes: nodes.filter((node) => typeof node === 'string') };
  } catch {
    return null;
  }
}

/** The lock stays: two processes could else hold two files of one name. */
export function removeNotes(id: string, roots: RunRoot): void {
  for (const kind of ['json', 'sock'] as const) rmSync(fileOf(id, kind, roots), { force: true });
}

/** Labs that left a note: they are up, or they died. */
export function notedLabs({ run }: RunRoot): string[] {
  try {
    return readdirSync(run).flatMap((name) => /^([0-9a-f]{8})\.json$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}
