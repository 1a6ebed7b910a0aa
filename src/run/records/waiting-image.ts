import type { PendingEvent } from '../facts/outcome.ts';
import type { SentTo } from '../facts/sent-to.ts';
import type { Goal } from '../facts/goal.ts';
import type { Restart } from '../facts/evidence.ts';
import { restartsOf } from './unit-record.ts';
import type { UnitMemory } from './memory.ts';

/** An image that a unit has accepted, and that nothing has started yet, as far as records and journals know. */
export interface RememberedImage {
  /** The run that sent it. */
  readonly run: string;
  readonly imageSha256: string;
  readonly target: string;
  readonly sentTo: readonly SentTo[];
  /** Any one of these starts it. */
  readonly waitsFor: readonly PendingEvent[];
  readonly helps: readonly PendingEvent[];
  /** What says that it may have started, or may be gone: unit attentions that were seen since. */
  readonly restarts: readonly Restart[];
}

/** The image that waits on a unit; null: none that is remembered. Which one waits is not told by any unit. */
export function waitingImageOf({ record, interrupted }: UnitMemory): RememberedImage | null {
  if (interrupted !== null && interrupted.knowledge.known !== 'nothing-sent') {
    const { run, knowledge, device } = interrupted;
    const { deferred = false, waitsFor = [], helps = [] } = device.facts;
    if (knowledge.known !== 'sent-not-activated' || !deferred) return null;
    const { imageSha256, target, proof: goal } = device;
    return { run, imageSha256, target, sentTo: sentToOf(goal), waitsFor, helps, restarts: [] };
  }
  if (record === null) return null;
  const { run, imageSha256, target, proof: goal, outcome, pending, sent } = record;
  const restarts = restartsOf(record);
  // A step failed behind a complete download: the image waits as before.
  const isWaiting = sent?.image === 'accepted' && sent.activation !== 'accepted' && sent.waitsFor.length > 0;
  const waitsFor =
    outcome === 'pending' ? (pending ?? []) : outcome === 'failed' && isWaiting ? sent.waitsFor : [];
  if (waitsFor.length === 0) return null;
  return { run, imageSha256, target, sentTo: sentToOf(goal), waitsFor, helps: sent?.helps ?? [], restarts };
}

const sentToOf = ({ sentTo = [], subenclosure }: Goal): readonly SentTo[] =>
  sentTo.length > 0
    ? sentTo
    : [
        subenclosure === null
          ? { via: 'write-buffer' }
          : { via: 'ses', subenclosureId: subenclosure, bufferId: 0 },
      ];
