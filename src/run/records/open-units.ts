import type { JournalDevice } from './journal-entry.ts';
import type { InterruptedRun } from './interrupted-runs.ts';
import { memoryOf } from './memory.ts';
import type { HostMemory, UnitMemory } from './memory.ts';
import type { Knowledge } from './knowledge.ts';
import type { DeviceRecord } from './run-record.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Outcome, PendingEvent } from '../facts/outcome.ts';
import type { Restart, SentEvidence } from '../facts/evidence.ts';
import { foundBeforeOf } from '../facts/found-before.ts';
import type { FoundBefore } from '../facts/found-before.ts';
import { eventCame } from './waiting.ts';
import { sentBeforeBoot, sentByInterrupted, sentByRecord } from './sent-before.ts';
import { restartsOf } from './unit-record.ts';
import type { UnitRecord } from './unit-record.ts';

/** A unit of which nobody knows yet whether it runs what was sent to it. */
export interface OpenUnit {
  /** The run that wrote to it. */
  readonly run: string;
  readonly device: JournalDevice;
  /** The ending that still stands; after an interrupted run, what is sure: `failed`, or `unverified` where it may be complete. */
  readonly outcome: OpenOutcome;
  readonly reason: string | null;
  /** Cause and next step, as the run itself said them; absent: not known. */
  readonly error?: Refusal;
  readonly pending: readonly PendingEvent[] | null;
  /** What was sent, and what the unit said of it. */
  readonly sent: SentEvidence;
  /**
   * Nothing may be done to it: `sense`: on account of 4/44, which may pass; `status`: of 83h of page 0Eh, or it is not known of
   * what. null: it is not frozen.
   */
  readonly frozen: 'sense' | 'status' | null;
  /** The event that it waited for has come, as far as that can be seen from here: a reboot of this host. */
  readonly eventCame: boolean;
  /** Revision when it was last looked at. */
  readonly after: string | null;
  /** What has to be there again before it is well. */
  readonly found: FoundBefore;
  /** Unit attentions since then that tell of a start, and that earlier looks have taken from the unit. */
  readonly restarts: readonly Restart[];
  /** What an interrupted run left; null: the run gave a verdict. */
  readonly interrupted: (Knowledge & { readonly device: DeviceRecord }) | null;
}

/** Endings after which a look has to say what the unit is now: what waits, was never proven, went wrong, or is away. */
const OPEN = ['pending', 'unverified', 'degraded', 'failed', 'lost', 'frozen'] as const;

type OpenOutcome = (typeof OPEN)[number];

const isOpen = (outcome: Outcome): outcome is OpenOutcome => (OPEN as readonly Outcome[]).includes(outcome);

/** What still has to be found out about a unit; null: nothing is open. */
export function openEnd(memory: UnitMemory): OpenUnit | null {
  const { record, interrupted } = memory;
  // The later work counts: a unit that was pending got something else sent since.
  if (interrupted !== null && interrupted.knowledge.known !== 'nothing-sent')
    return ofInterrupted(interrupted, record);
  if (record === null) return null;
  const { accepted, outcome, frozen } = record;
  if (accepted === undefined && isOpen(outcome)) return ofRecord(record, outcome, memory.bootId);
  return frozen === null ? null : ofRecord(record, 'frozen', memory.bootId);
}

/**
 * Units that wait for an event, that were never proven, that are not as they were before, or on which a run was interrupted
 * after it had sent something.
 *
 * @param run only those of this run; null: all of them
 */
export const openUnits = (memory: HostMemory, run: string | null = null): OpenUnit[] =>
  [...memory.units.keys()].flatMap((id) => {
    const open = openEnd(memoryOf(memory, id));
    // What was done to a device stands under the logical unit through which it was done.
    return open?.device.id !== id || (run !== null && open.run !== run) ? [] : [open];
  });

const ofInterrupted = ({ run, device, knowledge }: InterruptedRun, before: UnitRecord | null): OpenUnit => ({
  run,
  device,
  outcome: knowledge.verifyFirst ? 'unverified' : 'failed',
  reason: knowledge.text,
  pending: null,
  sent: sentByInterrupted(device, knowledge.known),
  // Only a good image takes it away, and of that one nobody knows.
  frozen: frozenBy(before),
  eventCame: false,
  after: device.facts.shownWaiting ?? null,
  found: foundBeforeOf(device.facts),
  restarts: [],
  interrupted: { ...knowledge, device },
});

function ofRecord(record: UnitRecord, outcome: OpenOutcome, bootId: string | null): OpenUnit {
  const { unit, play, vendor, product, deviceType, logicalUnit, serialNumber, before, target } = record;
  const { imageSha256, proof, reason, pending, after, run, shares } = record;
  const isBooted = eventCame(record, bootId);
  const failedImage = outcome === 'failed' || outcome === 'frozen';
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
      ...(shares !== undefined && { shares }),
      before,
      target,
      imageSha256,
      sentSha256: [],
      totalBytes: 0,
      proof,
    },
    outcome,
    reason,
    ...(record.error !== undefined && { error: record.error }),
    pending,
    sent: isBooted ? sentBeforeBoot(record) : sentByRecord({ ...record, failedImage }),
    frozen: frozenBy(record),
    eventCame: isBooted,
    after,
    found: foundBeforeOf(record),
    restarts: restartsOf(record),
    interrupted: null,
  };
}

const frozenBy = (record: UnitRecord | null): OpenUnit['frozen'] =>
  record?.frozen == null ? null : (record.frozen.by ?? 'status');
