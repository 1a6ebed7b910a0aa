import type { DeviceResult, PendingEvent } from '../../src/run/facts/outcome.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import type { ObservedWrite } from './observed.ts';
import { REVISION } from './random-case.ts';

/**
 * What has to hold for one device after a run, whatever went wrong. The answer lists what does not.
 *
 * @param stepsOfPerson steps of the playbook that a person does; nobody does them here
 */
export function brokenPromises(
  device: SimulatedDevice,
  result: DeviceResult,
  writes: readonly ObservedWrite[],
  stepsOfPerson: readonly PendingEvent[],
): string[] {
  return [
    ...aboutVerdict(device, result, writes, stepsOfPerson),
    ...aboutUntouched(result, writes),
    ...aboutActivation(writes),
    ...aboutRepetition(writes),
  ];
}

/**
 * The verdict against what the device really runs (promise 4). Two kinds of evidence are weighed before the target that is
 * shown: a step of the playbook that a person has not done, and a chunk of the last pass that was not accepted.
 */
function aboutVerdict(
  { shownRevision, identity, id }: SimulatedDevice,
  { outcome, pending, error }: DeviceResult,
  writes: readonly ObservedWrite[],
  stepsOfPerson: readonly PendingEvent[],
): string[] {
  const isMissed = shownRevision === REVISION.target && identity.naa === id;
  const said = `said ${outcome}, and the device shows ${shownRevision}`;
  const changed = identity.naa !== id;
  switch (outcome) {
    case 'updated':
    case 'current':
      return [
        ...(shownRevision === REVISION.target ? [] : [said]),
        ...(changed ? [`said ${outcome} of another unit`] : []),
        ...(lastPass(writes).every(({ accepted, executed }) => accepted || executed)
          ? []
          : [`said ${outcome}, and a chunk of the last pass was not taken`]),
      ];
    case 'pending':
      return isMissed && !isSame(pending ?? [], stepsOfPerson) ? [said] : [];
    case 'failed':
      return isMissed && lastPass(writes).every(({ accepted }) => accepted) ? [said] : [];
    case 'unverified':
      // A look that failed to its end says nothing for the target, nor against it.
      return isMissed && !['sense-unreadable', 'shows-nothing'].includes(error.code) ? [said] : [];
    default:
      return [];
  }
}

const isSame = (events: readonly PendingEvent[], steps: readonly PendingEvent[]): boolean =>
  events.length > 0 && events.length === steps.length && events.every((event) => steps.includes(event));

/** The last answer for each offset, in the last pass. */
function lastPass(writes: readonly ObservedWrite[]): readonly ObservedWrite[] {
  let pass: ObservedWrite[] = [];
  for (const write of writes) {
    if (write.kind !== 'activation') pass = withChunk(pass, write);
  }
  return pass;
}

/** A pass begins at offset 0; a chunk that is sent again takes the place of the one before. */
function withChunk(pass: readonly ObservedWrite[], write: ObservedWrite): ObservedWrite[] {
  if (write.dataBytes === 0) return [...pass];
  if (write.offsetBytes === 0) return [write];
  return [...pass.filter(({ offsetBytes }) => offsetBytes !== write.offsetBytes), write];
}

/** Refused and skipped mean that nothing was written (promise 1). */
function aboutUntouched({ outcome }: DeviceResult, writes: readonly ObservedWrite[]): string[] {
  const untouched = outcome === 'refused' || outcome === 'skipped' || outcome === 'current';
  const executed = writes.filter((write) => write.executed && write.dataBytes > 0).length;
  return untouched && executed > 0 ? [`said ${outcome}, and the device executed ${executed} chunks`] : [];
}

/**
 * Nothing is activated after an error (promise 3). The one exception: the answer to the last chunk was lost, and the
 * device has the image nevertheless.
 */
function aboutActivation(writes: readonly ObservedWrite[]): string[] {
  const broken: string[] = [];
  let sequence: ObservedWrite[] = [];
  for (const write of writes) {
    if (write.kind === 'activation') {
      const hole = holeIn(sequence, write.imageWaited);
      if (hole !== null) broken.push(`was activated after the chunk at offset ${hole} was not accepted`);
    } else {
      sequence = withChunk(sequence, write);
    }
  }
  return broken;
}

function holeIn(sequence: readonly ObservedWrite[], imageWaits: boolean): number | null {
  const hole = sequence.find((write, index) => {
    const lost = index === sequence.length - 1 && imageWaits && !write.short;
    return !write.accepted && !lost;
  });
  return hole?.offsetBytes ?? null;
}

/** What was executed is not sent again in one sequence, and there are two sequences at most (promise 2). */
function aboutRepetition(writes: readonly ObservedWrite[]): string[] {
  const broken: string[] = [];
  let executed = new Set<number>();
  let begun = 0;
  let withoutOffsets = 0;
  for (const { kind, usesOffset, offsetBytes, dataBytes, executed: done } of writes) {
    if (kind === 'activation' || dataBytes === 0) continue;
    if (!usesOffset) {
      if (withoutOffsets > 0) broken.push('an image without offsets was sent again after it was executed');
      if (done) withoutOffsets++;
      continue;
    }
    if (offsetBytes === 0) executed = new Set();
    if (offsetBytes === 0 && done) begun++;
    if (executed.has(offsetBytes))
      broken.push(`the chunk at offset ${offsetBytes}, executed, was sent again`);
    if (done) executed.add(offsetBytes);
  }
  if (begun > 2) broken.push(`the download was begun ${begun} times`);
  return broken;
}
