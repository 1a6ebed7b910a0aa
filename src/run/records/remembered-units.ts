import { isNamed } from '../facts/device-name.ts';
import type { DeviceName } from '../facts/device-name.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { DeviceResult } from '../facts/outcome.ts';
import { memoryOf, NOTHING_REMEMBERED, rememberUpdated, withoutInterrupted, withSharers } from './memory.ts';
import type { HostMemory, UnitMemory } from './memory.ts';

/** What is remembered of units, and what a person says against it. */
export interface RememberedUnits {
  readonly memory: HostMemory;
  /** `--retry` */
  readonly retry: boolean;
  /** `--take-over`: an image of unknown origin may be discarded. */
  readonly takeOver: boolean;
  /** `--recover`: names of units. */
  readonly recover: readonly DeviceName[];
  /** Ids of units that were updated since: nobody has to recover them any more. */
  readonly recovered?: ReadonlySet<string>;
  /** A fresh verdict on units that an earlier run left open, by id; absent: none were asked. */
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

export const NO_MEMORY: RememberedUnits = {
  memory: NOTHING_REMEMBERED,
  retry: false,
  takeOver: false,
  recover: [],
};

/** What records and journals say of a unit. */
export const rememberedOf = ({ memory }: RememberedUnits, { id }: Pick<DeviceFacts, 'id'>): UnitMemory =>
  memoryOf(memory, id);

/** What is still known when these units have been updated by an earlier play of the same run. */
export function rememberedAfterUpdate(
  remembered: RememberedUnits,
  ids: ReadonlySet<string>,
): RememberedUnits {
  if (ids.size === 0) return remembered;
  const changed = withSharers(remembered.memory, ids);
  return {
    ...remembered,
    memory: rememberUpdated(remembered.memory, ids),
    recovered: new Set([...(remembered.recovered ?? []), ...ids]),
    judged: new Map([...(remembered.judged ?? [])].filter(([id]) => !changed.has(id))),
  };
}

/** The fresh verdict on a unit, or on another one that runs its microcode, too; undefined: none was asked. */
export const judgedOf = ({ judged, memory }: RememberedUnits, id: string): JudgedUnit | undefined =>
  [...withSharers(memory, new Set([id]))].flatMap((one) => judged?.get(one) ?? [])[0];

/** What is still known when the interrupted work on these units has its verdict. */
export const rememberedAfterVerdict = (
  remembered: RememberedUnits,
  ids: ReadonlySet<string>,
): RememberedUnits => ({
  ...remembered,
  memory: withoutInterrupted(remembered.memory, ids),
});

/** `--recover` names it, and nothing has recovered it since. */
export const isRecovering = (unit: DeviceFacts, { recover, recovered }: RememberedUnits): boolean =>
  recovered?.has(unit.id) !== true && recover.some((name) => isNamed(unit, name));
