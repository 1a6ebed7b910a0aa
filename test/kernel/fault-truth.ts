/** The result of a unit: the new code runs, waits for power to be off and on, or is not there. */
export type Truth = 'runs' | 'waits' | 'not there';

export function truthOf(now: string, later: string, target: string): Truth {
  if (now === target) return 'runs';
  return later === target ? 'waits' : 'not there';
}

/** What a tool said: all is well, the image waits, it did not work, or that it does not know. */
export type Claim = 'done' | 'waits' | 'failed' | 'unproven';

/** A peer has one way to say that it sent everything, and does not look at what runs. */
export const claimOfPeer = (exitCode: number): Claim => (exitCode === 0 ? 'done' : 'failed');

export function claimOfOutcome(outcome: string): Claim {
  switch (outcome) {
    case 'updated':
    case 'current':
      return 'done';
    case 'pending':
      return 'waits';
    case 'unverified':
      return 'unproven';
    default:
      return 'failed';
  }
}

export type Verdict = 'true' | 'false success' | 'false failure';

/**
 * Compares both. Lenient with who only sends: an image that waits counts as done. Strict with who looks: what runs may
 * not be called waiting or unproven, and what waits may not be called done.
 */
export function judgeClaim(claim: Claim, truth: Truth, looks: boolean): Verdict {
  switch (claim) {
    case 'done':
      return truth === 'runs' || (truth === 'waits' && !looks) ? 'true' : 'false success';
    case 'waits':
      if (truth === 'runs') return 'false failure';
      return truth === 'waits' ? 'true' : 'false success';
    case 'unproven':
      return truth === 'runs' ? 'false failure' : 'true';
    case 'failed':
      return truth === 'not there' ? 'true' : 'false failure';
  }
}
