import { sharersAmong } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { sharersOf } from './device-memory.ts';
import { interruptedRuns } from './interrupted-runs.ts';
import type { InterruptedRun } from './interrupted-runs.ts';
import { knowledgeOf } from './knowledge.ts';
import { isWhole } from './survey.ts';
import type { SurveyedRun } from './survey.ts';
import { withUnkept } from './unkept.ts';
import { nextRecord, withRestarts } from './unit-record.ts';
import type { Restart } from '../facts/evidence.ts';
import type { Ending, UnitRecord } from './unit-record.ts';

/**
 * Everything that records and journals say of one unit. Each command asks this, and none reads journals for itself;
 * `openEnd` (./open-units.ts), `stillWaits` (./waiting.ts) and `earlierWorkOn` (./earlier-work.ts) answer from it.
 */
export interface UnitMemory {
  /** Id of the unit. */
  readonly unit: string;
  /**
   * How the last work with a verdict ended, even if only the journal of an interrupted run has it; null: there was none. It may be of
   * another logical unit (`unit` of the record): work on the microcode that they share.
   */
  readonly record: UnitRecord | null;
  /** A run that was interrupted on this unit, and no verdict on it since; null: there is none. */
  readonly interrupted: InterruptedRun | null;
  /** The run that works on it now, and how far it has come; null: none does. */
  readonly atWork: { readonly run: string; readonly text: string } | null;
  /** Boot of the host now; null: not known. */
  readonly bootId: string | null;
}

/** What is remembered of all units of a host. */
export interface HostMemory {
  /** By id, each for itself; a unit that is not here was never worked on. `memoryOf` alone knows of what they share. */
  readonly units: ReadonlyMap<string, UnitMemory>;
  /** Ids of the units that run one microcode, by the id of each. */
  readonly sharers: ReadonlyMap<string, readonly string[]>;
  /** Boot of the host now; null: not known. */
  readonly bootId: string | null;
}

export const NOTHING_REMEMBERED: HostMemory = { units: new Map(), sharers: new Map(), bootId: null };

/**
 * What records and journals say of this unit, and of the logical units that run its microcode, too; never null, because "nothing" is
 * an answer too.
 */
export function memoryOf({ units, sharers, bootId }: HostMemory, unit: string): UnitMemory {
  const own = units.get(unit) ?? { unit, record: null, interrupted: null, atWork: null, bootId };
  const others = sharers.get(unit);
  return others === undefined
    ? own
    : deviceMemory(
        own,
        others.flatMap((id) => units.get(id) ?? []),
      );
}

/**
 * What is remembered of a unit whose microcode other logical units run, too (decisions.md#unit-of-damage): whatever was done through one
 * of them was done to all, and the latest work counts. Pure.
 *
 * @param others what is remembered of each of the others, for itself
 */
function deviceMemory(own: UnitMemory, others: readonly UnitMemory[]): UnitMemory {
  const all = [own, ...others];
  const records = all
    .flatMap(({ record }) => record ?? [])
    // Equally late: its own first.
    .sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
  const record = latestOf(records);
  const standing = all.flatMap(({ unit, interrupted }) => {
    if (interrupted === null) return [];
    // Its own journal knows already whether a verdict came behind it.
    const isSettled = record !== null && record.unit !== unit && record.at > interrupted.lastAt;
    return isSettled ? [] : [interrupted];
  });
  return {
    ...own,
    record,
    interrupted: latestInterrupted(standing),
    atWork: all.find(({ atWork }) => atWork !== null)?.atWork ?? null,
  };
}

/** @param records the latest first */
function latestOf([latest, ...older]: readonly UnitRecord[]): UnitRecord | null {
  if (latest === undefined) return null;
  const images = new Set([latest, ...latest.endedBadly].map(({ imageSha256 }) => imageSha256));
  const bad = older
    .flatMap(({ endedBadly }) => endedBadly)
    .filter(({ imageSha256 }) => !images.has(imageSha256));
  const frozen = older.find((record) => record.frozen !== null)?.frozen ?? null;
  return {
    ...latest,
    // Only a good image takes it away.
    frozen: latest.frozen ?? (latest.outcome === 'updated' ? null : frozen),
    endedBadly: [...latest.endedBadly, ...bad],
  };
}

/** The latest that sent something, else the latest. */
function latestInterrupted(runs: readonly InterruptedRun[]): InterruptedRun | null {
  const sent = runs.filter(({ knowledge }) => knowledge.known !== 'nothing-sent');
  const [latest = null] = [...(sent.length > 0 ? sent : runs)].sort((a, b) =>
    a.lastAt === b.lastAt ? 0 : a.lastAt < b.lastAt ? 1 : -1,
  );
  return latest;
}

/** The parts of a memory, each by the id of the unit. */
export interface MemoryParts {
  readonly records: ReadonlyMap<string, UnitRecord>;
  readonly interrupted?: ReadonlyMap<string, InterruptedRun>;
  readonly atWork?: ReadonlyMap<string, NonNullable<UnitMemory['atWork']>>;
  readonly bootId: string | null;
}

/** A memory from its parts, for instance those of an inventory. Pure. */
export function memoryFrom({
  records,
  interrupted = new Map(),
  atWork = new Map(),
  bootId,
}: MemoryParts): HostMemory {
  const units = new Set([...records.keys(), ...interrupted.keys(), ...atWork.keys()]);
  const worked = [
    ...[...records].map(([id, { shares }]) => ({ id, shares })),
    ...[...interrupted].map(([id, { device }]) => ({ id, shares: device.shares })),
  ];
  return {
    units: new Map(
      [...units].map((unit) => [
        unit,
        {
          unit,
          record: records.get(unit) ?? null,
          interrupted: interrupted.get(unit) ?? null,
          atWork: atWork.get(unit) ?? null,
          bootId,
        },
      ]),
    ),
    sharers: sharersOf(worked),
    bootId,
  };
}

/**
 * The memory of a host: the fold over its records and its journals. Pure.
 *
 * @param records as they are in the store
 * @param runs oldest first
 */
export const foldMemory = (
  records: ReadonlyMap<string, UnitRecord>,
  runs: readonly SurveyedRun[],
  bootId: string | null,
): HostMemory => {
  const kept = withUnkept(records, runs);
  // A look since that run has kept what the unit says once (`keepVerdict`): that is how its work ended.
  const interrupted = [...interruptedRuns(runs)].filter(([unit, { run, lastAt }]) => {
    const record = kept.get(unit);
    return record?.run !== run || record.at <= lastAt;
  });
  return memoryFrom({ records: kept, interrupted: new Map(interrupted), atWork: unitsAtWork(runs), bootId });
};

function unitsAtWork(runs: readonly SurveyedRun[]): NonNullable<MemoryParts['atWork']> {
  const running = runs.filter(isWhole).filter(({ state }) => state === 'running');
  return new Map(
    running.flatMap(({ run, devices }) =>
      devices
        .filter(({ result }) => result === null)
        .map((device) => [device.id, { run, text: knowledgeOf(device, run).text }]),
    ),
  );
}

/**
 * The memory where these units are seen to run one microcode, too: a record of an older version does not say with whom its unit shares.
 * Pure.
 *
 * @param all every unit of the host that is there
 */
export function rememberSharing(memory: HostMemory, all: readonly DeviceFacts[]): HostMemory {
  const sharersAt = sharersAmong(all);
  const known = [...memory.sharers].map(([id, shares]) => ({ id, shares }));
  const seen = all.map((unit) => ({ id: unit.id, shares: sharersAt(unit).map(({ id }) => id) }));
  return { ...memory, sharers: sharersOf([...known, ...seen]) };
}

/** The memory when an earlier play of the same run has updated these units. */
export const rememberUpdated = (memory: HostMemory, ids: ReadonlySet<string>): HostMemory =>
  changed(memory, withSharers(memory, ids), (unit) => ({
    ...unit,
    interrupted: null,
    record: unit.record && { ...unit.record, outcome: 'updated', after: null, pending: null, frozen: null },
  }));

/** The memory when it is known how the interrupted work on these units ended. */
export const withoutInterrupted = (memory: HostMemory, ids: ReadonlySet<string>): HostMemory =>
  changed(memory, ids, (unit) => ({ ...unit, interrupted: null }));

/** The memory when a unit has reported these unit attentions. */
export const rememberRestarts = (memory: HostMemory, id: string, heard: readonly Restart[]): HostMemory =>
  changed(memory, withSharers(memory, new Set([id])), (unit) => ({
    ...unit,
    record: unit.record && (withRestarts(unit.record, heard) ?? unit.record),
  }));

/** The memory when a unit has ended so since: the verdict also ends what an interrupted run left. */
export const rememberEnding = (memory: HostMemory, ending: Ending): HostMemory =>
  changed(memory, new Set([ending.device.id]), (unit) => ({
    ...unit,
    record: nextRecord(unit.record, ending) ?? unit.record,
    interrupted: null,
  }));

/** These units, and those that run their microcode, too. */
export const withSharers = (
  { sharers }: Pick<HostMemory, 'sharers'>,
  ids: ReadonlySet<string>,
): ReadonlySet<string> => new Set([...ids].flatMap((id) => [id, ...(sharers.get(id) ?? [])]));

function changed(
  memory: HostMemory,
  ids: ReadonlySet<string>,
  change: (unit: UnitMemory) => UnitMemory,
): HostMemory {
  if (ids.size === 0) return memory;
  const units = [...memory.units].map(([id, unit]): [string, UnitMemory] => [
    id,
    ids.has(id) ? change(unit) : unit,
  ]);
  return { ...memory, units: new Map(units) };
}
