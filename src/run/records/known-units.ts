import type { DeviceFacts } from '../facts/inspect.ts';
import type { DeviceResult } from '../facts/outcome.ts';
import { isNamed } from '../facts/device-name.ts';
import type { DeviceName } from '../facts/device-name.ts';
import type { LeftBehind } from './left-behind.ts';
import type { UnitRecord } from './unit-record.ts';

/** What is remembered of units, and what a person says against it. */
export interface KnownUnits {
  /** By id. */
  readonly records: ReadonlyMap<string, UnitRecord>;
  /** Of the host now. */
  readonly bootId: string | null;
  /** `--retry` */
  readonly retry: boolean;
  /** `--recover`: names of units. */
  readonly recover: readonly DeviceName[];
  /** Ids of units that were updated since: nobody has to recover them any more. */
  readonly recovered?: ReadonlySet<string>;
  /** What runs that died left behind; absent: nothing. */
  readonly leftBehind?: LeftBehind;
  /** What a look at units that an earlier run left open, or badly, says now, by id; absent: nobody looked. */
  readonly judged?: ReadonlyMap<string, JudgedUnit>;
}

/** The verdict on what an earlier run did to a unit, from a fresh look. */
export interface JudgedUnit {
  readonly run: string;
  readonly imageSha256: string;
  /** That run was interrupted: its work may be taken up. */
  readonly isInterrupted: boolean;
  readonly result: DeviceResult;
}

export const NOTHING_LEFT: LeftBehind = { dead: new Map(), takeOver: false };
export const NOTHING_KNOWN: KnownUnits = { records: new Map(), bootId: null, retry: false, recover: [] };

/** What is still remembered when these units have been updated by an earlier play of the same run. */
export function knownAfterUpdate(known: KnownUnits, ids: ReadonlySet<string>): KnownUnits {
  if (ids.size === 0) return known;
  const records = [...known.records].map(([id, record]): [string, UnitRecord] => [
    id,
    ids.has(id) ? { ...record, outcome: 'updated', pending: null, frozen: null } : record,
  ]);
  return {
    ...withoutDeadRuns(known, ids),
    records: new Map(records),
    recovered: new Set([...(known.recovered ?? []), ...ids]),
    judged: new Map([...(known.judged ?? [])].filter(([id]) => !ids.has(id))),
  };
}

/** What is still remembered when it is known how the work of dead runs on these units ended. */
export function withoutDeadRuns(known: KnownUnits, ids: ReadonlySet<string>): KnownUnits {
  const { leftBehind = NOTHING_LEFT } = known;
  const dead = [...leftBehind.dead].filter(([id]) => !ids.has(id));
  return { ...known, leftBehind: { ...leftBehind, dead: new Map(dead) } };
}

/** `--recover` names it, and nothing has recovered it since. */
export const isRecovering = (unit: DeviceFacts, { recover, recovered }: KnownUnits): boolean =>
  recovered?.has(unit.id) !== true && recover.some((name) => isNamed(unit, name));
