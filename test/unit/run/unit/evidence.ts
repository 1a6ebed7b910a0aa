import { ALL_ACCEPTED } from '../../../../src/run/facts/evidence.ts';
import type { Verification } from '../../../../src/microcode/verification.ts';
import type { Evidence } from '../../../../src/run/unit/verdict.ts';

/** What differs from a unit that took the whole image, and runs it. */
export interface EvidenceRow extends Partial<Omit<Evidence, 'sent' | 'seen' | 'wanted'>> {
  readonly sent?: Partial<Evidence['sent']>;
  readonly seen?: Partial<Verification>;
  readonly wanted?: Partial<Evidence['wanted']>;
}

/** 74 chunks of an image that makes 2.08 to 2.10, all of them accepted, and a fresh look that shows 2.10. */
export const evidenceOf = ({ sent, seen, wanted, ...rest }: EvidenceRow): Evidence => ({
  wanted: {
    ...{ before: '2.08', target: '2.10', byWitness: false, product: 'HP SAS EXP Card', vendor: 'HP' },
    serialMayChange: false,
    ...wanted,
  },
  sent: { ...ALL_ACCEPTED, acceptedChunks: 74, chunks: 74, ...sent },
  seen: {
    revision: '2.10',
    product: 'HP SAS EXP Card',
    vendor: 'HP',
    ready: true,
    quiet: true,
    change: null,
    internalFailure: false,
    identity: null,
    pending: [],
    problem: null,
    ...seen,
  },
  frozen: false,
  started: false,
  unproven: [],
  changes: [],
  attentions: [],
  missing: null,
  partsWaitFor: [],
  failure: null,
  inDoubt: false,
  ...rest,
});
