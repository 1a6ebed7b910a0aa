import { decodeSense } from '../../../../src/scsi/sense.ts';
import { downloadMicrocodeStatus } from '../../../../src/ses/download-microcode-status.ts';
import type { Cell } from './cells.ts';
import { hasEarlier, refusedInLastPass, sequencesOf } from './oracle.ts';
import type { Found } from './run.ts';
import { TARGET } from './run.ts';
import { toldOf } from './told.ts';
import { isActivation, isChunk } from './trace.ts';
import type { Sent } from './trace.ts';

/**
 * Without a deferred mode or a status page nothing tells these from others that run their image at once: VPD page 86h is a capability,
 * which never contradicts a target that is shown (decisions.md#the-verdict).
 */
export const SILENT = ['mode 7, runs after a hard reset', 'mode 5, runs after a power cycle'];

/**
 * The string in page 01h moves the generation code. These read nothing between the pages, so that nobody learns the new one, and a shelf
 * that compares it ends the download at the second page: what comes later is never reached.
 */
const NEVER_REACHED: Readonly<Record<string, readonly string[]>> = {
  'page 0Eh, deferred, status-reads none': ['last', 'activation'],
  'page 0Eh, drops when read': ['last', 'last word'],
};

/** The fault of this cell meets a command. */
export const isReachedStaged = ({ procedure, place, staged }: Cell): boolean =>
  staged !== 'first chunk' || NEVER_REACHED[procedure.name]?.includes(place) !== true;

/**
 * What is wrong with what was said of a device whose string shows the target before it runs it: here the string proves nothing, and
 * only what the device holds and runs does. A failure is never wrong here, and `pending` asks a person.
 */
export function stagedWrongs(found: Found): string[] {
  if (found.metAt === null) return ['the fault met no command'];
  const { end, device } = found;
  const { outcome } = end.results[0]!;
  const wrong = end.bugs.map((bug) => `bug: ${String(bug)}`);
  const runs = device.microcode.running.revision === TARGET;
  const isMistaken = isMisled(found);
  if (outcome === 'current') wrong.push('FALSE SUCCESS: current, but it was not');
  if (outcome === 'updated' && !runs && !isMistaken) wrong.push('FALSE SUCCESS');
  if (outcome === 'updated' && !runs && refusedInLastPass(found))
    wrong.push('FALSE SUCCESS: a chunk of the last pass was refused');
  if (outcome === 'updated' && !isMistaken && !hasEarlier(found))
    wrong.push('FALSE SUCCESS: an earlier section is missing');
  return wrong;
}

/**
 * It did not do a command, and nobody can know: it said that it has; or the answer to the last command of all was lost, or said that
 * it has restarted (decisions.md#the-verdict, the first two points). Then the string is all that there is.
 */
function isMisled(found: Found): boolean {
  const changing = found.trace.sent.filter((sent) => isChunk(sent) || isActivation(sent));
  const sequences = sequencesOf(found).map((sequence) => sequence.filter(isChunk));
  const last = sequences.findLast(({ length }) => length > 0) ?? [];
  const ends = [...last.filter(({ as }) => as.hasAll).slice(-1), ...changing.filter(isActivation).slice(-1)];
  const isLie = (sent: Sent): boolean => !sent.executed && toldOf(sent) === 'done';
  return (
    changing.some(isLie) ||
    hasRestartedAtTheEnd(found) ||
    found.trace.sent.some(hidesStatus) ||
    ends.some((sent) => isGone(sent) || (!sent.executed && isLostOrRestart(sent)))
  );
}

/** A restart with the last command, or behind it, of an image that it has whole: it may have started that by itself. */
function hasRestartedAtTheEnd({ cell: { happens }, trace: { sent }, metAt }: Found): boolean {
  const end = sent.findLastIndex((one) => isChunk(one) && one.as.hasAll && one.executed);
  return happens !== 'nothing' && metAt !== null && end >= 0 && metAt >= end;
}

/** It said that it did not show its final status, and has used it up; or it was gone. */
const hidesStatus = (sent: Sent): boolean =>
  sent.as.role === 'page' &&
  sent.as.pageCode === downloadMicrocodeStatus.pageCode &&
  (isGone(sent) || (sent.executed && toldOf(sent) === 'not executed'));

/** The kernel, or the adapter, does not find it any more: that, too, is what a restart looks like. */
const isGone = ({ outcome: { errno, hostStatus } }: Sent): boolean =>
  errno === 19 || [0x01, 0x04].includes(hostStatus);

function isLostOrRestart(sent: Sent): boolean {
  if (toldOf(sent) === 'unknown') return true;
  const sense = decodeSense(sent.outcome.sense);
  if (sense?.key !== 6 || sense.deferred) return false;
  return sense.asc === 0x29 || (sense.asc === 0x3f && [0x01, 0x16].includes(sense.ascq));
}
