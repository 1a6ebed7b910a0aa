import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import { stillWaits } from '../records/questions.ts';
import type { UnitRecord } from '../records/unit-record.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { shownOf } from '../facts/subenclosure.ts';
import type { KnownUnits } from '../records/known-units.ts';
import { DeviceType } from '../../scsi/device-type.ts';

/**
 * What earlier runs left on another module of this unit's enclosure, so that this one must not restart: the other is frozen, is
 * degraded, or waits for an event that may start its new code. null: nothing is against it. The other module need not be there now.
 *
 * @param activated hash of the image that waits on this unit, and that the play starts: where the other waits with the same one, their
 * turns come one after the other. null: it starts none
 */
export function partnerMemory(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  { memory }: Pick<KnownUnits, 'memory'>,
  { partnerAfter, redundancy }: Pick<ResolvedStrategy, 'partnerAfter' | 'redundancy'>,
  activated: string | null = null,
): Refusal | null {
  const own = enclosureOf(unit);
  for (const partner of memory.units.values()) {
    const { record } = partner;
    if (record === null || record.unit === unit.id) continue;
    const there = all.find(({ id }) => id === record.unit);
    const enclosure = (there && enclosureOf(there)) ?? record.enclosure ?? null;
    const isPartner = own !== null && enclosure === own;
    if (record.frozen !== null && (isPartner || mayBePartner(unit, own, record, enclosure))) {
      const { run } = record.frozen;
      return partnerFrozen(record.unit, isPartner ? own : null, ` since run ${run}`);
    }
    if (isPartner && record.outcome === 'degraded' && redundancy === 'required') {
      const why = record.reason === null ? '' : ` (${record.reason})`;
      return refusal('partner-degraded', { partner: record.unit, enclosure: own, run: record.run, why });
    }
    if (!isPartner || partnerAfter === 'pending' || record.imageSha256 === activated) continue;
    const revision = (there && shownOf(there, record.proof.subenclosure ?? 0)?.revision) ?? record.before;
    if (stillWaits(partner, revision)) {
      const events = record.pending!.join(', ');
      return refusal('partner-pending', { partner: record.unit, enclosure: own, run: record.run, events });
    }
  }
  return null;
}

/** @param enclosure null: it may be another module of the same enclosure */
export function partnerFrozen(unit: string, enclosure: string | null, since: string): Refusal {
  const partner =
    enclosure === null
      ? `${unit}, which may be another module of the same enclosure,`
      : `its partner ${unit} in enclosure ${enclosure}`;
  return refusal('partner-frozen', { partner, since, unit });
}

/** A unit that does not show its enclosure may be a module of any of its kind. */
function mayBePartner(
  unit: DeviceFacts,
  own: string | null,
  { deviceType, vendor, product }: UnitRecord,
  enclosure: string | null,
): boolean {
  return (
    (own === null || enclosure === null) &&
    unit.deviceType === DeviceType.enclosure &&
    deviceType === DeviceType.enclosure &&
    unit.vendor === vendor &&
    unit.product === product
  );
}
