import { viewOf } from '../base/bytes.ts';
import { OperationCode } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import type { SenseFields } from '../scsi/sense.ts';
import { WRITE_BUFFER_MODES, decodeWriteBufferCdb, modeFacts } from '../scsi/write-buffer.ts';
import { SES_MICROCODE_MODES } from '../ses/download-microcode-control.ts';
import { downloadMicrocodeStatus } from '../ses/download-microcode-status.ts';
import type { CommandOutcome } from '../transport/transport.ts';
import { outcomeOf } from '../transport/transport.ts';
import { holds } from './incoming-image.ts';
import type { Behavior, FaultCount, SimulatedDevice } from './simulated-device.ts';

/** Which commands meet the fault. Everything that is given must hold. */
export interface FaultTrigger {
  readonly operationCode?: number;
  /** MODE of WRITE BUFFER or READ BUFFER. */
  readonly mode?: number;
  /** The chunk with the last byte of an image, or mode 0Fh: of WRITE BUFFER, or of a control page 0Eh. */
  readonly moment?: 'last-chunk' | 'activation';
  /** Only over this path. */
  readonly nexus?: string;
  /** The first of these commands that meets the fault, counted from 1. Default 1. */
  readonly nth?: number;
  /** How many in a row; 0: all from then on. Default 1. */
  readonly times?: number;
}

/** Another answer than the device's own. */
export interface Fault {
  readonly when: FaultTrigger;
  /** True: the device does the command nevertheless, and only the answer is another. Default false. */
  readonly executed?: boolean;
  /** CHECK CONDITION with this sense. */
  readonly sense?: SenseFields;
  /** Fields of the answer that are forced: status, hostStatus, driverStatus, errno, residualBytes, sense bytes, … */
  readonly answer?: Partial<CommandOutcome>;
  /** What the command takes longer. Beyond the command's time-out the initiator gets DID_TIME_OUT. */
  readonly delayMs?: number;
  /** What happens to the device then: a reset, a power cycle, going away. */
  readonly then?: (device: SimulatedDevice) => void;
}

/**
 * A fault is one more behavior, put in front of the others ({@link SimulatedDevice.putInFront}).
 *
 * @param count for who keeps it from one command of runbook to the next
 */
export function faultBehavior(fault: Fault, count: FaultCount = { met: 0 }): Behavior {
  const { nth = 1, times = 1 } = fault.when;
  return (command, device, nexus) => {
    if (!meets(fault.when, command, device, nexus)) return undefined;
    const met = ++count.met;
    if (met < nth || (times !== 0 && met >= nth + times)) return undefined;
    const own = fault.executed === true ? device.perform(command, nexus) : outcomeOf();
    fault.then?.(device);
    return answerOf(fault, own, command, device);
  };
}

/** The device does the command, but the fabric between says something else. */
function answerOf(
  { sense, answer = {}, delayMs = 0 }: Fault,
  own: CommandOutcome,
  command: ScsiCommand,
  device: SimulatedDevice,
): CommandOutcome {
  const replaced = sense !== undefined ? device.refuse(sense) : saysWhatHappened(answer) ? outcomeOf() : own;
  const outcome = { ...replaced, ...answer, durationMs: own.durationMs + delayMs };
  if (answer.dataIn !== undefined || answer.residualBytes === undefined) return outcome;
  const movedBytes = Math.max(0, command.dataInBytes - answer.residualBytes);
  return { ...outcome, dataIn: outcome.dataIn.slice(0, movedBytes) };
}

/** A forced status stands for the whole answer; a forced residual alone changes the device's own. */
function saysWhatHappened({
  status,
  hostStatus,
  driverStatus,
  errno,
  sense,
}: Partial<CommandOutcome>): boolean {
  return [status, hostStatus, driverStatus, errno, sense].some((field) => field !== undefined);
}

function meets(when: FaultTrigger, command: ScsiCommand, device: SimulatedDevice, nexus: string): boolean {
  const { cdb } = command;
  const operationCode = cdb[0];
  const buffers: readonly unknown[] = [OperationCode.writeBuffer, OperationCode.readBuffer];
  if (when.operationCode !== undefined && operationCode !== when.operationCode) return false;
  if (when.nexus !== undefined && nexus !== when.nexus) return false;
  if (when.mode !== undefined && !(buffers.includes(operationCode) && (cdb[1]! & 0x1f) === when.mode))
    return false;
  return when.moment === undefined || when.moment === momentOf(command, device);
}

/** The commands of a download by which everything is decided; null: another command. */
function momentOf(command: ScsiCommand, device: SimulatedDevice): FaultTrigger['moment'] | null {
  const { cdb, dataOut } = command;
  if (cdb[0] === OperationCode.writeBuffer) {
    if (decodeWriteBufferCdb(cdb).mode === WRITE_BUFFER_MODES.activate_mc) return 'activation';
    return completesAnImage(command, device) ? 'last-chunk' : null;
  }
  const isPage = cdb[0] === OperationCode.sendDiagnostic && dataOut?.[0] === downloadMicrocodeStatus.pageCode;
  if (!isPage || dataOut.length < CONTROL_HEADER_BYTES) return null;
  if (dataOut[8] === SES_MICROCODE_MODES.activate_mc) return 'activation';
  const view = viewOf(dataOut); // offset, image length, data length: SES-2 6.1.18
  return view.getUint32(12) + view.getUint32(20) === view.getUint32(16) ? 'last-chunk' : null;
}

const CONTROL_HEADER_BYTES = 24;

function completesAnImage({ cdb, dataOut }: ScsiCommand, device: SimulatedDevice): boolean {
  const { mode, offsetBytes } = decodeWriteBufferCdb(cdb);
  const data = dataOut ?? new Uint8Array(0);
  if (data.length === 0 || !device.persona.download.modes.includes(mode)) return false;
  const startBytes = modeFacts(mode).usesOffset || mode === WRITE_BUFFER_MODES.dmc ? offsetBytes : 0;
  return device.microcode.known.some(
    ({ bytes }) => startBytes + data.length === bytes.length && holds(bytes, startBytes, data),
  );
}
