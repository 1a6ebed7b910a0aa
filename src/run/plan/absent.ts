import { refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { whyNotSelected } from '../facts/match.ts';
import { UNKNOWN_TOPOLOGY } from '../facts/unit-topology.ts';
import type { HostMemory } from '../records/memory.ts';
import { openUnits } from '../records/open-units.ts';
import type { OpenUnit } from '../records/open-units.ts';
import { because } from './decision.ts';
import type { Decision } from './decision.ts';

/**
 * Units that an earlier run left lost or frozen, that a play would select, and that are not there. A run over the others must not
 * look as if all were well; it is not kept from them, and `verify --accept` closes such a unit.
 */
export function absentUnits(
  plays: readonly ResolvedPlay[],
  there: readonly DeviceFacts[],
  memory: HostMemory,
): Decision[] {
  const ids = new Set(there.map(({ id }) => id));
  return openUnits(memory).flatMap((open): Decision[] => {
    const verdict = open.frozen === null ? open.outcome : 'frozen';
    if (ids.has(open.device.id) || (verdict !== 'lost' && verdict !== 'frozen')) return [];
    const facts = remembered(open);
    // Bytes of a page can be asked for only where the unit is.
    const play = plays.find(({ match }) => whyNotSelected({ ...match, proof: [] }, facts) === null);
    if (play === undefined) return [];
    const why = refusal('still-away', { outcome: verdict, run: open.run });
    return [{ facts, play: play.name, ...because('refused', why), verdict }];
  });
}

/** The unit as records have it. */
const remembered = ({ device, after }: OpenUnit): DeviceFacts => ({
  id: device.id,
  identity: {
    logicalUnit: device.logicalUnit,
    serialNumber: device.serialNumber,
    designators: [],
  },
  paths: [],
  deviceType: device.deviceType,
  vendor: device.vendor,
  product: device.product,
  revision: after ?? device.before,
  enclosures: null,
  topology: UNKNOWN_TOPOLOGY,
  pages: new Map(),
  problem: refusal('not-there'),
});
