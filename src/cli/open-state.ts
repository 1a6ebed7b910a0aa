import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { VERSION } from '../base/program-facts.ts';
import {
  prepareStateDirectory,
  requireOwnState,
  stateDirectory,
  type StateDirectory,
} from '../run/records/state-directory.ts';
import { NOTHING_READ, readMemory, type ReadMemory } from '../run/records/read-memory.ts';
import type { Restart } from '../run/facts/evidence.ts';
import type { Ending } from '../run/records/unit-record.ts';
import { UnitStore } from '../run/records/unit-store.ts';
import type { CommonOptions } from './answer.ts';
import type { Io } from './io.ts';

export interface OpenedState {
  readonly directory: StateDirectory;
  /** A lab that starts from its file: nothing that was remembered holds for its devices. */
  readonly fresh: boolean;
  /** What records and journals say of the units of this host now. Throws StateError. */
  readonly memory: () => Promise<ReadMemory>;
  /** Keeps unit attentions that a look took from a unit. Throws StateError. */
  readonly keepHeard: (unit: string, heard: readonly Restart[]) => Promise<void>;
  /** Keeps what a look has found of a unit, where a later one could not find it again. Throws StateError. */
  readonly keepVerdict: (ending: Ending) => Promise<void>;
  /** Asked first by a command that changes what is there; nothing is touched. Throws StateError `others-can-write`. */
  readonly requireOwn: () => Promise<void>;
  /** Makes the directory and proves that it can be written to. Throws StateError. */
  readonly prepare: () => Promise<void>;
}

/** The place of this command's memory. Touches nothing. */
export const stateLocation = (
  { stateDir, lab }: { readonly stateDir?: string | undefined; readonly lab?: string | undefined },
  env: Io['env'],
): StateDirectory =>
  stateDirectory({ stateDir, env, isRoot: process.getuid?.() === 0, home: homedir(), lab });

/** Where this command remembers. Touches nothing by itself. */
export function openState(options: CommonOptions, { env }: Pick<Io, 'env'>): OpenedState {
  const { lab, labState } = options;
  const directory = stateLocation(options, env);
  const fresh = lab !== undefined && (labState === undefined || !existsSync(labState));
  return {
    directory,
    fresh,
    memory: () => (fresh ? Promise.resolve(NOTHING_READ) : readMemory(directory)),
    keepHeard: (unit, heard) => new UnitStore(directory.units).rememberRestarts(unit, heard),
    keepVerdict: (ending) => new UnitStore(directory.units).remember({ ...ending, runbook: VERSION }),
    requireOwn: () => requireOwnState(directory),
    prepare: () => prepareStateDirectory(directory, { simulated: lab !== undefined }),
  };
}
