import type { Refusal } from '../base/refusal.ts';
import type { MicrocodeEvent } from '../scsi/microcode-event.ts';

/** What the device itself says of a download whose revision did not come. */
export interface LastWord {
  readonly failure: Refusal | null;
  readonly frozen: boolean;
  readonly pending: readonly MicrocodeEvent[];
  /** It waited for this question, and starts the new code now: look again. */
  readonly startsNow: boolean;
  /** It was asked, and may have started the new code since it was last looked at: a short look more. */
  readonly mayHaveStarted?: boolean;
  /** The answer that had it was lost, and the device does not say it again. */
  readonly lostAnswer?: Refusal | null;
}

export const NOTHING_SAID: LastWord = { failure: null, frozen: false, pending: [], startsNow: false };
