import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import {
  prepareStateDirectory,
  stateDirectory,
  type StateDirectory,
} from '../run/records/state-directory.ts';
import { deadRunsAmong, type DeadRuns } from '../run/records/dead-runs.ts';
import { surveyRuns, type SurveyedRuns } from '../run/records/survey.ts';
import { withUnkept } from '../run/records/unkept.ts';
import { UnitStore, type UnitRecords } from '../run/records/unit-store.ts';
import type { CommonOptions } from './answer.ts';
import type { Io } from './io.ts';

export interface OpenedState {
  readonly directory: StateDirectory;
  /** A lab that starts from its file: nothing that was remembered holds for its devices. */
  readonly fresh: boolean;
  /** What is remembered of units. Throws StateError. */
  readonly records: () => Promise<UnitRecords>;
  /** What is to be known of all runs that left a journal. Throws StateError. */
  readonly runs: () => Promise<SurveyedRuns>;
  /** What runs that died have left behind. Throws StateError. */
  readonly deadRuns: () => Promise<DeadRuns>;
  /** Makes the directory and proves that it can be written to. Throws StateError. */
  readonly prepare: () => Promise<void>;
}

/** The place of this command's memory. Touches nothing. */
export const statePlace = (
  { stateDir, lab }: { readonly stateDir?: string | undefined; readonly lab?: string | undefined },
  env: Io['env'],
): StateDirectory =>
  stateDirectory({ stateDir, env, isRoot: process.getuid?.() === 0, home: homedir(), lab });

/** Where this command remembers. Touches nothing by itself. */
export function openState(options: CommonOptions, { env }: Pick<Io, 'env'>): OpenedState {
  const { lab, labState } = options;
  const directory = statePlace(options, env);
  const fresh = lab !== undefined && (labState === undefined || !existsSync(labState));
  let read: Promise<SurveyedRuns> | null = null;
  const runs = (): Promise<SurveyedRuns> => (read ??= surveyRuns(directory.runs));
  return {
    directory,
    fresh,
    runs: () => (fresh ? Promise.resolve({ runs: [], unreadable: [] }) : runs()),
    records: async () => {
      if (fresh) return { byUnit: new Map(), damaged: [] };
      const { byUnit, damaged } = await new UnitStore(directory.units).readAll();
      return { byUnit: withUnkept(byUnit, (await runs()).runs), damaged };
    },
    deadRuns: async () => {
      if (fresh) return { byUnit: new Map(), unreadable: [] };
      const { runs: all, unreadable } = await runs();
      return { byUnit: deadRunsAmong(all), unreadable };
    },
    prepare: () => prepareStateDirectory(directory),
  };
}
