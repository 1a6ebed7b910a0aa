import { knowledgeOf } from './knowledge.ts';
import type { Knowledge } from './knowledge.ts';
import type { DeviceRecord, RunRecord } from './run-record.ts';
import { isWhole } from './survey.ts';
import type { SurveyedRun } from './survey.ts';
import type { Outcome } from '../facts/outcome.ts';
import type { StateError } from './state-error.ts';

/** A run that was interrupted while it worked on a unit, and nobody has given a verdict on the unit since. */
export interface InterruptedRun {
  readonly run: string;
  /** When its last entry was written, ISO 8601. */
  readonly lastAt: string;
  readonly device: DeviceRecord;
  readonly knowledge: Knowledge;
}

/** @public for the tests */
export interface InterruptedRuns {
  /** By the id of the unit; the latest that sent something, else the latest. */
  readonly byUnit: ReadonlyMap<string, InterruptedRun>;
  /** Journals that may hold an interrupted run and cannot be read. */
  readonly unreadable: readonly StateError[];
}

/** Nothing was learned about the unit: an earlier interrupted run still stands. */
export const NO_VERDICT: ReadonlySet<Outcome> = new Set<Outcome>(['refused', 'skipped']);

/** What runs that died have left on these units; without `ids`: on all units. The runs may be in any order. */
export function interruptedRuns(
  runs: readonly SurveyedRun[],
  ids?: ReadonlySet<string>,
): ReadonlyMap<string, InterruptedRun> {
  const byUnit = new Map<string, InterruptedRun>();
  const settled = new Set<string>();
  for (const run of [...runs].sort(newestFirst)) {
    for (const { id, outcome, device } of worksOf(run)) {
      if (settled.has(id) || ids?.has(id) === false) continue;
      if (outcome !== null && !NO_VERDICT.has(outcome)) settled.add(id);
      if (outcome !== null || device === null || run.state !== 'died') continue;
      const later = byUnit.get(id);
      const dead = interruptedRun(run, device);
      if (later === undefined || later.knowledge.known === 'nothing-sent') {
        if (later === undefined || dead.knowledge.known !== 'nothing-sent') byUnit.set(id, dead);
      } else if (later.knowledge.known === 'partly-sent' && dead.knowledge.verifyFirst) {
        // The whole image of the earlier run may be there still, whatever came of the later one.
        byUnit.set(id, { ...later, ...interruptedRun(later, { ...later.device, lastChunkSent: true }) });
      }
    }
    // The devices of a lab that started from its file know nothing of what was before.
    if (isWhole(run) ? run.header?.host.fresh === true : run.fresh) break;
  }
  return byUnit;
}

interface Work {
  readonly id: string;
  /** null: no verdict. */
  readonly outcome: Outcome | null;
  readonly device: DeviceRecord | null;
}

/** Of the works of a run on one unit the last comes first: what an earlier play did to it is settled by that. */
function worksOf(run: SurveyedRun): Work[] {
  const works = isWhole(run)
    ? run.devices.map((device) => ({ id: device.id, outcome: device.result?.outcome ?? null, device }))
    : run.verdicts.map(({ device: id, outcome }) => ({ id, outcome, device: null }));
  const byUnit = new Map<string, Work[]>();
  for (const work of works) byUnit.set(work.id, [work, ...(byUnit.get(work.id) ?? [])]);
  return [...byUnit.values()].flat();
}

function interruptedRun(
  { run, lastAt }: Pick<RunRecord, 'run' | 'lastAt'>,
  device: DeviceRecord,
): InterruptedRun {
  return { run, lastAt: lastAt ?? '', device, knowledge: knowledgeOf(device, run) };
}

function newestFirst(a: SurveyedRun, b: SurveyedRun): number {
  const [left, right] = [a.startedAt ?? '', b.startedAt ?? ''];
  return left === right ? (a.run < b.run ? 1 : -1) : left < right ? 1 : -1;
}

/**
 * Does what the device holds come from this interrupted run, so that it may be discarded or activated
 * (decisions.md#after-a-crash)? Only for the same image, and only where something was sent.
 */
export function isOurs(interrupted: InterruptedRun | null, imageSha256: string): boolean {
  return (
    interrupted !== null &&
    interrupted.knowledge.known !== 'nothing-sent' &&
    interrupted.knowledge.known !== 'unclear' &&
    interrupted.device.imageSha256 === imageSha256
  );
}
