import path from 'node:path';
import { hasErrors, sortDiagnostics, type Diagnostic } from '../playbook/diagnostics.ts';
import { imageWarnings, writerWarnings } from '../playbook/lint/lint.ts';
import { loadPlaybook, type Playbook } from '../playbook/playbook.ts';
import { imageMistakes, resolvePlaybook } from '../playbook/resolve.ts';
import type { ResolvedPlaybook } from '../playbook/resolved.ts';
import type { CheckedPlaybook } from './checked-playbook.ts';
import { InvalidFiles } from './invalid-files.ts';
import { readText } from './read-text.ts';

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
}

/** Text → words → images: stages 1 to 3 of the design. All mistakes at once; nothing is thrown. */
export async function readPlaybook(file: string, options: ReadOptions = {}): Promise<ReadPlaybook> {
  // Images are read in threads of the pool, so that it is there anyway.
  const { text, problem } = await readText(file, options.withoutImage === true ? 'main' : 'pool');
  if (problem !== null) return read(file, null, null, [problem]);
  const { playbook, diagnostics, sound } = loadPlaybook(file, text);
  const places = {
    directory: path.dirname(file),
    withoutImage: options.withoutImage ?? false,
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
): Promise<{ readonly resolved: ResolvedPlaybook; readonly warnings: readonly Diagnostic[] }> {
  const { checked, playbook, resolved, diagnostics } = await readPlaybook(file, { labImages });
  if (playbook === null || resolved === null || hasErrors(diagnostics))
    throw new InvalidFiles(diagnostics, [checked]);
  const doubts =
    labImages === undefined ? [...imageWarnings(playbook, resolved), ...writerWarnings(playbook)] : [];
  return { resolved, warnings: sortDiagnostics([...diagnostics, ...doubts]) };
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
