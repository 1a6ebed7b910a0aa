import { refusal } from '../base/refusal.ts';
import type { ResolvedPlaybook } from '../playbook/resolved.ts';
import { writtenName } from '../run/facts/device-name.ts';
import { unitsOf, type DeviceFacts } from '../run/facts/inspect.ts';
import { memoryFrom, NOTHING_REMEMBERED } from '../run/records/memory.ts';
import { makePlan, type Plan } from '../run/plan/plan.ts';
import type { Inventory } from './inventory.ts';

/** The units of a recorded host, as a look at it with this playbook would have shown them. */
function factsOfInventory(
  { inspected, around }: Inventory,
  { plays }: Pick<ResolvedPlaybook, 'plays'>,
): readonly DeviceFacts[] {
  const types = new Set(plays.map(({ match }) => match.deviceType));
  // What no play can want is not asked on the host itself either.
  return unitsOf(
    inspected.map((look) =>
      types.has(look.path.deviceType) ? look : { ...look, seen: null, problem: null },
    ),
    around,
  );
}

/** What a person says against what is remembered. */
interface Against {
  readonly retry: boolean;
  readonly takeOver: boolean;
  /** Names that do not need the host. */
  readonly recover: readonly string[];
  readonly only: readonly string[];
}

/** The plan that `plan` on the host itself would have made when the inventory was recorded. Pure. */
export function planOfInventory(
  playbook: ResolvedPlaybook,
  inventory: Inventory,
  { retry, recover, takeOver, only }: Against,
): Plan {
  const { memory } = inventory;
  const remembers = memory.problem === null;
  const plan = makePlan(playbook, factsOfInventory(inventory, playbook), {
    only: only.map(writtenName),
    remembered: {
      memory: remembers
        ? memoryFrom({
            records: new Map(memory.units.map((record) => [record.unit, record])),
            interrupted: memory.dead,
            bootId: memory.bootId,
          })
        : NOTHING_REMEMBERED,
      retry,
      takeOver,
      recover: recover.map(writtenName),
    },
  });
  if (memory.problem === null) return plan;
  // What cannot be read may say `frozen`.
  const error = refusal('memory-unreadable', { what: memory.problem });
  return { ...plan, refusals: [...plan.refusals, { play: '', unit: null, error, exit: 'REFUSED' }] };
}
