import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { isOurs } from '../records/interrupted-runs.ts';
import type { UnitMemory } from '../records/memory.ts';

/** Another image may be complete on the unit, and it was not verified since: why it gets nothing; null: it may. */
export function whyInterrupted(
  { interrupted }: UnitMemory,
  play: ResolvedPlay,
  takeOver: boolean,
): Refusal | null {
  if (interrupted === null || takeOver || !interrupted.knowledge.verifyFirst) return null;
  if (isOurs(interrupted, play.imageSha256)) return null;
  const { text, next } = interrupted.knowledge;
  const look = next === null ? '' : `${next}. `;
  return refusal('interrupted-run', { run: interrupted.run, what: text, look });
}
