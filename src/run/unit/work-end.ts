import type { Refusal } from '../../base/refusal.ts';
import type { Verification } from '../../microcode/verification.ts';
import { SenseKey } from '../../scsi/sense.ts';
import type { StepsEnd } from './activation-steps.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { SentImage } from './procedure.ts';
import type { Work } from './verdict.ts';

/** What download and activation leave behind for the verdict. */
export interface WorkEnd extends Pick<Work, 'written' | 'frozen' | 'waitsFor' | 'failure'> {
  /** After a failure any answer tells what runs now; a device that waits for an event will not change by waiting. */
  waitingIsVain(seen: Verification): boolean;
}

/** `steps` null: there were none. `bug`: what ended the work in its middle. */
export function workEnd(end: SentImage, steps: StepsEnd | null, bug: Refusal | null): WorkEnd {
  const frozen = end.kind === 'frozen' || steps?.kind === 'frozen';
  const incomplete = end.kind === 'failed' || frozen || steps?.kind === 'failed';
  const uncertain = end.kind === 'uncertain' || steps?.kind === 'uncertain' || bug !== null;
  const activated = steps?.activated === true;
  const waitsFor = incomplete ? [] : eventsAfter(end, steps);
  return {
    written: incomplete ? 'incomplete' : uncertain ? 'uncertain' : 'complete',
    frozen,
    waitsFor,
    failure: end.failure ?? steps?.failure ?? bug,
    waitingIsVain: ({ revision, ready, pending }) => {
      if (revision === null) return false;
      if (frozen) return true;
      if (!ready) return false;
      if (end.kind === 'failed') return cannotRun(end);
      return !uncertain && (waitsFor.length > 0 || (pending.length > 0 && !activated));
    },
  };
}

/** Events that the device waits for after a complete download, by the steps and by what was sent. */
function eventsAfter({ deferred, waitsFor }: SentImage, steps: StepsEnd | null): readonly PendingEvent[] {
  const bySteps = steps?.waitsFor ?? [];
  if (bySteps.length > 0) return bySteps;
  return deferred && steps?.activated === true ? [] : waitsFor;
}

/** The device never got the end of the image, or refused it in so many words: no waiting brings new code. */
function cannotRun({ mayRun, failure }: SentImage): boolean {
  const refusing: readonly number[] = [SenseKey.illegalRequest, SenseKey.dataProtect];
  return !mayRun || (failure?.sense != null && refusing.includes(failure.sense.key));
}

/** A download that a bug ended: what the device has got is not known. */
export const brokenOff = (failure: Refusal): SentImage => ({
  kind: 'uncertain',
  deferred: false,
  mode: 0,
  doneBytes: 0,
  doneChunks: 0,
  mayRun: true,
  failure,
  waitsFor: [],
});
