import path from 'node:path';
import { hasErrors, sortDiagnostics, type Diagnostic } from '../playbook/diagnostics.ts';
import { imageWarnings, writerWarnings } from '../playbook/lint/lint.ts';
import { loadPlaybook, type Playbook } from '../playbook/playbook.ts';
import { imageMistakes, resolvePlaybook } from '../playbook/resolve.ts';
import type { ResolvedPlaybook } from '../playbook/resolved.ts';
import type { CheckedPlaybook } from './checked-playbook.ts';
import { InvalidFiles } from './invalid-files.ts';
import { readText, type TextFile } from './read-text.ts';

export interface ReadPlaybook {
  readonly checked: CheckedPlaybook;
  readonly playbook: Playbook | null;
  /** null: an error, or no images wanted. */
  readonly resolved: ResolvedPlaybook | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadOptions {
  readonly labImages?: ReadonlyMap<string, Uint8Array> | undefined;
  readonly withoutImage?: boolean;
  /** Hash and size stand for an image that is not there: nothing may be sent. */
  readonly mayBeAbsent?: boolean;
  /** What was read of the file; absent or null: nothing yet. */
  readonly read?: TextFile | null;
}

/** Text → words → images: stages 1 to 3 of the design. All mistakes at once; nothing is thrown. */
export async function readPlaybook(file: string, options: ReadOptions = {}): Promise<ReadPlaybook> {
  // Images are read in threads of the pool, so that it is there anyway.
  const { text, problem } =
    options.read ?? (await readText(file, options.withoutImage === true ? 'main' : 'pool'));
  if (problem !== null) return read(file, null, null, [problem]);
  const { playbook, diagnostics, sound } = loadPlaybook(file, text);
  const places = {
    directory: path.dirname(file),
    withoutImage: options.withoutImage ?? false,
    mayBeAbsent: options.mayBeAbsent ?? false,
    ...(options.labImages === undefined ? {} : { labImages: options.labImages }),
  };
  if (playbook === null) {
    const more = sound === null ? [] : await imageMistakes(sound, places);
    return read(file, null, null, sortDiagnostics([...diagnostics, ...more]));
  }
  const resolution = await resolvePlaybook(playbook, places);
  return read(
    file,
    playbook,
    resolution.resolved,
    sortDiagnostics([...diagnostics, ...resolution.diagnostics]),
  );
}

/** The playbook that `plan` and `apply` work with. Throws InvalidFiles. */
export async function readForRun(
  file: string,
  labImages: ReadonlyMap<string, Uint8Array> | undefined,
  text: TextFile | null,
): Promise<ReadForRun> {
  const read = await readPlaybook(file, { labImages, read: text });
  const doubts = ({ playbook, resolved }: SoundPlaybook): readonly Diagnostic[] =>
    labImages === undefined ? [...imageWarnings(playbook, resolved), ...writerWarnings(playbook)] : [];
  return requireSound(read, doubts);
}

/** The playbook that `plan --inventory` works with: an image may be absent. Throws InvalidFiles. */
export async function readForReview(
  file: string,
  labImages: ReadonlyMap<string, Uint8Array> | undefined,
): Promise<ReadForRun> {
  const read = await readPlaybook(file, { labImages, mayBeAbsent: true });
  // What an image looks like is said where it is.
  return requireSound(read, ({ playbook }) => writerWarnings(playbook));
}

interface SoundPlaybook {
  readonly playbook: Playbook;
  readonly resolved: ResolvedPlaybook;
}

interface ReadForRun {
  readonly resolved: ResolvedPlaybook;
  readonly warnings: readonly Diagnostic[];
}

function requireSound(
  { checked, playbook, resolved, diagnostics }: ReadPlaybook,
  doubtsOf: (sound: SoundPlaybook) => readonly Diagnostic[],
): ReadForRun {
  if (playbook === null || resolved === null || hasErrors(diagnostics))
    throw new InvalidFiles(diagnostics, [checked]);
  return { resolved, warnings: sortDiagnostics([...diagnostics, ...doubtsOf({ playbook, resolved })]) };
}

function read(
  file: string,
  playbook: Playbook | null,
  resolved: ResolvedPlaybook | null,
  diagnostics: readonly Diagnostic[],
): ReadPlaybook {
  const images = (resolved?.plays ?? []).map(({ name, firmware }) => ({
    play: name,
    file: firmware.file,
    bytes: firmware.sizeBytes,
    sha256: firmware.sha256,
    revision: firmware.revision,
  }));
  const checked: CheckedPlaybook = {
    file,
    valid: !hasErrors(diagnostics),
    name: playbook?.words.name ?? null,
    sha256: playbook?.sha256 ?? null,
    images,
  };
  return { checked, playbook, resolved, diagnostics };
}
