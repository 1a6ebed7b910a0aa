import { toHex } from '../base/bytes.ts';
import type { ErrorLayer, FailureReport } from '../base/errors.ts';
import { errnoName } from '../base/errno.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { dataDirection } from '../scsi/command.ts';
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

export interface Judgement {
  readonly action: Action;
  readonly layer: ErrorLayer;
  /** What was seen, in words; for an accepted command the warning, or an empty string. */
  readonly text: string;
  readonly next: string;
  readonly sense: Sense | null;
}

const CHECK_LINK = 'Check cables, expanders and the kernel log (dmesg), then run the playbook again.';
const GONE = 'Check that the device is powered and connected, and look into the kernel log (dmesg).';
const ASK_AGAIN = 'Run the playbook again; if it comes back, compare with sg_inq and sg_requests.';
const SMALLER = 'The kernel does not take a transfer of this size here: choose a smaller `bpw`.';

/** Nothing reached the device with these, whatever the moment. */
const NOT_SENT_ERRNO = new Set([
  1 /* EPERM */, 13 /* EACCES */, 14 /* EFAULT */, 25 /* ENOTTY */, 90 /* EMSGSIZE */,
]);
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
    sense ?? { action: 'accept', layer: 'device', text: '', next: '', sense: null }
  );
}

const isAccepted = ({ action }: Judgement): boolean => action === 'accept' || action === 'accept-then-wait';

/** An internal failure of the device is told whatever the adapter says beside it: it decides about the power switch. */
const urgent = (sense: Judgement | null): Judgement | null => (sense?.action === 'freeze' ? sense : null);

/** The failure as it is told to a person; `offset` in bytes of the image, where there is one. */
export function failureOf(
  command: ScsiCommand,
  judgement: Judgement,
  offset: number | null = null,
): FailureReport {
  const { sense } = judgement;
  return {
    layer: judgement.layer,
    message: `${command.name}${offset === null ? '' : ` at offset ${offset}`}: ${judgement.text}`,
    next: judgement.next,
    cdb: toHex(command.cdb),
    offset,
    sense: sense && { key: sense.key, asc: sense.asc, ascq: sense.ascq, text: senseText(sense) },
  };
}

function judgeErrno({ errno }: CommandOutcome, moment: Moment): Judgement | null {
  if (errno === 0) return null;
  const text = `the kernel refused the command or lost its answer: ${errnoName(errno)}`;
  const verdict = (action: Action, next: string): Judgement => ({
    action,
    layer: 'kernel',
    text,
    next,
    sense: null,
  });
  if (NOT_SENT_ERRNO.has(errno)) return verdict('stop', 'Run as root, on an sg node.');
  if (TOO_BIG_ERRNO.has(errno) && (moment === 'first' || moment === 'look')) return verdict('stop', SMALLER);
  return verdict('unclear', GONE);
}

function judgeHostStatus(outcome: CommandOutcome, moment: Moment): Judgement | null {
  const { hostStatus } = outcome;
  // "Not sent" beside an answer of the device is a contradiction: nobody knows then.
  const notSent = (action: Action): Judgement => verdict(saysSomething(outcome) ? 'unclear' : action);
  const verdict = (action: Action, next = CHECK_LINK): Judgement => ({
    action,
    layer:
      hostStatus === HostStatus.noConnect || hostStatus === HostStatus.badTarget
        ? 'transport'
        : 'host-adapter',
    text: `no answer from the device: ${hostStatusName(hostStatus)}`,
    next,
    sense: null,
  });
  switch (hostStatus) {
    case HostStatus.ok:
    case HostStatus.passthrough:
      return null;
    case HostStatus.noConnect:
    case HostStatus.badTarget:
      return verdict(moment === 'last' ? 'verify' : 'stop', GONE);
    case HostStatus.reset:
      return verdict(moment === 'last' ? 'verify' : 'restart');
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
      return verdict('stop');
    case HostStatus.nexusFailure:
      return verdict('stop', RESERVED);
    default:
      return verdict('unclear'); // 03 05 06 07 0B 0E 14, and whatever a newer kernel invents
  }
}

const RESERVED = 'Another host holds a reservation on the device: release it there first.';

/** The device itself spoke: sense data, or a status or driver status that announces them. */
function saysSomething({ sense, status, driverStatus }: CommandOutcome): boolean {
  const announced = status === ScsiStatus.checkCondition || status === ScsiStatus.commandTerminated;
  return sense.length > 0 || announced || (driverStatus & 0x0f) === DriverStatus.sense;
}

function judgeSense(command: ScsiCommand, outcome: CommandOutcome, moment: Moment): Judgement | null {
  if (!saysSomething(outcome)) return null;
  const sense = decodeSense(outcome.sense);
  if (sense === null) {
    const text = `${scsiStatusName(outcome.status)} without valid sense data`;
    return { action: 'unclear', layer: 'device', text, next: CHECK_LINK, sense: null };
  }
  if (sense.deferred) {
    // 71h and 73h speak about an earlier command; this one was not executed.
    const text = `an earlier command failed (deferred sense): ${senseText(sense)}`;
    const next =
      'Look into the kernel log for what was sent to the device before, then run the playbook again.';
    return { action: 'stop', layer: 'device', text, next, sense };
  }
  const { action, next } = senseRule(sense, moment);
  const text = senseText(sense) + fieldText(sense);
  // Data-in counts after GOOD or a recovered error only: sg copies back old pages after CHECK CONDITION
  // (decisions.md#looking).
  const stale = sense.key === SenseKey.noSense && outcome.status !== ScsiStatus.good;
  if (stale && dataDirection(command) === 'in') {
    return {
      action: 'stop',
      layer: 'device',
      text: `${text}; its data do not count`,
      next: ASK_AGAIN,
      sense,
    };
  }
  return { action, layer: 'device', text, next, sense };
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
  const text = `no answer from the device: ${driverStatusName(driverStatus)}`;
  return { action: 'unclear', layer: 'host-adapter', text, next: CHECK_LINK, sense: null };
}

function judgeStatus({ status }: CommandOutcome, senseAccepted: boolean): Judgement | null {
  const verdict = (action: Action, next: string): Judgement => ({
    action,
    layer: 'device',
    text: `status ${scsiStatusName(status)}`,
    next,
    sense: null,
  });
  switch (status) {
    case ScsiStatus.good:
      return null;
    case ScsiStatus.checkCondition:
      return senseAccepted ? null : verdict('unclear', CHECK_LINK);
    case ScsiStatus.busy:
    case ScsiStatus.taskSetFull:
      return verdict(
        'send-later',
        'The device is busy: find out what else uses it, then run the playbook again.',
      );
    case ScsiStatus.reservationConflict:
      return verdict('stop', RESERVED);
    case ScsiStatus.acaActive:
      return verdict('stop', 'Another initiator left an ACA condition on the device: find out which.');
    default:
      return verdict('unclear', CHECK_LINK); // TASK ABORTED, and statuses that these commands never have
  }
}

/** GOOD, but the device took less than was sent: a hole in the image. */
function judgeResidual(command: ScsiCommand, { residualBytes }: CommandOutcome): Judgement | null {
  if (residualBytes <= 0 || dataDirection(command) !== 'out') return null;
  const text = `the device answered GOOD but took ${residualBytes} of ${command.dataOut!.length} bytes less than were sent`;
  const next =
    'Try a smaller `bpw`; if it stays, the adapter or its driver counts wrongly: use another host.';
  return { action: 'stop', layer: 'transport', text, next, sense: null };
}
