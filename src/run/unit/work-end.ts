import type { Refusal } from '../../base/refusal.ts';
import type { Verification } from '../../microcode/verification.ts';
import { SenseKey } from '../../scsi/sense.ts';
import type { SentEvidence } from '../facts/evidence.ts';
import type { ActivationStep } from '../../playbook/resolved.ts';
import { eventsOf } from './activation-steps.ts';
import type { StepsEnd } from './activation-steps.ts';
import { NOTHING_SENT } from './procedure.ts';
import type { SentImage } from './procedure.ts';

/** What download and activation leave behind for the verdict. */
export interface WorkEnd {
  readonly sent: SentEvidence;
  readonly frozen: boolean;
  readonly failure: Refusal | null;
  /** After a failure any answer tells what runs now; a device that waits for an event will not change by waiting. */
  waitingIsVain(seen: Verification): boolean;
}

/** @param asked the steps of the playbook: not all of them are done after a download that ended unclearly */
export function workEnd(end: SentImage, steps: StepsEnd, asked: readonly ActivationStep[]): WorkEnd {
  const frozen = end.kind === 'frozen' || steps.kind === 'frozen';
  const unclear = end.kind === 'unclear' || steps.kind === 'unclear';
  const sent: SentEvidence = {
    image: end.acceptance,
    acceptedChunks: end.doneChunks,
    chunks: end.chunks,
    waitsFor: end.waitsFor,
    helps: end.helps,
    activation: end.activated ? 'accepted' : steps.activation,
    steps: end.kind === 'unclear' ? eventsOf(asked) : steps.waitsFor,
    failedStep: steps.failedStep,
    ...(end.isVolatile && { isVolatile: true }),
  };
  const isActivated = sent.activation === 'accepted' || sent.activation === 'answer-lost';
  const waits = sent.steps.length > 0 || (sent.waitsFor.length > 0 && !isActivated);
  return {
    sent,
    frozen,
    failure: end.failure ?? steps.failure,
    waitingIsVain: ({ revision, ready, pending }) => {
      if (revision === null) return false;
      if (frozen) return true;
      if (!ready) return false;
      if (end.kind === 'failed') return cannotRun(end);
      return !unclear && (waits || sent.helps.length > 0 || (pending.length > 0 && !isActivated));
    },
  };
}

/** The device never got the end of the image, or refused it in so many words: no waiting brings new code. */
function cannotRun({ mayRun, failure }: SentImage): boolean {
  const refusing: readonly number[] = [SenseKey.illegalRequest, SenseKey.dataProtect];
  return !mayRun || (failure?.sense != null && refusing.includes(failure.sense.key));
}

/** A download that a bug ended: what the device has got is not known. */
export const brokenOff = (failure: Refusal): SentImage => ({
  ...NOTHING_SENT,
  kind: 'unclear',
  failure,
  acceptance: 'unknown',
  mayRun: true,
  inDoubt: true,
});
