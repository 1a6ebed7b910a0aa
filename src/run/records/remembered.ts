import { knowledgeOf } from './knowledge.ts';
import { isWhole } from './survey.ts';
import type { SurveyedRun } from './survey.ts';
import type { UnitRecord } from './unit-record.ts';

/** What records and journals say of one unit, for `status`. */
export interface Remembered {
  /** The run that is at work on it now, and how far it is; null: none is. */
  readonly atWork: { readonly run: string; readonly text: string } | null;
  /** How the last work on it ended; null: nothing is remembered. */
  readonly last: Pick<
    UnitRecord,
    'run' | 'at' | 'outcome' | 'before' | 'target' | 'after' | 'pending'
  > | null;
  /** Why nothing may be done to it, until it was recovered. */
  readonly frozenSince: { readonly run: string; readonly at: string } | null;
}

/** What records and journals say of one unit. Pure. */
export function rememberedOf(
  unit: string,
  records: ReadonlyMap<string, UnitRecord>,
  runs: readonly SurveyedRun[],
): Remembered {
  const record = records.get(unit);
  const running = runs
    .filter(isWhole)
    .find(
      ({ state, devices }) =>
        state === 'running' && devices.some(({ id, result }) => id === unit && result === null),
    );
  const device = running?.devices.find(({ id, result }) => id === unit && result === null);
  return {
    atWork:
      running === undefined || device === undefined
        ? null
        : { run: running.run, text: knowledgeOf(device, running.run).text },
    last: record === undefined ? null : lastOf(record),
    frozenSince: record?.frozen ? { run: record.frozen.run, at: record.frozen.at } : null,
  };
}

const lastOf = ({ run, at, outcome, before, target, after, pending }: UnitRecord): Remembered['last'] => ({
  run,
  at,
  outcome,
  before,
  target,
  after,
  pending,
});
