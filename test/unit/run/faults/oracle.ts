import { isFailure } from '../../../../src/run/facts/outcome.ts';
import { decodeSense } from '../../../../src/scsi/sense.ts';
import { toldFrozen, toldOf } from './told.ts';
import type { Told } from './told.ts';
import { TARGET, waitingIn } from './run.ts';
import type { Found } from './run.ts';
import { isActivation, isChunk, statusesIn } from './trace.ts';
import type { Sent } from './trace.ts';

/** What is wrong with what was said and done; empty: nothing. */
export function wrongs(found: Found): string[] {
  if (found.metAt === null) return ['the fault met no command'];
  if (cameTooLate(found)) return [...wrongChunks(found), ...wrongActivations(found)];
  return [...wrongWords(found), ...wrongChunks(found), ...wrongActivations(found), ...wrongUnit(found)];
}

const isGone = ({ cell }: Found): boolean => cell.happens.endsWith('for good');
const isReplaced = ({ cell }: Found): boolean => cell.happens.startsWith('another unit');

/**
 * What happened to the device came behind the last look, and nothing told of it: every later command was GOOD, none was
 * an INQUIRY, and REQUEST SENSE had nothing to say.
 */
function cameTooLate({ cell, trace, metAt }: Found): boolean {
  if (cell.happens === 'nothing') return false;
  const later = trace.sent.slice(metAt! + (cell.answer === 'good' ? 1 : 0));
  return later.every(({ as, outcome }) => {
    const { errno, hostStatus, driverStatus, status, sense, dataIn } = outcome;
    const isGood = [errno, hostStatus, driverStatus, status, sense.length].every((field) => field === 0);
    const name = as.role === 'look' ? as.name : '';
    const tells = name === 'INQUIRY' || (name === 'REQUEST SENSE' && (decodeSense(dataIn)?.key ?? 0) !== 0);
    return isGood && !tells;
  });
}

/** The verdict against what the device really has. */
function wrongWords(found: Found): string[] {
  const { end, device, trace, cell } = found;
  const { outcome, reason, after, pending } = end.results[0]!;
  const wrong = end.bugs.map((bug) => `bug: ${String(bug)}`);
  const waiting = waitingIn(device);
  const { promises = [] } = cell.procedure;
  // A device that says "not executed" or "done" and lies cannot be guarded against.
  const first = trace.chunks.find((chunk) => chunk.executed || !saysUnknown(chunk));
  const taken = trace.chunks.some(
    (chunk) => chunk.executed && toldOf(chunk) !== 'not executed' && !(chunk === first && saysUnknown(chunk)),
  );
  const lies =
    trace.sent.some(
      (sent) => (isChunk(sent) || isActivation(sent)) && !sent.executed && toldOf(sent) === 'done',
    ) || saysThatItWaits(found);
  if ((outcome === 'refused' || outcome === 'skipped') && taken)
    wrong.push(`FALSE FAILURE: ${outcome}, but a chunk was taken`);
  if (outcome === 'pending' && waiting.length === 0 && !lies)
    wrong.push('FALSE SUCCESS: pending, but nothing waits');
  if (
    outcome === 'pending' &&
    waiting.some(({ events }) => !pending!.every((name) => [...events, ...promises].includes(name)))
  )
    wrong.push(
      `FALSE SUCCESS: pending ${pending!.join(', ')}, but it waits for ${waiting[0]!.events.join(', ')}`,
    );
  const mayRestart = cell.procedure.name.startsWith('fallback')
    ? 2
    : 1 + (cell.procedure.earlier ?? []).length;
  if (trace.restarts.length > mayRestart) wrong.push(`restarted ${trace.restarts.length} times`);
  if (isReplaced(found) || isGone(found)) return wrong;

  const showsTarget = device.shownRevision === TARGET;
  if (outcome === 'refused' && showsTarget) wrong.push('FALSE FAILURE: refused, and it runs the image');
  if (outcome === 'updated' && !showsTarget) wrong.push('FALSE SUCCESS');
  if (outcome === 'updated' && !lies && !hasEarlier(found))
    wrong.push('FALSE SUCCESS: an earlier section is missing');
  if (outcome === 'current') wrong.push('FALSE SUCCESS: current, but it was not');
  const isNo = (isFailure(outcome) && outcome !== 'frozen') || outcome === 'pending';
  if (outcome === 'updated' && refusedInLastPass(found))
    wrong.push('FALSE SUCCESS: a chunk of the last pass was refused');
  if (isNo && showsTarget && !isContradicted(found) && !(outcome === 'pending' && saysThatItWaits(found)))
    wrong.push(`FALSE FAILURE: ${outcome}, ${reason ?? ''}`);
  if (outcome === 'degraded' && device.ready) wrong.push(`FALSE FAILURE: degraded, ${reason ?? ''}`);
  // A status is shown once: where its answer was lost, nobody can say what the device waits for.
  const wasLost = cell.place === 'last word' && cell.executed;
  const unsure = outcome === 'failed' || (outcome === 'unverified' && !wasLost);
  if (unsure && waiting.length > 0 && isUntroubled(found))
    wrong.push(`FALSE FAILURE: ${outcome}, ${reason ?? ''}`);
  if (outcome === 'frozen' && !trace.sent.some((sent) => toldFrozen(sent.outcome)))
    wrong.push(`FALSE FAILURE: frozen, ${reason ?? ''}`);
  if (after !== null && after !== device.shownRevision)
    wrong.push(`says that it shows ${after}, and it shows ${device.shownRevision}`);
  return wrong;
}

/** 5/20/00 and 5/24/00: the device does not know the command, or the mode; said to a first chunk, nothing of it was taken. */
function saysUnknown({ outcome }: Sent): boolean {
  const sense = decodeSense(outcome.sense);
  return sense?.key === 5 && sense.ascq === 0 && (sense.asc === 0x20 || sense.asc === 0x24);
}

/** REQUEST SENSE was answered with 0/00/22, in whatever way: what it says of itself counts. */
const saysThatItWaits = ({ cell: { place, answer } }: Found): boolean =>
  place === 'sense after' && answer === '0/00/22';

/** A device that says no, or "not executed", to what it does: the evidence is weighed before the revision that it shows. */
function isContradicted({ trace }: Found): boolean {
  return trace.sent.some(
    (sent) =>
      (isChunk(sent) || isActivation(sent)) && sent.executed && ['no', 'not executed'].includes(toldOf(sent)),
  );
}

/** The last answer to a chunk of the last sequence was no: whatever is shown then, it is not what was sent. */
export function refusedInLastPass(found: Found): boolean {
  const chunks = sequencesOf(found).at(-1)!.filter(isChunk);
  const last = new Map(chunks.map((chunk) => [`${chunk.as.to} ${chunk.as.offset} ${chunk.as.bytes}`, chunk]));
  return [...last.values()].some((chunk) => toldOf(chunk) === 'no');
}

/** The images of the sections before the last one run. */
export function hasEarlier({ cell, device }: Found): boolean {
  const memories = device.enclosure?.subenclosures.map(({ microcode }) => microcode) ?? [device.microcode];
  const saved = memories.flatMap(({ flash }) => [...flash.values()]);
  return (cell.procedure.earlier ?? []).every(({ image }) =>
    saved.some(({ bytes }) => Buffer.compare(bytes, image) === 0),
  );
}

/** Every chunk and the activation were answered as done, no reset was told of, and no status page spoke of an error. */
function isUntroubled({ trace }: Found): boolean {
  const begin = trace.sent.findIndex(isChunk);
  const wasReset = trace.sent.slice(begin).some(({ outcome }) => {
    const sense = decodeSense(outcome.sense);
    return sense?.key === 6 && sense.asc === 0x29;
  });
  if (wasReset) return false;
  const changes = trace.sent.filter(({ as }) => as.role === 'chunk' || as.role === 'activation');
  return changes.every((sent) => toldOf(sent) === 'done') && !trace.sent.some(isError);
}

/** Nothing of the image goes to another unit, and nothing is said of a unit that was not seen again. */
function wrongUnit(found: Found): string[] {
  if (!isReplaced(found) && !isGone(found)) return [];
  const { trace, cell, metAt, ranThen } = found;
  const { outcome } = found.end.results[0]!;
  const wrong: string[] = [];
  // Only a look of the verification itself can have seen what the unit had before it went.
  const seenBefore = cell.place.endsWith('after') && ranThen === TARGET;
  if (outcome === 'updated' && !seenBefore) wrong.push('FALSE SUCCESS: the unit is gone');
  if (outcome === 'pending' && !cell.place.endsWith('after'))
    wrong.push('FALSE SUCCESS: pending, but it is gone');
  const later = trace.sent.slice(metAt! + 1);
  if (
    isReplaced(found) &&
    later.some(({ as, executed }) => executed && (as.role === 'chunk' || as.role === 'activation'))
  )
    wrong.push('ANOTHER UNIT was written to');
  return wrong;
}

/** The commands of each sequence; runbook itself says where a new one begins. */
export function sequencesOf({ trace }: Found): Sent[][] {
  const sequences: Sent[][] = [[]];
  for (const [index, sent] of trace.sent.entries()) {
    if (trace.restarts.includes(index)) sequences.push([]);
    sequences.at(-1)!.push(sent);
  }
  return sequences;
}

function wrongChunks(found: Found): string[] {
  const { trace } = found;
  const wrong = sequencesOf(found).flatMap(sentTwice);
  const lies = trace.chunks.some((chunk) => chunk.executed && toldOf(chunk) === 'not executed');
  if (trace.overNewCode > 0 && !lies) wrong.push('SENT OVER NEW CODE');
  return wrong;
}

function sentTwice(sequence: readonly Sent[]): string[] {
  return sequence.flatMap((sent, index) => {
    if (!isChunk(sent)) return [];
    const { to, offset, bytes } = sent.as;
    // The empty command at the end begins at offset 0 as well.
    const isSame = (other: Sent): boolean =>
      isChunk(other) &&
      other.as.to === to &&
      other.as.offset === offset &&
      (other.as.bytes === 0) === (bytes === 0);
    const before = sequence.slice(0, index).findLastIndex(isSame);
    if (before === -1 || toldOf(sequence[before]!) === 'not executed') return [];
    const asked = sequence.slice(before + 1, index).some((between) => {
      const entry = statusesIn(between).find(({ subenclosureId }) => to === `subenclosure ${subenclosureId}`);
      return (
        toldOf(sequence[before]!) === 'unknown' && entry?.status === 1 && entry.expectedOffsetBytes === offset
      );
    });
    return asked ? [] : [`SENT TWICE: ${offset}`];
  });
}

const isError = (sent: Sent): boolean => statusesIn(sent).some(({ status }) => status >= 0x80);

function wrongActivations(found: Found): string[] {
  const { sent } = found.trace;
  const activations = sent.filter(isActivation);
  if (activations.length === 0) return [];
  const wrong: string[] = [];
  const begin = sent.indexOf(activations[0]!);
  // The last answer for each offset counts, in the last pass over each section.
  const sections = new Map<string, Map<number, { said: Told; at: number }>>();
  for (const [at, command] of sent.slice(0, begin).entries()) {
    if (!isChunk(command)) continue;
    const { to, offset, bytes } = command.as;
    if (!sections.has(to) || (offset === 0 && bytes > 0)) sections.set(to, new Map());
    sections.get(to)!.set(offset, { said: toldOf(command), at });
  }
  const bySes = found.cell.procedure.download.via === 'ses';
  for (const [to, answers] of sections) {
    const end = Math.max(...answers.keys());
    for (const [offset, { said }] of answers) {
      // What was lost, the device itself may have said: WRITE BUFFER of the end only.
      const confirmed = (bySes || offset === end) && said !== 'no' && found.trace.waitingAtActivation[0]! > 0;
      if (said !== 'done' && !confirmed)
        wrong.push(`ACTIVATED AFTER AN ERROR at ${offset} of ${to}: ${said}`);
    }
    const behind = sent.slice(answers.get(end)!.at, begin);
    const next = behind.findIndex((command) => isChunk(command) && command.as.to !== to);
    if (behind.slice(0, next < 0 ? undefined : next).some(isError))
      wrong.push(`ACTIVATED AFTER AN ERROR in the status of ${to}`);
  }
  for (const [index, again] of activations.slice(1).entries()) {
    const between = found.trace.sent.slice(
      found.trace.sent.indexOf(activations[index]!),
      found.trace.sent.indexOf(again),
    );
    // 80h at the generation code: the device says that it did nothing.
    const isSame = activations[index]!.as.to === again.as.to;
    if (isSame && toldOf(activations[index]!) !== 'not executed' && !between.some(isError))
      wrong.push('ACTIVATED TWICE');
  }
  return wrong;
}
