import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { UNKNOWN_TOPOLOGY } from '../facts/unit-topology.ts';
import type { UnitTopology } from '../facts/unit-topology.ts';
import { isRecovering } from '../records/remembered-units.ts';
import { frozenBefore, whyFrozenReset } from './frozen.ts';
import type { World } from './world.ts';

/** `rescan` and `reload-driver` take block devices away from whoever uses them, and a reload resets what is frozen. */
export function whyNotSteps(play: ResolvedPlay, unit: DeviceFacts, world: World): Refusal | null {
  for (const step of play.activate) {
    if (step.step !== 'rescan' && step.step !== 'reload-driver') continue;
    const removed =
      step.step === 'rescan'
        ? [unit]
        : world.all.filter(({ paths }) => paths.some(({ hbaDriver }) => hbaDriver === step.driver));
    for (const { paths, topology } of removed) {
      const block = paths.find(({ blockNode }) => blockNode !== null)?.blockNode;
      if (block == null) continue;
      const isKnown =
        topology !== UNKNOWN_TOPOLOGY && topology.unreadable.every(({ fact }) => fact !== 'users');
      const use = isKnown ? usesOf(topology) : 'whether it is in use is not known';
      if (use !== null) return refusal('step-removes-disk', { step: step.step, node: block, use });
    }
    if (step.step === 'rescan') continue;
    if (world.playbook.strategy.concurrent > 1) return refusal('step-not-alone');
    const { remembered, all } = world;
    const ids = new Set(removed.filter((unit) => !isRecovering(unit, remembered)).map(({ id }) => id));
    const frozen = whyFrozenReset(frozenBefore(remembered.memory, all).filter(({ id }) => ids.has(id)));
    if (frozen !== null) return frozen;
  }
  return null;
}

const usesOf = ({ users }: UnitTopology): string | null =>
  users.length === 0 ? null : `it is in use (${users.join(', ')})`;
