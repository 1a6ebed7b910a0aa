import type { Unreadable } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Outcome, PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';

/**
 * - `follows`: an earlier play updates the unit first; this one is decided again from a fresh read, once that is done.
 * - `pending`: written by an earlier run, and waits for its event; nothing is done.
 * - `skipped`: an earlier play does not get the unit to where this one begins, or the canary of an earlier run is not proven.
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
  /** Why nothing is done, where something keeps it from being done; absent: it is done, need not be, or is not asked for. */
  readonly error?: Refusal;
  /** What a person should know before it is done, and what keeps nothing from being done; absent: nothing. */
  readonly warnings?: readonly string[];
  /** The verdict on the work of an earlier run, which stands: what becomes of the unit in this one. */
  readonly verdict?: Outcome;
  /** What a pending unit waits for. */
  readonly pending?: readonly PendingEvent[];
  /** It shows its target, and gets all sections again: one of them is missing, or nothing has saved the image. */
  readonly again?: true;
  /** Id of the unit that is written for both: they share their microcode. */
  readonly writtenWith?: string;
  /** What could not be read, and the playbook goes on without. */
  readonly without?: readonly Unreadable[];
}

/** What is decided about a unit, for this reason. */
export const because = <Action extends 'refused' | 'pending' | 'skipped'>(
  action: Action,
  error: Refusal,
): { readonly action: Action; readonly reason: string; readonly error: Refusal } => ({
  action,
  reason: error.message,
  error,
});

const GOES_ON: readonly PlanAction[] = ['update', 'follows', 'current'];

/** What an earlier play does to a unit leaves nothing to do for the ones after it; null: they may go on. */
export function stoppedBy(
  earlier: readonly Decision[],
): Pick<Decision, 'action' | 'reason' | 'error'> | null {
  const end = earlier.find(({ action }) => !GOES_ON.includes(action));
  if (end === undefined) return null;
  const why = refusal('earlier-play', { play: end.play ?? '', end: end.action });
  return end.action === 'not-selected'
    ? { action: 'not-selected', reason: why.message }
    : because('skipped', why);
}
