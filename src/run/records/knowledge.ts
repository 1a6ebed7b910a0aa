import type { DeviceRecord } from './run-record.ts';

/**
 * What is known about a unit on which a run died, in the order of the work (decisions.md#after-a-crash). `unclear`: a newer
 * version wrote more than this one understands.
 */
export type KnownState =
  | 'nothing-sent'
  | 'partly-sent'
  | 'last-chunk-in-flight'
  | 'sent-not-activated'
  | 'activation-in-flight'
  | 'activated-not-verified'
  | 'verdict'
  | 'unclear';

export interface Knowledge {
  readonly known: KnownState;
  /** One sentence, without the unit. */
  readonly text: string;
  /** The right thing to do; null: nothing. */
  readonly next: string | null;
  /** The new code may run, or start at the next reset: look at the revision before anything is sent. */
  readonly verifyFirst: boolean;
}

/** What the journal of run `run` tells about one of its units. */
export function knowledgeOf(device: DeviceRecord, run: string): Knowledge {
  if (device.result !== null) {
    const { outcome, reason } = device.result;
    const text = reason === null ? outcome : `${outcome}: ${reason}`;
    return { known: 'verdict', text, next: null, verifyFirst: false };
  }
  const look = `Leave it powered on, and look first: runbook verify ${run}`;
  const { state, beforeStep, facts } = device;
  if (state === 'step') {
    const base = afterState(device, beforeStep ?? 'planned', look);
    const step = facts.step ?? 'a step of the host';
    return {
      ...base,
      text: `${base.text}; ${step} was under way`,
      next: base.next ?? 'Run apply again.',
    };
  }
  return afterState(device, state, look);
}

function afterState(device: DeviceRecord, state: DeviceRecord['state'], look: string): Knowledge {
  const first = (known: KnownState, text: string): Knowledge => ({
    known,
    text,
    next: look,
    verifyFirst: true,
  });
  if (isActivationRefused(device))
    return first(
      'sent-not-activated',
      `the whole image was sent, and the activation${activationText(device)} was refused: ${device.answer!.error.message}`,
    );
  switch (state) {
    case 'planned':
    case 'checked':
      return {
        known: 'nothing-sent',
        text: 'nothing was sent',
        next: 'Run apply again.',
        verifyFirst: false,
      };
    case 'first-chunk':
    case 'progress':
      return partlySent(device, look);
    case 'last-chunk': {
      const { section, sections, step } = device.facts;
      if (section !== sections) return partlySent(device, look);
      if (step !== undefined) {
        return first(
          'last-chunk-in-flight',
          `${step} was under way, and may be still: the image may be complete, and may run already`,
        );
      }
      return first(
        'last-chunk-in-flight',
        'the last chunk was in flight: the image may be complete, and may run already',
      );
    }
    case 'sent':
      return first(
        'sent-not-activated',
        device.facts.deferred === true
          ? 'the whole image was sent and not activated; a reset or power cycle starts it, and may have done so since'
          : 'the whole image was sent, and the revision was not read again',
      );
    case 'activation':
      return first(
        'activation-in-flight',
        `the activation${activationText(device)} was in flight: the new code may have started`,
      );
    case 'activated':
      if (!isActivated(device))
        return first(
          'activation-in-flight',
          `the activation${activationText(device)} was accepted, and the next one was not sent`,
        );
      return first('activated-not-verified', 'activated, and the revision was not read again');
    case 'step':
    case 'unknown':
      return first('unclear', 'a newer version of runbook worked on it; how far it came is not understood');
  }
}

/** The unit itself said so, of what was in flight: its image waits as before. */
export const isActivationRefused = ({ state, beforeStep, answer }: DeviceRecord): boolean => {
  const reached = state === 'step' ? beforeStep : state;
  const isSent = reached === 'activation' || reached === 'activated';
  return isSent && (answer?.says === 'refused' || answer?.says === 'frozen');
};

const activationText = ({ facts: { activation, activations } }: DeviceRecord): string =>
  activations === undefined ? '' : ` (${activation ?? 1} of ${activations})`;

/** Every section that waited for an activation has got its own. */
const isActivated = ({ facts: { activation = 1, activations = 1 } }: DeviceRecord): boolean =>
  activation >= activations;

/**
 * What of several sections the target does not prove, seen on a unit on which a run died: that all of them were sent, or were
 * activated. null: it proves them, or there is one.
 *
 * @param shown revision of the unit now
 */
export function unprovenSections(device: DeviceRecord, shown: string): 'sent' | 'activated' | null {
  if (device.sentSha256.length < 2) return null;
  const { state, beforeStep, facts, lastChunkSent } = device;
  const { section, sections } = facts;
  switch (state === 'step' ? beforeStep : state) {
    case 'first-chunk':
    case 'progress':
      return lastChunkSent ? null : 'sent';
    case 'last-chunk':
      // Where the target was shown before the last section, it says nothing of it.
      return section !== sections || facts.revision === shown ? 'sent' : null;
    case 'activation':
      // The one in flight is proven where it is for the section that is looked at.
      return isActivated(device) && section === sections ? null : 'activated';
    case 'activated':
      return isActivated(device) ? null : 'activated';
    default:
      return null;
  }
}

function partlySent(
  { facts, state, totalBytes: planned, lastChunkSent, answer }: DeviceRecord,
  look: string,
): Knowledge {
  const { chunk = 0, chunks, doneBytes = 0, totalBytes = planned, section, sections, step } = facts;
  const where = sections === undefined ? '' : `, section ${section ?? 1} of ${sections}`;
  const commands = chunks === undefined ? `${chunk}` : `${chunk} of ${chunks}`;
  const counted = `partly sent${where}: at least ${commands} commands (${doneBytes} of ${totalBytes} bytes) were accepted`;
  // What a program has sent, it alone knows.
  const sent = step === undefined ? counted : `${step} may have sent a part`;
  const text = answer === null ? sent : `${sent}; ${answer.error.message}`;
  const known = 'partly-sent';
  if (lastChunkSent) {
    const whole = 'an earlier pass had sent its last chunk, it may be complete';
    return { known, text: `${text}; ${whole}`, next: look, verifyFirst: true };
  }
  const from = sections === undefined ? 'offset 0' : 'offset 0 of section 1';
  return {
    known,
    text,
    next: `Leave it powered on, and run apply again: it starts from ${from}.`,
    // Of several images one may be complete, and may start.
    verifyFirst: (section ?? 1) > 1 || state === 'last-chunk',
  };
}
