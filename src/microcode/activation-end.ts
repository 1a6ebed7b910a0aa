import type { Refusal } from '../base/refusal.ts';
import type { ChunkEnd } from './send-chunk.ts';

/**
 * - `accepted`: the device took the command.
 * - `uncertain`: its answer was lost, or the device already restarts: the revision tells.
 * - `failed`: refused by the device.
 * - `frozen`: the device reports an internal failure: no reset, keep the power on.
 */
export interface ActivationEnd {
  readonly kind: 'accepted' | 'uncertain' | 'failed' | 'frozen';
  readonly failure: Refusal | null;
}

/** What became of an activation by what became of its command. */
export function endOfActivation(end: ChunkEnd): ActivationEnd {
  switch (end.kind) {
    case 'accepted':
      return { kind: 'accepted', failure: null };
    case 'unclear':
    case 'forgotten':
    case 'changed':
      return { kind: 'uncertain', failure: end.failure };
    case 'freeze':
      return { kind: 'frozen', failure: end.failure };
    case 'not-sent':
    case 'stop':
      return { kind: 'failed', failure: end.failure };
  }
}
