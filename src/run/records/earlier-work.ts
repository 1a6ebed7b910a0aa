import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { alwaysSavesImage } from '../../playbook/modes.ts';
import { isOurs } from './interrupted-runs.ts';
import { memoryOf } from './memory.ts';
import { sentByInterrupted } from './sent-before.ts';
import { waitingImageOf } from './waiting-image.ts';
import type { RememberedImage } from './waiting-image.ts';
import type { HostMemory, UnitMemory } from './memory.ts';
import type { InterruptedRun } from './interrupted-runs.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { subenclosureOf } from '../facts/subenclosure.ts';

/** What may be found on one unit, and may be used or discarded (decisions.md#after-a-crash). */
export type EarlierWork = InterruptedWork | WaitingWork | TakenOver;

/** `--take-over`: what nobody of us remembers to have left may be discarded. */
interface TakenOver {
  readonly kind: 'take-over';
}

/** An image that a run left waiting. */
interface WaitingWork {
  readonly kind: 'waiting';
  readonly image: RememberedImage;
  /** It is the one of this play: it is activated, and nothing is sent again. False: it is replaced. */
  readonly isUsed: boolean;
}

/** A run was interrupted while it worked on the unit, with the image of this play. */
export interface InterruptedWork {
  readonly kind: 'interrupted';
  readonly run: string;
  /** The image may be complete, and its code may start: look before anything is sent. */
  readonly mayBeComplete: boolean;
  /** It had everything accepted, of all sections, and nothing was activated yet. */
  readonly allAccepted: boolean;
  /** Everything was accepted, and activated or started by itself; null: not so, or not known. */
  readonly accepted: AcceptedBefore | null;
  /** No command has saved it. */
  readonly isVolatile: boolean;
}

/** What the device had accepted of an earlier run. */
export interface AcceptedBefore {
  readonly activated: boolean;
  readonly waitsFor: readonly PendingEvent[];
  readonly helps: readonly PendingEvent[];
}

/** What an earlier run may have left on a unit; null: nothing that we know of. */
export function earlierWorkOn(
  memory: UnitMemory,
  play: ResolvedPlay,
  { takeOver, retry }: { readonly takeOver: boolean; readonly retry: boolean },
): EarlierWork | null {
  const { interrupted } = memory;
  const image = waitingImageOf(memory);
  const isOfRecord = interrupted === null || play.download.length === 0;
  if (image !== null && isOfRecord)
    return { kind: 'waiting', image, isUsed: isActivatedBy(image, play, retry) };
  if (interrupted === null || !isOurs(interrupted, play.imageSha256)) {
    return takeOver ? { kind: 'take-over' } : null;
  }
  const { knowledge, device, run } = interrupted;
  const isVolatile = sentByInterrupted(device, knowledge.known).isVolatile === true;
  // What it sent is lost with the power, and the play saves it: it is sent in any case.
  if (isVolatile && play.download.every(alwaysSavesImage))
    return { kind: 'interrupted', run, mayBeComplete: false, allAccepted: false, accepted: null, isVolatile };
  const { deferred = false, waitsFor = [], helps = [] } = device.facts;
  const activated = knowledge.known === 'activated-not-verified';
  const accepted = activated || (knowledge.known === 'sent-not-activated' && !deferred);
  return {
    kind: 'interrupted',
    run,
    // In the middle of several sections one image may be complete, and not the whole.
    mayBeComplete: knowledge.verifyFirst && (knowledge.known !== 'partly-sent' || device.lastChunkSent),
    allAccepted: knowledge.known === 'sent-not-activated',
    accepted: accepted ? { activated, waitsFor, helps } : null,
    isVolatile,
  };
}

/**
 * Does this play start the image that waits, instead of sending it again? Only the image that the playbook pins. `--retry` of a play
 * with a download sends it again.
 */
export const isActivatedBy = (
  { imageSha256, waitsFor }: RememberedImage,
  play: ResolvedPlay,
  retry: boolean,
): boolean =>
  imageSha256 === play.imageSha256 &&
  waitsFor.includes('activation') &&
  play.activate.some(({ step }) => step === 'activate_mc') &&
  (play.download.length === 0 || !retry);

/**
 * Does a unit that a play finds as it should be show how the interrupted work on it ended? It does not where it still runs
 * what it ran before, and says nothing of another subenclosure.
 */
export const settlesInterrupted = (
  { facts, action }: { readonly facts: DeviceFacts; readonly action: string },
  play: ResolvedPlay,
  { device: { id, before, proof } }: InterruptedRun,
): boolean =>
  id === facts.id &&
  action === 'current' &&
  (proof.subenclosure ?? 0) === subenclosureOf(play) &&
  before !== facts.revision;

/** What an interrupted run left on a unit, for a person. */
export interface MemoryNote {
  /** null: a journal that cannot be read; it may speak of any. */
  readonly device: string | null;
  readonly run: string | null;
  readonly known: string;
  readonly message: string;
  readonly next: string | null;
}

/** What interrupted runs left on the units of a plan, and what will be done about it. */
export function memoryNotes(
  decisions: readonly {
    readonly facts: { readonly id: string };
    readonly play: string | null;
    readonly action: string;
  }[],
  memory: HostMemory,
): MemoryNote[] {
  return decisions.flatMap(({ facts: { id }, play, action }) => {
    const found = memoryOf(memory, id).interrupted;
    if (found === null || play === null) return [];
    const { known, text, next } = found.knowledge;
    const worked = found.device.id;
    const on = worked === id ? 'this unit' : `${worked}, which shares its microcode`;
    const sent = known !== 'nothing-sent';
    return [
      {
        device: id,
        run: found.run,
        known,
        message: `run ${found.run} was interrupted on ${on}: ${text}`,
        // What this plan does is the next step already, except where it does nothing.
        next: sent && action !== 'update' && action !== 'current' ? next : null,
      },
    ];
  });
}
