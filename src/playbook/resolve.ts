import { ImageSource } from './image-source.ts';
import type { Diagnostic, Problem } from './diagnostics.ts';
import { diagnosticAt, hasErrors, sortDiagnostics } from './diagnostics.ts';
import type { Playbook, SoundImages } from './playbook.ts';
import { fetchImage, imageWords, resolvePlay } from './resolve-play.ts';
import type { ResolvedPlay, ResolvedPlaybook } from './resolved.ts';
import { deepFreeze } from './words.ts';

export interface ResolveOptions {
  /** Where `firmware.file` is looked up: the directory of the playbook. */
  readonly directory: string;
  /** Images of a lab by name, looked at when there is no such file. */
  readonly labImages?: ReadonlyMap<string, Uint8Array>;
  /** Check the words only: no file is opened and `resolved` is null. */
  readonly withoutImage?: boolean;
  /** Hash and size stand for an image that is not there: nothing may be sent. */
  readonly mayBeAbsent?: boolean;
}

export interface Resolution {
  /** Null when there is an error, or without images. */
  readonly resolved: ResolvedPlaybook | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Stage 3: reads, hashes and cuts the images, and fills in every default. All problems at once; never throws for them. */
export async function resolvePlaybook(playbook: Playbook, options: ResolveOptions): Promise<Resolution> {
  if (options.withoutImage === true) return { resolved: null, diagnostics: [] };
  const { document, words } = playbook;
  const diagnostics: Diagnostic[] = [];
  const report = (problem: Problem): void => {
    diagnostics.push(diagnosticAt(document.source, document.valueSpan(problem.path), problem));
  };
  const images = new ImageSource(options.directory, options.labImages ?? null, options.mayBeAbsent);
  const plays: (ResolvedPlay | null)[] = [];
  for (const [index, play] of words.plays.entries()) {
    plays.push(await resolvePlay(play, `/plays/${index}`, images, report));
  }
  const complete = plays.filter((play) => play !== null);
  if (hasErrors(diagnostics) || complete.length < plays.length) {
    return { resolved: null, diagnostics: sortDiagnostics(diagnostics) };
  }
  const { strategy = {} } = words;
  const resolved: ResolvedPlaybook = {
    file: playbook.file,
    sha256: playbook.sha256,
    name: words.name,
    why: words.why ?? null,
    plays: complete,
    strategy: {
      canary: strategy.canary ?? 0,
      canaryAccepts: strategy['canary-accepts'] ?? 'updated',
      together: strategy.together ?? null,
      redundancy: strategy.redundancy ?? 'required',
      inUse: strategy['in-use'] ?? 'refuse',
      raidAdapter: strategy['raid-adapter'] ?? 'refuse',
      health: strategy.health ?? 'required',
      proceedWithout: strategy['proceed-without'] ?? [],
      partnerSync: strategy['partner-sync'] ?? 'none',
      partnerAfter: strategy['partner-after'] ?? 'updated',
      concurrent: strategy.concurrent ?? 1,
      maxFailures: strategy['max-failures'] ?? 0,
      onRefusal: strategy['on-refusal'] ?? 'halt',
    },
  };
  return { resolved: deepFreeze(resolved), diagnostics: sortDiagnostics(diagnostics) };
}

/** The mistakes in images of a playbook that has others, too. Never throws for them. */
export async function imageMistakes(
  { document, firmware }: SoundImages,
  options: ResolveOptions,
): Promise<readonly Diagnostic[]> {
  if (options.withoutImage === true) return [];
  const images = new ImageSource(options.directory, options.labImages ?? null);
  const diagnostics: Diagnostic[] = [];
  for (const { pointer, words } of firmware) {
    await fetchImage(imageWords(words), pointer, images, (problem) =>
      diagnostics.push(diagnosticAt(document.source, document.valueSpan(problem.path), problem)),
    );
  }
  return diagnostics;
}
