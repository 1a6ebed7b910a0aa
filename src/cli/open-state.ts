import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { prepareStateDirectory, stateDirectory, type StateDirectory } from '../run/state-directory.ts';
import { UnitStore, type UnitRecords } from '../run/store.ts';
import type { CommonOptions } from './answer.ts';
import type { Io } from './io.ts';

export interface OpenedState {
  readonly directory: StateDirectory;
  /** A lab that starts from its file: nothing that was remembered holds for its devices. */
  readonly fresh: boolean;
  /** What is remembered of units. Throws StateError. */
  readonly records: () => Promise<UnitRecords>;
  /** Makes the directory and proves that it can be written to. Throws StateError. */
  readonly prepare: () => Promise<void>;
}

/** Where this command remembers. Touches nothing by itself. */
export function openState(options: CommonOptions, { env }: Pick<Io, 'env'>): OpenedState {
  const { lab, labState, stateDir } = options;
  const directory = stateDirectory({
    stateDir,
    env,
    isRoot: process.getuid?.() === 0,
    home: homedir(),
    lab,
  });
  const fresh = lab !== undefined && (labState === undefined || !existsSync(labState));
  return {
    directory,
    fresh,
    records: async () =>
      fresh ? { byUnit: new Map(), damaged: [] } : new UnitStore(directory.units).readAll(),
    prepare: () => prepareStateDirectory(directory),
  };
}
