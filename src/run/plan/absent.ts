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
 * Units that an earlier run left lost or frozen, that a play would select, and that are not there; and those that it left in any bad
 * end, and that no play selects now because they show other names than before. A run over the others must not look as if all were
 * well; it is not kept from them, and `verify --accept` closes such a unit.
 */
export function absentUnits(
  plays: readonly ResolvedPlay[],
  {
    there,
    isSelected,
  }: { readonly there: readonly DeviceFacts[]; readonly isSelected: (id: string) => boolean },
  memory: HostMemory,
): Decision[] {
  const byId = new Map(there.map((unit) => [unit.id, unit]));
  return openUnits(memory).flatMap((open): Decision[] => {
    const verdict = open.frozen === null ? open.outcome : 'frozen';
    const now = byId.get(open.device.id);
    const play = plays.find((one) => wasSelectedBy(one, open));
    if (play === undefined) return [];
    const about = { outcome: verdict, run: open.run };
    if (now !== undefined) {
      // Who has no names now could not be asked: what that means is said elsewhere.
      if (now.identity === null || !isRenamed(now, open) || isSelected(now.id)) return [];
      return [{ facts: now, play: play.name, ...because('refused', refusal('renamed', about)), verdict }];
    }
    if (verdict !== 'lost' && verdict !== 'frozen') return [];
    return [
      {
        facts: unitOfRecord(open),
        play: play.name,
        ...because('refused', refusal('still-away', about)),
        verdict,
      },
    ];
  });
}

/** Did the play select the unit as records have it? */
export const wasSelectedBy = ({ match }: ResolvedPlay, open: OpenUnit): boolean =>
  // Bytes of a page can be asked for only where the unit is.
  whyNotSelected({ ...match, proof: [] }, unitOfRecord(open)) === null;

const isRenamed = (now: DeviceFacts, { device }: OpenUnit): boolean =>
  now.vendor !== device.vendor || now.product !== device.product;

/** A unit that is not there, as records have it. */
export const unitOfRecord = ({ device, after }: OpenUnit): DeviceFacts => ({
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
