import type { Refusal } from '../base/refusal.ts';
import { SenseKey } from '../scsi/sense.ts';
import type { Sense } from '../scsi/sense.ts';
import type { EndKind } from './end.ts';
import type { ChunkEnd } from './send-chunk.ts';

/**
 * `unclear` also where the device restarts already. `denied`: answered like a command that was not executed, and nobody knows
 * whether it was. `nothing-waited`: 5/2C/00, or 85h: the device says that there is nothing to
 * activate; the revision tells.
 */
export interface ActivationEnd {
  readonly kind: 'nothing-waited' | 'denied' | Extract<EndKind, 'complete' | 'unclear' | 'failed' | 'frozen'>;
  readonly failure: Refusal | null;
}

/** What a person does where the device says that nothing waits, and does not show the target. */
const NOTHING_WAITED_NEXT =
  'The device did not keep the image, or runs it already: compare the revision with what the vendor documents before it is sent again.';

/** 5/2C/00 COMMAND SEQUENCE ERROR in answer to an activation: no image waits (SPC-5, WRITE BUFFER mode 0Fh). */
export const isSequenceError = (sense: Sense | null): boolean =>
  sense !== null && sense.key === SenseKey.illegalRequest && sense.asc === 0x2c && sense.ascq === 0x00;

/** The result of an activation by the result of its command. */
export function endOfActivation(end: ChunkEnd): ActivationEnd {
  switch (end.kind) {
    case 'complete':
      return { kind: 'complete', failure: null };
    case 'unclear':
      return { kind: end.answer === 'denied' ? 'denied' : 'unclear', failure: end.failure };
    case 'forgotten':
      return { kind: 'unclear', failure: end.failure };
    case 'frozen':
      return { kind: 'frozen', failure: end.failure };
    case 'refused':
      return { kind: 'failed', failure: end.failure };
    case 'failed':
      return isSequenceError(end.sense)
        ? { kind: 'nothing-waited', failure: { ...end.failure, next: NOTHING_WAITED_NEXT } }
        : { kind: 'failed', failure: end.failure };
  }
}
