import { matchesWildcard } from '../../base/wildcard.ts';
import type { ResolvedMatch } from '../../playbook/resolved.ts';
import { isIdentifiedBy } from './device-name.ts';
import type { DeviceFacts } from './inspect.ts';
import { mismatch } from './match-bytes.ts';

/** `*` is a wildcard, trailing spaces are ignored, case counts. */
export const matchesPattern = (pattern: string, text: string): boolean =>
  matchesWildcard(pattern.trimEnd(), text.trimEnd());

/**
 * Why a play does not select a unit; null: it does. Revision is not part of it: that is a guard (decisions.md#identity).
 *
 * @param renamed what the new code shows (`firmware.vendor`, `firmware.product`): a unit that has it already is one of ours
 */
export function whyNotSelected(
  match: ResolvedMatch,
  facts: DeviceFacts,
  renamed: { readonly vendors: readonly string[]; readonly products: readonly string[] } = {
    vendors: [],
    products: [],
  },
): string | null {
  if (facts.deviceType !== match.deviceType) return `is not of type ${match.type}`;
  if (!renamed.vendors.includes(facts.vendor) && !matchesPattern(match.vendor, facts.vendor))
    return `vendor is "${facts.vendor}", not "${match.vendor}"`;
  if (!renamed.products.includes(facts.product) && !matchesPattern(match.product, facts.product))
    return `product is "${facts.product}", not "${match.product}"`;
  if (match.identity !== null && !match.identity.some((name) => isIdentifiedBy(facts, name))) {
    return 'is not among match.identity';
  }
  // Bytes that cannot be read do not make it another unit: it is selected, and refused.
  return mismatch(match.proof, facts.pages)?.message ?? null;
}
