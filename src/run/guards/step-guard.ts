import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { UNKNOWN_PLACE } from '../facts/place.ts';
import type { UnitPlace } from '../facts/place.ts';
import { isRecovering, rememberedOf } from '../records/known-units.ts';
import type { World } from './world.ts';

/** `rescan` and `reload-driver` take block devices away from whoever uses them, and a reload resets what is frozen. */
export function stepObstacle(play: ResolvedPlay, unit: DeviceFacts, world: World): Refusal | null {
  for (const step of play.activate) {
    if (step.step !== 'rescan' && step.step !== 'reload-driver') continue;
    const removed =
      step.step === 'rescan'
        ? [unit]
        : world.all.filter(({ paths }) => paths.some(({ hbaDriver }) => hbaDriver === step.driver));
    for (const { paths, place } of removed) {
      const block = paths.find(({ blockNode }) => blockNode !== null)?.blockNode;
      if (block == null) continue;
      const isKnown = place !== UNKNOWN_PLACE && place.unreadable.every(({ fact }) => fact !== 'users');
      const use = isKnown ? usesOf(place) : 'whether it is in use is not known';
      if (use !== null) return refusal('step-removes-disk', { step: step.step, node: block, use });
    }
    if (step.step === 'rescan') continue;
    if (world.playbook.strategy.concurrent > 1) return refusal('step-not-alone');
    const frozen = frozenAmong(removed, world);
    if (frozen !== null) return frozen;
  }
  return null;
}

const usesOf = ({ users }: UnitPlace): string | null =>
  users.length === 0 ? null : `it is in use (${users.join(', ')})`;

function frozenAmong(units: readonly DeviceFacts[], { known }: World): Refusal | null {
  for (const unit of units) {
    const frozen = rememberedOf(known, unit).record?.frozen;
    if (frozen != null && !isRecovering(unit, known)) {
      return refusal('frozen-reset', { unit: unit.id, since: ` since run ${frozen.run}` });
    }
  }
  return null;
}
