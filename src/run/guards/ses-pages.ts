import { unreadableRefusal } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedStrategy } from '../../playbook/resolved.ts';
import { downloadMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import type { DeviceFacts } from '../facts/inspect.ts';

/** Why a unit takes no microcode by `via: ses`, by what it lists in page 00h; null: it does not say so, or was not asked. */
export function whyNoMicrocodePage(
  { download }: ResolvedPlay,
  { listedPages, unreadable = [] }: Pick<DeviceFacts, 'listedPages' | 'unreadable'>,
  { proceedWithout }: Pick<ResolvedStrategy, 'proceedWithout'>,
): Refusal | null {
  if (!download.some(({ via }) => via === 'ses')) return null;
  const unread = unreadableRefusal(unreadable, ['ses-00h'], proceedWithout);
  return unread ?? (listedPages === undefined ? null : whyNotListed(listedPages));
}

/** The same, of the open device. @param listed null: it has no diagnostic pages */
export function whyNotListed(listed: readonly number[] | null): Refusal | null {
  if (listed === null) return refusal('page-not-listed', { page: 'its diagnostic pages' });
  return listed.includes(downloadMicrocodeStatus.pageCode)
    ? null
    : refusal('page-not-listed', { page: 'diagnostic page 0Eh (download microcode)' });
}
