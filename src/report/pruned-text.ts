import type { PruneChoice } from '../run/records/prune.ts';
import { printable, type Ink } from './ink.ts';
import { counted } from './quantities.ts';

/** `runbook history --prune`: what went, and what had to stay. `jobs`: those that went, too. `all`: journals before. */
export function prunedText(
  { remove, keep }: PruneChoice,
  jobs: readonly string[],
  all: number,
  ink: Ink,
): string {
  const lines = [`${counted(remove.length, 'journal')} removed, ${all - remove.length} left`];
  if (jobs.length > 0) lines.push(`${counted(jobs.length, 'job')} forgotten: ${printable(jobs.join(', '))}`);
  if (keep.length > 0) lines.push('old, but still needed:');
  for (const { run, reason } of keep) lines.push(`  ${run}  ${ink('dim', printable(reason))}`);
  return `${lines.join('\n')}\n`;
}
