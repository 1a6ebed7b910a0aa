import { toHex } from '../base/bytes.ts';
import { errnoName } from '../base/errno.ts';
import { refusal } from '../base/refusal.ts';
import type { Refusal } from '../base/refusal.ts';
import type { ErrorLayer } from '../base/refusals/entry.ts';
import { ANSWERS } from '../base/refusals/answers.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { dataDirection, OperationCode } from '../scsi/command.ts';
import { decodeSense, SenseKey, senseText } from '../scsi/sense.ts';
import type { Sense } from '../scsi/sense.ts';
import {
  DriverStatus,
  driverStatusName,
  hostStatusName,
  HostStatus,
  scsiStatusName,
  ScsiStatus,
} from '../scsi/status.ts';
import type { CommandOutcome } from '../transport/transport.ts';
import { senseRule } from './sense-table.ts';
import type { Action, Moment } from './sense-table.ts';

export type AnswerCode = keyof typeof ANSWERS;

export interface Judgement {
  readonly action: Action;
  readonly code: AnswerCode;
  readonly layer: ErrorLayer;
  /** What was seen, in words; for an accepted command the warning, or an empty string. */
  readonly text: string;
  readonly next: string;
  readonly sense: Sense | null;
  /** Nothing was sent, because another unit is in the place of this one: that is told. Absent: it is not known to be so. */
  readonly instead?: Refusal;
}

/** Nothing reached the device with these, whatever the moment. */
const NOT_SENT_ERRNO = new Set([
  1 /* EPERM */, 13 /* EACCES */, 14 /* EFAULT */, 25 /* ENOTTY */, 90 /* EMSGSIZE */,
]);
/** Of the others, EIO say, nobody knows more than that the answer is lost. */
const GONE_ERRNO = new Set([6 /* ENXIO */, 19 /* ENODEV */]);
const TOO_BIG_ERRNO = new Set([12 /* ENOMEM */, 22 /* EINVAL */]);

/**
 * What an outcome means. The transport reports it, this function judges it, nobody else does
 * (scsi-microcode.md#answers, decisions.md#sending).
 *
 * @param moment where the command stands in its procedure; the same answer means different things before the first
 *   chunk and after the last.
 */
export function judge(command: ScsiCommand, outcome: CommandOutcome, moment: Moment): Judgement {
  const sense = judgeSense(command, outcome, moment);
  const refusal = judgeErrno(outcome, moment) ?? urgent(sense) ?? judgeHostStatus(outcome, moment);
  if (refusal !== null) return refusal;
  if (sense !== null && !isAccepted(sense)) return sense;
  // NO SENSE and RECOVERED ERROR do not make up for a status that says no, or for bytes that the device did not take.
  return (
    judgeDriverStatus(outcome, sense !== null) ??
    judgeStatus(outcome, sense !== null) ??
    judgeResidual(command, outcome) ??
    sense ??
    judged('accept', 'no-sense', '', { next: '' })
  );
}

/** Layer and next step are those of the code, where `known` has no others. */
function judged(
  action: Action,
  code: AnswerCode,
  text: string,
  known: Partial<Pick<Judgement, 'layer' | 'next' | 'sense'>> = {},
): Judgement {
  const { layer, next } = ANSWERS[code];
  return { action, code, text, layer, next, sense: null, ...known };
}

const isAccepted = ({ action }: Judgement): boolean => action === 'accept' || action === 'accept-then-wait';

/** An internal failure of the device is told whatever the adapter says beside it: it decides about the power switch. */
const urgent = (sense: Judgement | null): Judgement | null => (sense?.action === 'freeze' ? sense : null);

/** A refused question has no mode and no image that could be compared. Pages of page 0Eh say what the transport is. */
const isRefusedLook = ({ cdb }: ScsiCommand, { sense }: Judgement): boolean =>
  sense?.key === SenseKey.illegalRequest && ONLY_LOOKS.includes(cdb[0]!) && sense.asc !== 0x35;

const REFUSED_LOOK =
  'See what the unit answers now (runbook devices --probe), and ask the vendor why it refuses this question.';

const ONLY_LOOKS: readonly number[] = [
  OperationCode.testUnitReady,
  OperationCode.requestSense,
  OperationCode.inquiry,
  OperationCode.receiveDiagnosticResults,
  OperationCode.readBuffer,
  OperationCode.maintenanceIn,
];

/** The failure as it is told to a person; `offset` in bytes of the image, where there is one. */
export function failureOf(command: ScsiCommand, judgement: Judgement, offset: number | null = null): Refusal {
  const { sense, code, layer, instead } = judgement;
  const next = isRefusedLook(command, judgement) ? REFUSED_LOOK : judgement.next;
  if (instead !== undefined) return { ...instead, offset };
  const what = `${command.name}${offset === null ? '' : ` at offset ${offset}`}: ${judgement.text}`;
  return refusal(
    code,
    { what },
    {
      layer,
      next,
      cdb: toHex(command.cdb),
      offset,
      sense: sense && { key: sense.key, asc: sense.asc, ascq: sense.ascq, text: senseText(sense) },
    },
  );
}

function judgeErrno({ errno }: CommandOutcome, moment: Moment): Judgement | null {
  if (errno === 0) return null;
  const text = `the kernel refused the command or lost its answer: ${errnoName(errno)}`;
  if (NOT_SENT_ERRNO.has(errno)) return judged('stop', 'command-not-sent', text);
  if (TOO_BIG_ERRNO.has(errno) && (moment === 'first' || moment === 'probe')) {
    return judged('stop', 'transfer-too-large', text);
  }
  return judged('unclear', GONE_ERRNO.has(errno) ? 'device-gone' : 'answer-lost', text, { layer: 'kernel' });
}

function judgeHostStatus(outcome: CommandOutcome, moment: Moment): Judgement | null {
  const { hostStatus } = outcome;
  const text = `no answer from the device: ${hostStatusName(hostStatus)}`;
  const verdict = (action: Action, code: AnswerCode): Judgement =>
    judged(action, code, text, { layer: code === 'device-gone' ? 'transport' : 'host-adapter' });
  // "Not sent" beside an answer of the device is a contradiction: nobody knows then.
  const notSent = (action: Action): Judgement =>
    saysSomething(outcome) ? verdict('unclear', 'answer-lost') : verdict(action, 'adapter-busy');
  switch (hostStatus) {
    case HostStatus.ok:
    case HostStatus.passthrough:
      return null;
    case HostStatus.noConnect:
    case HostStatus.badTarget:
      return verdict(moment === 'last' ? 'verify' : 'stop', 'device-gone');
    case HostStatus.reset:
      return verdict(moment === 'last' ? 'verify' : 'restart', 'link-reset');
    case HostStatus.busBusy:
    case HostStatus.transportFailfast:
      return notSent('send-later');
    case HostStatus.immediateRetry:
    case HostStatus.requeue:
      return notSent('send-again');
    case HostStatus.badInterrupt:
    case HostStatus.targetFailure:
    case HostStatus.allocationFailure:
    case HostStatus.mediumError:
      return verdict('stop', 'adapter-failed');
    case HostStatus.nexusFailure:
      return verdict('stop', 'reserved');
    default:
      return verdict('unclear', 'answer-lost'); // 03 05 06 07 0B 0E 14, and whatever a newer kernel invents
  }
}

/** The device itself spoke: sense data, or a status or driver status that announces them. */
function saysSomething({ sense, status, driverStatus }: CommandOutcome): boolean {
  const announced = status === ScsiStatus.checkCondition || status === ScsiStatus.commandTerminated;
  return sense.length > 0 || announced || (driverStatus & 0x0f) === DriverStatus.sense;
}

function judgeSense(command: ScsiCommand, outcome: CommandOutcome, moment: Moment): Judgement | null {
  if (!saysSomething(outcome)) return null;
  const sense = decodeSense(outcome.sense);
  if (sense === null) {
    return judged('unclear', 'invalid-sense', `${scsiStatusName(outcome.status)} without valid sense data`);
  }
  if (sense.deferred) {
    // 71h and 73h speak about an earlier command; this one was not executed.
    const text = `an earlier command failed (deferred sense): ${senseText(sense)}`;
    return judged('stop', 'deferred-error', text, { sense });
  }
  const { action, code, next } = senseRule(sense, moment);
  const text = senseText(sense) + fieldText(sense);
  // Data-in counts after GOOD or a recovered error only: sg copies back old pages after CHECK CONDITION
  // (decisions.md#looking).
  const stale = sense.key === SenseKey.noSense && outcome.status !== ScsiStatus.good;
  if (stale && dataDirection(command) === 'in') {
    return judged('stop', 'stale-data', `${text}; its data is ignored`, { sense });
  }
  return judged(action, code, text, { next, sense });
}

/** The field pointer names the wrong byte: of the CDB, or of the data that went with it. */
function fieldText({ fieldPointer }: Sense): string {
  if (fieldPointer === null) return '';
  const bit = fieldPointer.bit === null ? '' : `, bit ${fieldPointer.bit}`;
  return `; the device points at byte ${fieldPointer.byte}${bit} of the ${fieldPointer.inCdb ? 'CDB' : 'data'}`;
}

function judgeDriverStatus({ driverStatus }: CommandOutcome, senseAccepted: boolean): Judgement | null {
  const low = driverStatus & 0x0f;
  if (low === 0 || (low === DriverStatus.sense && senseAccepted)) return null;
  return judged('unclear', 'answer-lost', `no answer from the device: ${driverStatusName(driverStatus)}`);
}

function judgeStatus({ status }: CommandOutcome, senseAccepted: boolean): Judgement | null {
  const verdict = (action: Action, code: AnswerCode): Judgement =>
    judged(action, code, `status ${scsiStatusName(status)}`, { layer: 'device' });
  switch (status) {
    case ScsiStatus.good:
      return null;
    case ScsiStatus.checkCondition:
      return senseAccepted ? null : verdict('unclear', 'invalid-sense');
    case ScsiStatus.busy:
    case ScsiStatus.taskSetFull:
      return verdict('send-later', 'device-busy');
    case ScsiStatus.reservationConflict:
      return verdict('stop', 'reserved');
    case ScsiStatus.acaActive:
      return verdict('stop', 'aca-active');
    default:
      return verdict('unclear', 'answer-lost'); // TASK ABORTED, and statuses that these commands never have
  }
}

/** GOOD, but the device took only a part of the data: a hole in the image. */
function judgeResidual(command: ScsiCommand, { residualBytes }: CommandOutcome): Judgement | null {
  if (residualBytes <= 0 || dataDirection(command) !== 'out') return null;
  const sentBytes = command.dataOut!.length;
  const text = `the device answered GOOD, but only ${sentBytes - residualBytes} of ${sentBytes} bytes were accepted`;
  return judged('stop', 'bytes-missing', text);
}
