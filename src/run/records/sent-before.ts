import { isDeferred, isSaved } from '../../playbook/modes.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';
import { writeBufferModeName } from '../../scsi/write-buffer.ts';
import { ALL_ACCEPTED, eventsLeft } from '../facts/evidence.ts';
import type { PendingEvent, SentEvidence } from '../facts/evidence.ts';
import { isActivationRefused } from './knowledge.ts';
import type { KnownState } from './knowledge.ts';
import type { DeviceRecord } from './run-record.ts';
import type { UnitRecord } from './unit-record.ts';

/** What was sent by the run that a record speaks of. A pending unit waits for what it was told then to wait for. */
export function sentByRecord({ outcome, pending, sent, failedImage }: RecordOfSending): SentEvidence {
  const kept = sent ?? { ...ALL_ACCEPTED, image: failedImage ? 'unknown' : 'accepted' };
  if (outcome !== 'pending') return kept;
  const waited = pending ?? [];
  const own = eventsLeft(kept, []);
  // What a later look heard from the unit alone may have passed: the events of what was sent are those that helped before.
  const waitsFor = waited.some((event) => own.includes(event)) ? waited : [...waited, ...own];
  return { ...kept, waitsFor, activation: 'not-sent', steps: [], failedStep: null };
}

/** The same when the host has been booted, which is what the unit waited for: of its image only the other events are left. */
export function sentBeforeBoot({ sent = ALL_ACCEPTED }: Pick<UnitRecord, 'sent'>): SentEvidence {
  const others = (events: readonly PendingEvent[]): readonly PendingEvent[] =>
    events.filter((event) => event !== 'reboot');
  return { ...sent, waitsFor: others(sent.waitsFor), steps: others(sent.steps) };
}

type RecordOfSending = Pick<UnitRecord, 'outcome' | 'pending' | 'sent'> & {
  /** An older version kept no more than that it ended badly. */
  readonly failedImage: boolean;
};

/** What a run that died had sent, as far as its journal tells. */
export function sentByInterrupted(device: DeviceRecord, known: KnownState): SentEvidence {
  const says = device.answer?.says;
  const { chunk = 0, chunks = 0, helps = [], mode, isVolatile } = device.facts;
  // Until all was sent, the mode of the last command is what is known.
  const name = mode === undefined ? '' : writeBufferModeName(mode);
  const isUnsaved = isVolatile ?? (mode !== undefined && !isSaved(name));
  const { waitsFor = isDeferred(name) ? MICROCODE_EVENTS : [] } = device.facts;
  const all: SentEvidence = {
    ...ALL_ACCEPTED,
    acceptedChunks: chunks,
    chunks,
    helps,
    ...(isUnsaved && { isVolatile: true }),
  };
  switch (known) {
    case 'last-chunk-in-flight':
      return {
        ...{ ...all, waitsFor, acceptedChunks: Math.max(0, chunks - 1) },
        image: says === 'denied' ? 'last-denied' : 'last-answer-lost',
      };
    case 'sent-not-activated':
      return isActivationRefused(device)
        ? { ...all, waitsFor, activation: 'refused', failedStep: 'activate_mc' }
        : { ...all, waitsFor };
    case 'activation-in-flight':
      // It may not even have been sent.
      return { ...all, waitsFor, activation: says === 'nothing-waited' ? says : 'denied' };
    case 'activated-not-verified':
      return { ...all, waitsFor, activation: 'accepted' };
    case 'partly-sent':
      return { ...all, image: 'not-accepted', acceptedChunks: chunk };
    case 'nothing-sent':
    case 'verdict':
    case 'unclear':
      return { ...all, image: 'unknown', acceptedChunks: chunk };
  }
}
