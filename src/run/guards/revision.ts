import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { meaningOf } from '../facts/revision.ts';

/** The unit runs a revision from which the playbook does not say that it can be upgraded; null: it says so. */
export function whyUnlisted({ match, verify }: ResolvedPlay, unit: DeviceFacts): Refusal | null {
  const { revision } = match;
  const known = ['*', unit.revision, meaningOf(verify, unit.revision)];
  if (known.some((word) => revision.includes(word))) return null;
  const listed = revision.map((word) => `"${word}"`).join(', ');
  return refusal('revision-not-listed', { revision: unit.revision, listed });
}
