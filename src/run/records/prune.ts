import { rm } from 'node:fs/promises';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { syncDirectory } from '../../base/durable-file.ts';
import { StateError, writeAdvice } from './state-error.ts';
import type { UnitRecord } from './unit-record.ts';
import { withUnkept } from './unkept.ts';
import { interruptedRuns, NO_VERDICT } from './interrupted-runs.ts';
import { JOURNAL_SUFFIX } from './journal-reader.ts';
import { requireOwnPlace } from './state-directory.ts';
import { isWhole } from './survey.ts';
import type { SurveyedRun } from './survey.ts';

/** A journal that is old enough to go, and has to stay. */
export interface KeptJournal {
  readonly run: string;
  readonly reason: string;
}

export interface PruneChoice {
  /** Oldest first. */
  readonly remove: readonly string[];
  readonly keep: readonly KeptJournal[];
}

/**
 * Which journals may go: those of runs that began before `before`, and whose absence changes nothing that any later command
 * says or does. Pure.
 *
 * @param runs all of the directory, oldest first
 * @param records as they are in the store
 */
export function chooseJournals(
  runs: readonly SurveyedRun[],
  records: ReadonlyMap<string, UnitRecord>,
  before: Date,
): PruneChoice {
  const limit = before.toISOString();
  const named = namedBy(records);
  const open = new Set(interruptedRuns(runs).keys());
  const reasons = new Map<string, string>();
  for (const run of runs) {
    if (run.startedAt !== null && run.startedAt >= limit) continue;
    const reason = whyNeeded(run, records, named, open);
    if (reason !== null) reasons.set(run.run, reason);
  }
  const isOld = ({ startedAt }: SurveyedRun): boolean => startedAt !== null && startedAt < limit;
  const stays = (run: SurveyedRun): boolean => !isOld(run) || reasons.has(run.run);
  // A run that died stays settled only as long as one of the verdicts that settled it can be read.
  for (const [index, dead] of runs.entries()) {
    if (dead.state !== 'died' || !isWhole(dead) || !stays(dead)) continue;
    for (const { id, result } of dead.devices) {
      if (result !== null) continue;
      const settlers = runs.slice(index + 1).filter((later) => settledBy(later).includes(id));
      const last = settlers.at(-1);
      if (last === undefined || settlers.some(stays)) continue;
      reasons.set(last.run, `it says how run ${dead.run} ended, which was interrupted`);
    }
  }
  // Nothing before a lab that started from its file counts; without it, it would count again.
  const fresh = runs.findLast((run) => (isWhole(run) ? run.header?.host.fresh === true : run.fresh));
  if (fresh !== undefined && isOld(fresh) && !reasons.has(fresh.run)) {
    reasons.set(fresh.run, 'the lab started from its file there');
  }
  return {
    remove: runs.filter((run) => !stays(run)).map(({ run }) => run),
    keep: [...reasons].map(([run, reason]) => ({ run, reason })),
  };
}

function whyNeeded(
  run: SurveyedRun,
  records: ReadonlyMap<string, UnitRecord>,
  named: ReadonlyMap<string, string>,
  open: ReadonlySet<string>,
): string | null {
  if (run.state === 'running') return 'it is running';
  // Also where a later run was interrupted on the same unit: what this one had sent may be there still.
  const left =
    run.state === 'died' && isWhole(run) ? run.devices.filter(({ result }) => result === null) : [];
  const unit = left.find(({ id }) => open.has(id))?.id;
  if (unit !== undefined) return `it was interrupted on ${unit}, which was not checked since`;
  // Only there until a later run writes it down.
  const unkept =
    isWhole(run) && [...withUnkept(records, [run])].some(([id, record]) => records.get(id) !== record);
  if (unkept) return 'it holds a verdict that is in no record';
  return named.get(run.run) ?? null;
}

/** Runs that records of units send people to. */
function namedBy(records: ReadonlyMap<string, UnitRecord>): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const { unit, run, outcome, frozen, endedBadly } of records.values()) {
    if (outcome !== 'updated' && outcome !== 'current') named.set(run, `${unit} ended ${outcome} there`);
    for (const bad of endedBadly) named.set(bad.run, `an image ended ${bad.outcome} on ${unit} there`);
    if (frozen !== null) named.set(frozen.run, `${unit} is frozen since then`);
  }
  return named;
}

/** Ids of units whose earlier interrupted runs this run has settled. */
const settledBy = (run: SurveyedRun): string[] =>
  isWhole(run)
    ? run.devices.flatMap(({ id, result }) => (result === null || NO_VERDICT.has(result.outcome) ? [] : [id]))
    : run.verdicts.flatMap(({ device, outcome }) => (NO_VERDICT.has(outcome) ? [] : [device]));

/** Removes journals, oldest first. Throws StateError: `others-can-write`, or `state-not-writable`; those before it are gone then. */
export async function removeJournals(directory: string, runs: readonly string[]): Promise<void> {
  if (runs.length > 0) requireOwnPlace(directory);
  for (const run of runs) {
    const file = path.join(directory, run + JOURNAL_SUFFIX);
    try {
      await rm(file, { force: true });
    } catch (error) {
      throw new StateError(
        'state-not-writable',
        `the journal ${file} cannot be removed: ${causeText(error)}`,
        writeAdvice(error, directory),
        { file },
        { cause: error },
      );
    }
  }
  if (runs.length > 0) await syncDirectory(directory);
}
