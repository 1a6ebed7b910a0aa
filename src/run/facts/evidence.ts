import { isCount, isFlag, oneOf, optional, orNull, isText } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import { ACCEPTANCES } from '../../microcode/passes.ts';
import type { Acceptance } from '../../microcode/passes.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';

export const PENDING_EVENTS = [...MICROCODE_EVENTS, 'reboot'] as const;

/** Any one of these events resolves a pending device. */
export type PendingEvent = (typeof PENDING_EVENTS)[number];

/** How much of the image is in the device; `via: external`: by the exit status of the program. `unknown`: nobody can say. */
export type ImageEvidence = Acceptance | 'unknown';

const ACTIVATIONS = ['not-sent', 'accepted', 'answer-lost', 'denied', 'refused', 'nothing-waited'] as const;

/** What was sent to a unit, and what it said of that: all that a later look has to know about it. As JSON holds it. */
export interface SentEvidence {
  readonly image: ImageEvidence;
  /** Commands of the last pass that were accepted, and of how many; 0 of 0: they are not counted. */
  readonly acceptedChunks: number;
  readonly chunks: number;
  /**
   * What makes the image run: any one of these, by the mode that it was sent in or by what the device said of it. Empty: it
   * starts by itself.
   */
  readonly waitsFor: readonly PendingEvent[];
  /** What helps where the revision does not change (VPD 86h): a capability, which says nothing of this image. */
  readonly helps: readonly PendingEvent[];
  /**
   * `denied`: answered like a command that was not executed, and nobody knows whether it was. `nothing-waited`: the device says that
   * there was nothing to activate.
   */
  readonly activation: (typeof ACTIVATIONS)[number];
  /** Events that steps of the playbook leave to a person, and that have not happened. */
  readonly steps: readonly PendingEvent[];
  /** A step of the playbook that failed; null: none did. */
  readonly failedStep: string | null;
  /** No command of the download saved the image: the unit loses it at its next power cycle. Absent: it is saved. */
  readonly isVolatile?: boolean;
  /** The unit was stopped (2/04/02) before, and may be so afterwards. Absent: it was not. */
  readonly wasStopped?: boolean;
  /** Unit attentions behind the last chunk that tell of a start: 29/xx, 3F/01. Absent: none were heard. */
  readonly restarts?: readonly Restart[];
}

/** A unit attention, as far as events go. */
export interface Restart {
  readonly asc: number;
  readonly ascq: number;
}

export const RESTARTS: Shape = { list: { fields: { asc: isCount, ascq: isCount } } };

const EVENTS: Shape = { list: oneOf(...PENDING_EVENTS) };

export const SENT_EVIDENCE: Shape = {
  fields: {
    image: oneOf(...ACCEPTANCES, 'unknown'),
    acceptedChunks: isCount,
    chunks: isCount,
    waitsFor: EVENTS,
    helps: EVENTS,
    activation: oneOf(...ACTIVATIONS),
    steps: EVENTS,
    failedStep: orNull(isText),
    isVolatile: optional(isFlag),
    wasStopped: optional(isFlag),
    restarts: optional(RESTARTS),
  },
};

/** Everything was accepted, and starts by itself. */
export const ALL_ACCEPTED: SentEvidence = {
  image: 'accepted',
  acceptedChunks: 0,
  chunks: 0,
  waitsFor: [],
  helps: [],
  activation: 'not-sent',
  steps: [],
  failedStep: null,
};

/** A device that says that an image waits has executed the last command, whose answer was lost: it may say so only once. */
export const confirmedBy = (sent: SentEvidence, said: readonly PendingEvent[]): SentEvidence =>
  sent.image === 'last-answer-lost' && said.length > 0 ? { ...sent, image: 'accepted' } : sent;

/** The events that these unit attentions say to have happened: 29/01 is a power on, 29/00 to 29/03 are resets from outside. */
export function eventsIn(attentions: readonly Restart[]): ReadonlySet<PendingEvent> {
  const resets = attentions.filter(({ asc, ascq }) => asc === 0x29 && ascq <= 0x03);
  return new Set<PendingEvent>([
    ...(resets.length > 0 ? (['hard-reset'] as const) : []),
    ...(resets.some(({ ascq }) => ascq === 0x01) ? (['power-cycle'] as const) : []),
  ]);
}

/** The events that these unit attentions may tell of: 29/00, 29/04 and 3F/01 leave open what it was (SPC). */
export function eventsPossibleIn(attentions: readonly Restart[]): ReadonlySet<PendingEvent> {
  const isOpen = attentions.some(
    ({ asc, ascq }) => (asc === 0x29 && (ascq === 0x00 || ascq === 0x04)) || (asc === 0x3f && ascq === 0x01),
  );
  return new Set([...eventsIn(attentions), ...(isOpen ? (['hard-reset', 'power-cycle'] as const) : [])]);
}

/**
 * The events that can still make the image run: those of its mode, or what the device itself says, without those that were
 * tried. Empty: none is known.
 *
 * @param said what the device says now
 * @param happened events since the last chunk that did not start it
 */
export function eventsLeft(
  { waitsFor, helps, activation, steps }: SentEvidence,
  said: readonly PendingEvent[],
  happened: ReadonlySet<PendingEvent> = new Set(),
): readonly PendingEvent[] {
  // Where nobody knows whether it was done, it may be sent once more.
  const isActivated = !['not-sent', 'answer-lost', 'denied'].includes(activation);
  const untried = (events: readonly PendingEvent[]): readonly PendingEvent[] =>
    events.filter((event) => event !== 'activation' || !isActivated);
  const unseen = (events: readonly PendingEvent[]): readonly PendingEvent[] =>
    untried(events).filter((event) => !happened.has(event));
  if (steps.length > 0) return unseen(steps);
  // What it says now counts, whatever may have happened before.
  if (said.length > 0) {
    const both = said.filter((event) => waitsFor.includes(event));
    return untried(both.length > 0 ? both : said);
  }
  if (activation === 'nothing-waited') return [];
  if (waitsFor.length > 0) return activation === 'accepted' ? [] : unseen(waitsFor);
  return unseen(helps);
}

const HOW: Readonly<Record<PendingEvent, string>> = {
  activation: 'activate it (apply a playbook with activate_mc)',
  'hard-reset': 'reset the device',
  'power-cycle': 'power-cycle it',
  reboot: 'reboot the host',
};

/** What a person does so that one of these events happens; with none of them only time is needed. */
export function howText(events: readonly PendingEvent[]): string {
  return events.length === 0
    ? 'leave it powered until it is ready'
    : events.map((event) => HOW[event]).join(', or ');
}
