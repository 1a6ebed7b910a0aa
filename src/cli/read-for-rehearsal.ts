import path from 'node:path';
import { hasErrors, sortDiagnostics } from '../playbook/diagnostics.ts';
import type { Diagnostic } from '../playbook/diagnostics.ts';
import { loadPlaybook } from '../playbook/playbook.ts';
import { resolvePlaybook } from '../playbook/resolve.ts';
import type { ResolvedPlaybook } from '../playbook/resolved.ts';
import { InvalidFiles } from './invalid-files.ts';
import { readText } from './read-text.ts';
import { withStandIns } from '../rehearsal/stand-ins.ts';
import type { StandIn } from '../rehearsal/stand-ins.ts';

export interface RehearsedPlaybook {
  readonly resolved: ResolvedPlaybook;
  readonly standIns: readonly StandIn[];
  readonly warnings: readonly Diagnostic[];
}

/** A playbook as `apply` reads it, but for images that are not there. Throws InvalidFiles. */
export async function readForRehearsal(file: string): Promise<RehearsedPlaybook> {
  const { text, problem } = await readText(file);
  if (problem !== null) throw new InvalidFiles([problem]);
  const { playbook, diagnostics } = loadPlaybook(file, text);
  if (playbook === null) throw new InvalidFiles(diagnostics);
  const directory = path.dirname(file);
  const { playbook: replaced, images, standIns } = withStandIns(playbook, directory);
  const resolution = await resolvePlaybook(replaced, { directory, labImages: images });
  const warnings = sortDiagnostics([...diagnostics, ...resolution.diagnostics]);
  if (resolution.resolved === null || hasErrors(warnings)) throw new InvalidFiles(warnings);
  return { resolved: resolution.resolved, standIns, warnings };
}
