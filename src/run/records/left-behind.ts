import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { isOurs } from './dead-runs.ts';
import type { DeadRun } from './dead-runs.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { subenclosureOf } from '../facts/subenclosure.ts';

/** What runs that died left on the units of this host, and what a person says about it. */
export interface LeftBehind {
  /** By id. */
  readonly dead: ReadonlyMap<string, DeadRun>;
  /** `--take-over`: also what nobody remembers to have left may be thrown away. */
  readonly takeOver: boolean;
}

/** What may be found on one unit, and may be used or thrown away (decisions.md#after-a-crash). */
export interface Left {
  /** The run that died; null: nobody of us, and `--take-over` was given. */
  readonly run: string | null;
  /** The image may be complete, and its code may start: look before anything is sent. */
  readonly mayBeComplete: boolean;
  /** It had everything accepted, of all sections, and nothing was activated yet. */
  readonly allAccepted: boolean;
  /** Everything was accepted, and activated or started by itself; null: not so, or not known. */
  readonly accepted: AcceptedBefore | null;
}

/** What the device had accepted of an earlier run. */
export interface AcceptedBefore {
  readonly activated: boolean;
  readonly waitsFor: readonly PendingEvent[];
  readonly helps: readonly PendingEvent[];
}

/** null: the unit is as anybody's. */
export function leftOn(id: string, play: ResolvedPlay, { dead, takeOver }: LeftBehind): Left | null {
  const found = dead.get(id);
  if (found === undefined || !isOurs(found, play.imageSha256)) {
    return takeOver ? { run: null, mayBeComplete: false, allAccepted: false, accepted: null } : null;
  }
  const { knowledge, device, run } = found;
  const { deferred = false, waitsFor = [], helps = [] } = device.facts;
  const activated = knowledge.known === 'activated-not-verified';
  const accepted = activated || (knowledge.known === 'sent-not-activated' && !deferred);
  return {
    run,
    // In the middle of several sections one image may be complete, and not the whole.
    mayBeComplete: knowledge.verifyFirst && (knowledge.known !== 'partly-sent' || device.lastChunkSent),
    allAccepted: knowledge.known === 'sent-not-activated',
    accepted: accepted ? { activated, waitsFor, helps } : null,
  };
}

/**
 * Does a unit that a play finds as it should be say how the work of a dead run on it ended? Where it still runs what it ran
 * before, and of another subenclosure, it says nothing.
 */
export const settlesDeadRun = (
  { facts, action }: { readonly facts: DeviceFacts; readonly action: string },
  play: ResolvedPlay,
  { device: { before, proof } }: DeadRun,
): boolean =>
  action === 'current' && (proof.subenclosure ?? 0) === subenclosureOf(play) && before !== facts.revision;

/** Another image may be complete on the unit, and nobody has looked: why it gets nothing; null: it may. */
export function deadRunObstacle(
  id: string,
  play: ResolvedPlay,
  { dead, takeOver }: LeftBehind,
): Refusal | null {
  const found = dead.get(id);
  if (found === undefined || takeOver || !found.knowledge.verifyFirst) return null;
  if (isOurs(found, play.imageSha256)) return null;
  const { text, next } = found.knowledge;
  const look = next === null ? '' : `${next}. `;
  return refusal('interrupted-run', { run: found.run, what: text, look });
}

/** What a run that died left on a unit, for a person. */
export interface LeftNote {
  /** null: a journal that cannot be read; it may speak of any. */
  readonly device: string | null;
  readonly run: string | null;
  readonly known: string;
  readonly message: string;
  readonly next: string | null;
}

/** What dead runs left on the units of a plan, and what will be done about it. */
export function leftNotes(
  decisions: readonly {
    readonly facts: { readonly id: string };
    readonly play: string | null;
    readonly action: string;
  }[],
  dead: ReadonlyMap<string, DeadRun>,
): LeftNote[] {
  return decisions.flatMap(({ facts: { id }, play, action }) => {
    const found = dead.get(id);
    if (found === undefined || play === null) return [];
    const { known, text, next } = found.knowledge;
    const sent = known !== 'nothing-sent';
    return [
      {
        device: id,
        run: found.run,
        known,
        message: `run ${found.run} was interrupted on this unit: ${text}`,
        // What this plan does is the next step already, except where it does nothing.
        next: sent && action !== 'update' && action !== 'current' ? next : null,
      },
    ];
  });
}
