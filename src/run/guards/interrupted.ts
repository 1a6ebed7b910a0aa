import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { isOurs } from '../records/interrupted-runs.ts';
import { onText } from '../records/device-memory.ts';
import type { UnitMemory } from '../records/memory.ts';

/** Another image may be complete on the unit, and it was not verified since: why it gets nothing; null: it may. */
export function whyInterrupted(memory: UnitMemory, play: ResolvedPlay, takeOver: boolean): Refusal | null {
  const { interrupted } = memory;
  if (interrupted === null || takeOver || !interrupted.knowledge.verifyFirst) return null;
  if (isOurs(interrupted, play.imageSha256)) return null;
  const { text, next } = interrupted.knowledge;
  const look = next === null ? '' : `${next}. `;
  const on = onText(memory.unit, interrupted.device.id);
  return refusal('interrupted-run', { run: interrupted.run, on, what: text, look });
}
