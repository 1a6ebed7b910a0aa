import { knowledgeOf } from './knowledge.ts';
import type { Knowledge } from './knowledge.ts';
import { readRuns } from './reader.ts';
import type { DeviceRecord, RunRecord } from './record.ts';
import type { Outcome } from '../outcome.ts';
import type { StateError } from '../store/state-error.ts';

/** A run that died while it worked on a unit, and nobody has given a verdict on the unit since. */
export interface DeadRun {
  readonly run: string;
  /** When its last entry was written, ISO 8601. */
  readonly lastAt: string;
  readonly device: DeviceRecord;
  readonly knowledge: Knowledge;
}

export interface DeadRuns {
  /** By the id of the unit; the latest that sent something, else the latest. */
  readonly byUnit: ReadonlyMap<string, DeadRun>;
  /** Journals that may hold a dead run and cannot be read. */
  readonly unreadable: readonly StateError[];
}

/** Nothing was learned about the unit: an earlier dead run still stands. */
const NO_VERDICT: ReadonlySet<Outcome> = new Set<Outcome>(['refused', 'skipped']);

/** What runs that died have left on these units; without `ids`: on all units. */
export async function deadRunsOn(directory: string, ids?: ReadonlySet<string>): Promise<DeadRuns> {
  const { runs, unreadable } = await readRuns(directory);
  return { byUnit: deadRunsAmong(runs, ids), unreadable };
}

/** The same for runs that were read already, in any order. */
export function deadRunsAmong(
  runs: readonly RunRecord[],
  ids?: ReadonlySet<string>,
): ReadonlyMap<string, DeadRun> {
  const byUnit = new Map<string, DeadRun>();
  const settled = new Set<string>();
  for (const run of [...runs].sort(newestFirst)) {
    for (const device of run.devices) {
      if (settled.has(device.id) || ids?.has(device.id) === false) continue;
      const later = byUnit.get(device.id);
      if (device.result !== null) {
        if (!NO_VERDICT.has(device.result.outcome)) settled.add(device.id);
        continue;
      }
      if (run.state !== 'died') continue;
      const dead = deadRun(run, device);
      if (later === undefined || later.knowledge.known === 'nothing-sent') {
        if (later === undefined || dead.knowledge.known !== 'nothing-sent') byUnit.set(device.id, dead);
      } else if (later.knowledge.known === 'partly-sent' && dead.knowledge.verifyFirst) {
        // The whole image of the earlier run may be there still, whatever came of the later one.
        byUnit.set(device.id, { ...later, ...deadRun(later, { ...later.device, lastChunkSent: true }) });
      }
    }
    // The devices of a lab that started from its file know nothing of what was before.
    if (run.header?.host.fresh === true) break;
  }
  return byUnit;
}

function deadRun({ run, lastAt }: Pick<RunRecord, 'run' | 'lastAt'>, device: DeviceRecord): DeadRun {
  return { run, lastAt: lastAt ?? '', device, knowledge: knowledgeOf(device, run) };
}

function newestFirst(a: RunRecord, b: RunRecord): number {
  const [left, right] = [a.startedAt ?? '', b.startedAt ?? ''];
  return left === right ? (a.run < b.run ? 1 : -1) : left < right ? 1 : -1;
}

/**
 * Does what the device holds come from this dead run, so that it may be thrown away or activated (rules.md section 5)? Only
 * for the same image, and only where something was sent.
 */
export function isOurs(dead: DeadRun | undefined, imageSha256: string): boolean {
  return (
    dead !== undefined &&
    dead.knowledge.known !== 'nothing-sent' &&
    dead.knowledge.known !== 'unclear' &&
    dead.device.imageSha256 === imageSha256
  );
}
