import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import type { Outcome } from '../facts/outcome.ts';

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

const CANARY_WAITS =
  'Let its event happen, then run apply again. Where `pending` is proof enough, write `canary-accepts: pending`.';

/** Nothing was written to it, so it proves nothing: another one is drawn. */
const NO_PROOF: readonly Outcome[] = ['current', 'refused', 'skipped'];

/**
 * The first `canary` units of a play go first, and only what was proven by them releases the rest (decisions.md#order).
 *
 * @param units those of the play that need work, in their order
 */
export function canaryGate(
  units: Iterable<MaybeCanary>,
  { canary, canaryAccepts }: Pick<ResolvedStrategy, 'canary' | 'canaryAccepts'>,
): CanaryGate {
  const drawn: MaybeCanary[] = [];
  for (const unit of units) {
    if (drawn.length >= canary) break;
    const { id, outcome } = unit;
    if (outcome !== null && NO_PROOF.includes(outcome)) continue;
    const proven = outcome === null || outcome === 'updated' || outcome === canaryAccepts;
    if (!proven) {
      const waits = outcome === 'pending';
      const why = refusal('canary-failed', { unit: id, outcome }, waits ? { next: CANARY_WAITS } : {});
      return { kind: 'closed', why };
    }
    drawn.push(unit);
  }
  const open = drawn.filter(({ outcome }) => outcome === null).map(({ id }) => id);
  return open.length === 0 ? { kind: 'open' } : { kind: 'first', ids: new Set(open) };
}
