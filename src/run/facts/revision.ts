import type { ResolvedVerify } from '../../playbook/resolved.ts';

/** What the device says, in the words of the playbook: `0430` may mean `4.3.0.5`. */
export function meaningOf({ aliases }: Pick<ResolvedVerify, 'aliases'>, shown: string): string {
  return Object.hasOwn(aliases, shown) ? aliases[shown]! : shown;
}

/** `4.3.0.5 (shown as 0430)`; the same word twice says nothing. */
export function revisionText(verify: Pick<ResolvedVerify, 'aliases'>, shown: string): string {
  const meaning = meaningOf(verify, shown);
  return meaning === shown ? shown : `${meaning} (shown as ${shown})`;
}
