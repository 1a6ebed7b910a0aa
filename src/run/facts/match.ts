import { matchesWildcard } from '../../base/wildcard.ts';
import type { AttachedDevice } from '../../host/host.ts';
import type { ResolvedMatch } from '../../playbook/resolved.ts';
import type { DeviceFacts } from './inspect.ts';
import { unproven } from './match-bytes.ts';

/** `*` is a wildcard, trailing spaces are ignored, case counts. */
export const matchesPattern = (pattern: string, text: string): boolean =>
  matchesWildcard(pattern.trimEnd(), text.trimEnd());

/**
 * Why a play does not select a unit; null: it does. Revision is no part of it: that is a guard (decisions.md#identity).
 *
 * @param newProducts `firmware.product`: a unit that has the new code already shows it, and is one of ours
 */
export function whyNotSelected(
  match: ResolvedMatch,
  facts: DeviceFacts,
  newProducts: readonly string[] = [],
): string | null {
  if (facts.deviceType !== match.deviceType) return `is not of type ${match.type}`;
  if (!matchesPattern(match.vendor, facts.vendor))
    return `vendor is "${facts.vendor}", not "${match.vendor}"`;
  if (!newProducts.includes(facts.product) && !matchesPattern(match.product, facts.product))
    return `product is "${facts.product}", not "${match.product}"`;
  if (match.identity !== null && !match.identity.some((name) => isNamed(facts, name))) {
    return 'is not among match.identity';
  }
  return unproven(match.proof, facts.pages);
}

/**
 * Is this what a person calls the unit? A node (`/dev/sgN`, `sgN`), H:C:T:L, an id, a designator, a SAS address, a serial
 * number (decisions.md#the-command-line), or the logical identifier of its enclosure, which names all modules of it.
 */
export function isNamed(facts: DeviceFacts, name: string): boolean {
  const enclosure = facts.enclosures?.[0]?.logicalIdentifier;
  const ids = [facts.id, facts.identity?.serialNumber, ...(facts.identity?.designators ?? []), enclosure];
  return (
    ids.some((id) => id != null && sameName(id, name)) || facts.paths.some((path) => isPathNamed(path, name))
  );
}

function isPathNamed(path: AttachedDevice, name: string): boolean {
  return [path.sgNode, path.sgNode?.replace('/dev/', ''), path.hctl, path.wwid, path.sasAddress].some(
    (known) => known != null && sameName(known, name),
  );
}

/** `0x5001…`, `naa.5001…` and `5001…` are one address; hexadecimal digits have no case. */
function sameName(known: string, name: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/^(0x|naa\.|eui\.)/, '');
  return known === name || (/^[0-9a-f]{16,}$/.test(bare(known)) && bare(known) === bare(name));
}
