import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import { isPending } from '../records/questions.ts';
import type { UnitRecord } from '../records/unit-record.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { shownOf } from '../facts/subenclosure.ts';
import type { KnownUnits } from '../records/known-units.ts';

/**
 * What earlier runs left on another module of this unit's enclosure, so that this one must not restart: the other is frozen, is
 * degraded, or waits for an event that may start its new code. null: nothing is against it. The other module need not be there now.
 */
export function partnerMemory(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  { records, bootId }: Pick<KnownUnits, 'records' | 'bootId'>,
  { partnerAfter, redundancy }: Pick<ResolvedStrategy, 'partnerAfter' | 'redundancy'>,
): string | null {
  const own = enclosureOf(unit);
  for (const record of records.values()) {
    if (record.unit === unit.id) continue;
    const there = all.find(({ id }) => id === record.unit);
    const enclosure = (there && enclosureOf(there)) ?? record.enclosure ?? null;
    const isPartner = own !== null && enclosure === own;
    if (record.frozen !== null && (isPartner || mayBePartner(unit, own, record, enclosure))) {
      const { run } = record.frozen;
      const who = isPartner ? `its partner ${record.unit} in enclosure ${own}` : record.unit;
      const why = isPartner ? '' : ', and this may be another module of the same enclosure';
      const next = 'ask the vendor, then recover that one alone';
      return `${who} is frozen since run ${run}${why}; ${next}: runbook apply --recover ${record.unit} --only ${record.unit}`;
    }
    if (isPartner && record.outcome === 'degraded' && redundancy === 'required') {
      const why = record.reason === null ? '' : ` (${record.reason})`;
      return `its partner ${record.unit} in enclosure ${own} ended degraded in run ${record.run}${why}; when it is well again: runbook verify ${record.run}, or write \`redundancy: outage-accepted\``;
    }
    if (!isPartner || partnerAfter === 'pending') continue;
    const revision = (there && shownOf(there, record.proof.subenclosure ?? 0)?.revision) ?? record.before;
    if (isPending(record, { revision, bootId })) {
      const events = record.pending!.join(', ');
      return `its partner ${record.unit} in enclosure ${own} was written by run ${record.run} and waits for: ${events}; let that happen first, or write \`partner-after: pending\``;
    }
  }
  return null;
}

const ENCLOSURE = 0x0d;

/** A unit that does not show its enclosure may be a module of any of its kind. */
function mayBePartner(
  unit: DeviceFacts,
  own: string | null,
  { deviceType, vendor, product }: UnitRecord,
  enclosure: string | null,
): boolean {
  return (
    (own === null || enclosure === null) &&
    unit.deviceType === ENCLOSURE &&
    deviceType === ENCLOSURE &&
    unit.vendor === vendor &&
    unit.product === product
  );
}
