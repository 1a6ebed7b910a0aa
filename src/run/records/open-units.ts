import type { JournalDevice } from './journal-entry.ts';
import type { DeadRun } from './dead-runs.ts';
import type { Knowledge } from './knowledge.ts';
import type { DeviceRecord } from './run-record.ts';
import type { Outcome, PendingEvent } from '../facts/outcome.ts';
import { eventCame } from './questions.ts';
import type { UnitRecord } from './unit-record.ts';

/** A unit of which nobody knows yet whether it runs what was sent to it. */
export interface OpenUnit {
  /** The run that wrote to it. */
  readonly run: string;
  readonly device: JournalDevice;
  /** The ending that still stands; after a run that died, what is sure: `failed`, or `unverified` where it may be complete. */
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly pending: readonly PendingEvent[] | null;
  /** Events that may still come; empty: none is known. */
  readonly waitsFor: readonly PendingEvent[];
  /** Revision when it was last looked at. */
  readonly after: string | null;
  /** Of a degraded unit: the paths that have to be there before it is well; null: not known. */
  readonly paths: readonly string[] | null;
  /** What a run that died left; null: the run gave a verdict. */
  readonly died: (Knowledge & { readonly device: DeviceRecord }) | null;
}

/** Endings that a look can settle. `failed` and `lost` are for the next apply, which looks first. */
const OPEN: readonly Outcome[] = ['pending', 'unverified', 'degraded'];

/**
 * Units that wait for an event, that were never proven, that are not as they were before, or on which a run died after it had
 * sent something.
 *
 * @param run only those of this run; null: all of them
 */
export function openUnits(
  records: ReadonlyMap<string, UnitRecord>,
  dead: ReadonlyMap<string, DeadRun>,
  run: string | null,
  bootId: string | null,
): OpenUnit[] {
  const units = new Map<string, OpenUnit>();
  for (const record of records.values()) {
    if (!OPEN.includes(record.outcome)) continue;
    units.set(record.unit, ofRecord(record, bootId));
  }
  for (const { run: deadRun, device, knowledge } of dead.values()) {
    if (knowledge.known === 'nothing-sent') continue;
    // The later work counts: a unit that was pending got something else sent since.
    units.set(device.id, {
      run: deadRun,
      device,
      outcome: knowledge.verifyFirst ? 'unverified' : 'failed',
      reason: knowledge.text,
      pending: null,
      waitsFor: [],
      after: null,
      paths: null,
      died: { ...knowledge, device },
    });
  }
  return [...units.values()].filter((unit) => run === null || unit.run === run);
}

function ofRecord(record: UnitRecord, bootId: string | null): OpenUnit {
  const { unit, play, vendor, product, deviceType, logicalUnit, serialNumber, before, target } = record;
  const { imageSha256, proof, outcome, reason, pending, after, run } = record;
  return {
    run,
    device: {
      id: unit,
      play,
      paths: [],
      vendor,
      product,
      deviceType,
      logicalUnit,
      serialNumber,
      before,
      target,
      imageSha256,
      sentSha256: [],
      totalBytes: 0,
      proof,
    },
    outcome,
    reason,
    pending,
    waitsFor: outcome === 'pending' && !eventCame(record, bootId) ? (pending ?? []) : [],
    after,
    paths: record.paths ?? null,
    died: null,
  };
}
