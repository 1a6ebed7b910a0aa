import type { Diagnostic } from './diagnostics.ts';
import type { Playbook } from './playbook.ts';
import type { ResolvedPlaybook } from './resolved.ts';

export interface ResolveOptions {
  /** Where `firmware.file` is looked up: the directory of the playbook. */
  readonly directory: string;
  /** Images of a lab by name, looked at when there is no such file. */
  readonly labImages?: ReadonlyMap<string, Uint8Array>;
  /** Check the words only; `resolved` is then null. */
  readonly withoutImage?: boolean;
}

export interface Resolution {
  /** Null when there is an error, without images, or when the playbook asks for what is not built yet. */
  readonly resolved: ResolvedPlaybook | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Stage 3: reads, hashes and cuts the images, and fills in every default. */
export async function resolvePlaybook(playbook: Playbook, options: ResolveOptions): Promise<Resolution> {
  await Promise.resolve([playbook, options]);
  throw new Error('not written yet');
}
