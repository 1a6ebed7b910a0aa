import type { UnitMemory } from './memory.ts';
import type { UnitRecord } from './unit-record.ts';

/** Still waiting: the revision is the old one, and the event cannot have come. */
export function stillWaits({ record, bootId }: UnitMemory, revision: string): boolean {
  if (record?.outcome !== 'pending' || record.pending === null || record.pending.length === 0) return false;
  return revision === record.before && !eventCame(record, bootId);
}

/** Only a reboot of this host can be seen from here; a shelf may have been power-cycled without us. */
export function eventCame({ pending, bootId }: UnitRecord, bootIdNow: string | null): boolean {
  const onlyReboot = pending?.length === 1 && pending[0] === 'reboot';
  return onlyReboot && bootId !== null && bootIdNow !== null && bootId !== bootIdNow;
}
