import { readBootId } from '../../host/machine.ts';
import { foldMemory, NOTHING_REMEMBERED } from './memory.ts';
import type { HostMemory } from './memory.ts';
import type { StateDirectory } from './state-directory.ts';
import type { StateError } from './state-error.ts';
import { surveyRuns } from './survey.ts';
import type { SurveyedRun } from './survey.ts';
import type { UnitRecord } from './unit-record.ts';
import { UnitStore } from './unit-store.ts';

export interface ReadMemory {
  readonly memory: HostMemory;
  /** By id of the unit, as they are in the store. */
  readonly records: ReadonlyMap<string, UnitRecord>;
  /** The runs that it was made from, oldest first. */
  readonly runs: readonly SurveyedRun[];
  /** Records of units that cannot be understood: one of them may say `frozen`. */
  readonly damaged: readonly StateError[];
  /** Journals that may hold an interrupted run and cannot be read. */
  readonly unreadable: readonly StateError[];
}

/** A lab that starts from its file has new devices: nothing is remembered of them. */
export const NOTHING_READ: ReadMemory = {
  memory: NOTHING_REMEMBERED,
  records: new Map(),
  runs: [],
  damaged: [],
  unreadable: [],
};

/** What a state directory remembers of the units of this host. Throws StateError `state-not-readable`. */
export async function readMemory({ runs, units }: StateDirectory): Promise<ReadMemory> {
  const { byUnit: records, damaged } = await new UnitStore(units).readAll();
  const surveyed = await surveyRuns(runs);
  return {
    memory: foldMemory(records, surveyed.runs, readBootId()),
    records,
    runs: surveyed.runs,
    damaged,
    unreadable: surveyed.unreadable,
  };
}
