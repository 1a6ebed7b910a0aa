import type { ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { UnitRecord } from '../records/unit-record.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { LeftBehind } from '../records/left-behind.ts';
import { isNamed } from '../facts/match.ts';

/**
 * - `follows`: an earlier play updates the unit first; this one is decided anew from a fresh read, once that is done.
 * - `pending`: written by an earlier run, and waits for its event; nothing is done.
 * - `skipped`: an earlier play does not get the unit to where this one begins.
 */
export type PlanAction =
  'update' | 'follows' | 'current' | 'pending' | 'refused' | 'skipped' | 'not-selected';

/** What is going to happen to one unit of the host by one play, and why. */
export interface Decision {
  /** As the play sees the unit; of one that `follows`, as the earlier plays are going to leave it. */
  readonly facts: DeviceFacts;
  /** null: no play selects it. */
  readonly play: string | null;
  readonly action: PlanAction;
  readonly reason: string;
  /** What a person does about it, in one sentence; absent: the reason says it, or there is nothing to do. */
  readonly next?: string;
  /** What a pending unit waits for. */
  readonly pending?: readonly PendingEvent[];
  /** It shows its target, and gets all sections again. */
  readonly again?: true;
}

/** Why a unit gets nothing. */
export type Obstacle = Pick<Decision, 'reason' | 'next'>;

/** What is remembered of units, and what a person says against it. */
export interface KnownUnits {
  /** By id. */
  readonly records: ReadonlyMap<string, UnitRecord>;
  /** Of the host now. */
  readonly bootId: string | null;
  /** `--retry` */
  readonly retry: boolean;
  /** `--recover`: names of units. */
  readonly recover: readonly string[];
  /** Ids of units that were updated since: nobody has to recover them any more. */
  readonly recovered?: ReadonlySet<string>;
  /** What runs that died left behind; absent: nothing. */
  readonly leftBehind?: LeftBehind;
}

/** Everything that a decision on one unit depends on, beside the unit. */
export interface World {
  readonly playbook: ResolvedPlaybook;
  /** Every unit of the host, the one in question included. */
  readonly all: readonly DeviceFacts[];
  readonly known: KnownUnits;
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

const GOES_ON: readonly PlanAction[] = ['update', 'follows', 'current'];

/** What an earlier play does to a unit leaves nothing to do for the ones after it; null: they may go on. */
export function stoppedBy(earlier: readonly Decision[]): Pick<Decision, 'action' | 'reason'> | null {
  const end = earlier.find(({ action }) => !GOES_ON.includes(action));
  if (end === undefined) return null;
  return {
    action: end.action === 'not-selected' ? 'not-selected' : 'skipped',
    reason: `comes after play "${end.play}": ${end.action} there`,
  };
}
