import type { Refusal } from '../../base/refusal.ts';
import { atTarget } from '../../microcode/verification.ts';
import type { DevicePending, Verification } from '../../microcode/verification.ts';
import type { Outcome, PendingEvent } from '../facts/outcome.ts';

/** What was done to a device, as far as the verdict needs it. */
export interface Work {
  /** Revision before the first chunk. */
  readonly before: string;
  readonly target: string;
  /** The revision never moves: the witness alone decides. */
  readonly byWitness?: boolean;
  /** INQUIRY product that the device must show at the target; absent: not compared. */
  readonly product?: string;
  /**
   * - `complete`: every chunk accepted, every activation step done.
   * - `uncertain`: an answer that mattered was lost; the revision tells.
   * - `incomplete`: stopped by an error after the first byte.
   */
  readonly written: 'complete' | 'uncertain' | 'incomplete';
  readonly frozen: boolean;
  /** Events that the procedure leaves the device waiting for, by what was sent and by the playbook's steps. */
  readonly waitsFor: readonly PendingEvent[];
  /** A section of which the revision is no proof, and that did not end well; null, or absent: none. */
  readonly missing?: string | null;
  /** Events that sections wait for of which the revision is no proof; absent: none. */
  readonly partsWaitFor?: readonly PendingEvent[];
  /** The first error, kept in the record whatever the verdict is. */
  readonly failure: Refusal | null;
}

export interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly pending: readonly PendingEvent[] | null;
}

/**
 * The verdict over one device, from a fresh read of it (decisions.md#the-verdict). Pure. Never called when nothing was
 * written: that is `refused`, `current` or `skipped`.
 */
export function verdict(work: Work, seen: Verification): Verdict {
  const said = (
    outcome: Outcome,
    reason: string | null,
    pending: readonly PendingEvent[] | null = null,
  ): Verdict => ({
    outcome,
    reason,
    pending,
  });
  const frozen = work.frozen || seen.internalFailure;
  const why = work.failure === null ? '' : `: ${work.failure.message}`;
  if (seen.revision === null) {
    if (frozen) return said('frozen', `reports an internal failure and does not answer${why}`);
    return said('lost', `did not come back: ${seen.problem?.message ?? 'no answer'}`);
  }
  const shown = seen.shown === undefined || seen.shown === seen.revision ? '' : ` (shown as ${seen.shown})`;
  const runs = `runs ${seen.revision}${shown}`;
  if (atTarget(seen, { ...work, revision: work.target }) && !frozen) {
    if (seen.identityChanged) return said('degraded', `${runs}, but another identity is here than before`);
    if (work.missing != null) return said('failed', `${runs}, but ${work.missing}${why}`);
    if (!seen.ready)
      return said('degraded', `${runs}, but is not ready: ${seen.problem?.message ?? 'no answer'}`);
    if (seen.witness === false) return said('degraded', `${runs}, but the witness disagrees`);
    if (work.product !== undefined && seen.product !== work.product) {
      return said('degraded', `${runs}, but the product is "${seen.product ?? ''}", not "${work.product}"`);
    }
    const { partsWaitFor = [] } = work;
    if (partsWaitFor.length > 0) {
      const until = partsWaitFor.join(', ');
      return said(
        'pending',
        `written and accepted; ${runs}, and a section waits until: ${until}`,
        partsWaitFor,
      );
    }
    return said('updated', why === '' ? null : `${runs}, in spite of an error on the way${why}`);
  }
  if (frozen) return said('frozen', `reports an internal failure, ${runs}${why}`);
  if (seen.identityChanged) return said('degraded', `another identity is here than before; ${runs}`);
  if (seen.revision !== work.before) {
    return said('failed', `${runs}, neither ${work.before} nor ${work.target}${why}`);
  }
  if (work.written === 'incomplete') {
    const waits = seen.pending.length === 0 ? '' : `; an image waits on it for: ${seen.pending.join(', ')}`;
    return said('failed', `${runs} still${why}${waits}`);
  }
  const pending = pendingEvents(work, seen.pending);
  if (pending.length > 0) {
    return said('pending', `written and accepted; ${runs} until: ${pending.join(', ')}`, pending);
  }
  if (work.written === 'uncertain') {
    return said(
      'failed',
      `${runs} still${why}; the image may become active at the next reset or power cycle`,
    );
  }
  if (!seen.ready)
    return said('failed', `${runs} still and is not ready: ${seen.problem?.message ?? 'no answer'}`);
  const still =
    work.byWitness === true ? 'the witness does not agree yet' : `the device still shows ${seen.revision}`;
  return said('unverified', `everything was accepted, but ${still}`);
}

/** What was sent says it best; after a lost answer only the device itself can say that it waits. */
function pendingEvents(
  { written, waitsFor }: Work,
  bySense: readonly DevicePending[],
): readonly PendingEvent[] {
  return written === 'complete' && waitsFor.length > 0 ? waitsFor : bySense;
}
