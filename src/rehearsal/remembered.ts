import { refusal } from '../base/refusal.ts';
import { ALL_ACCEPTED } from '../run/facts/evidence.ts';
import type { PlannedUnit } from '../run/guards/world.ts';
import { journalDevice } from '../run/engine/run-header.ts';
import { NO_MEMORY } from '../run/records/remembered-units.ts';
import type { RememberedUnits } from '../run/records/remembered-units.ts';
import { memoryFrom } from '../run/records/memory.ts';
import { nextRecord } from '../run/records/unit-record.ts';
import type { UnitRecord } from '../run/records/unit-record.ts';
import { unitResult } from '../run/unit/unit-result.ts';
import { MICROCODE_EVENTS } from '../scsi/microcode-event.ts';
import type { SimulatedDevice } from '../simulator/simulated-device.ts';

/** What plays without a download rest on: a run before them has sent their image to these units, and it waits. */
export function rememberedFor(units: readonly Pick<PlannedUnit, 'facts' | 'play'>[]): RememberedUnits {
  const records = units.flatMap((unit): UnitRecord[] => {
    const { facts, play } = unit;
    if (play.download.length > 0) return [];
    const runs = `runs ${facts.revision}`;
    const record = nextRecord(null, {
      device: journalDevice(unit, { remembered: NO_MEMORY }),
      result: unitResult(
        unit,
        {
          outcome: 'pending',
          error: refusal('event-pending', { runs, events: MICROCODE_EVENTS.join(', '), how: '' }),
        },
        {
          reason: null,
          seconds: 0,
          after: facts.revision,
          pending: MICROCODE_EVENTS,
          sent: { ...ALL_ACCEPTED, waitsFor: MICROCODE_EVENTS },
        },
      ),
      run: 'of-the-download',
      at: new Date(0).toISOString(),
      bootId: null,
      recovering: false,
    });
    return record === null ? [] : [record];
  });
  const memory = memoryFrom({
    records: new Map(records.map((record) => [record.unit, record])),
    bootId: null,
  });
  return { ...NO_MEMORY, memory };
}

/** That run has heard of the power on, and nothing has happened since. */
export function hearAttentions({ unitAttentions }: SimulatedDevice): void {
  const heard = Object.keys(unitAttentions.pending()).map((nexus) => [nexus, []] as const);
  unitAttentions.restore(Object.fromEntries(heard));
}
