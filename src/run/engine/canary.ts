import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import type { Outcome } from '../facts/outcome.ts';
import { whyCanary } from '../plan/canaries.ts';

/** One unit of a play, as far as canaries go: its outcome, or null. */
export interface MaybeCanary {
  readonly id: string;
  readonly outcome: Outcome | null;
}

/**
 * - `open`: the canaries have proven the play, or there are none.
 * - `first`: only these units may begin.
 * - `closed`: a canary did not prove it; nothing more is begun.
 */
export type CanaryGate =
  | { readonly kind: 'open' }
  | { readonly kind: 'first'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'closed'; readonly why: Refusal };

/** Nothing was written to it, so it proves nothing: another one is drawn. */
const NO_PROOF: readonly Outcome[] = ['current', 'refused', 'skipped'];

/**
 * The first `canary` units of a play go first, and only what was proven by them releases the rest (decisions.md#order).
 *
 * @param units those of the play that need work, in the order in which canaries are drawn from them
 * @param canary how many are drawn
 */
export function canaryGate(
  units: Iterable<MaybeCanary>,
  canary: number,
  canaryAccepts: ResolvedStrategy['canaryAccepts'],
): CanaryGate {
  const drawn: MaybeCanary[] = [];
  for (const unit of units) {
    if (drawn.length >= canary) break;
    const { id, outcome } = unit;
    if (outcome !== null && NO_PROOF.includes(outcome)) continue;
    const proven = outcome === null || outcome === 'updated' || outcome === canaryAccepts;
    if (!proven) return { kind: 'closed', why: whyCanary({ id, outcome }) };
    drawn.push(unit);
  }
  const open = drawn.filter(({ outcome }) => outcome === null).map(({ id }) => id);
  return open.length === 0 ? { kind: 'open' } : { kind: 'first', ids: new Set(open) };
}
