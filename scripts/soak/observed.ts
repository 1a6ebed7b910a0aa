import { OperationCode } from '../../src/scsi/command.ts';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import { decodeSense } from '../../src/scsi/sense.ts';
import { WRITE_BUFFER_MODES, decodeWriteBufferCdb, modeFacts } from '../../src/scsi/write-buffer.ts';
import { decodeDownloadMicrocodeControl } from '../../src/ses/download-microcode-control.ts';
import { decodeSendDiagnosticCdb } from '../../src/ses/send-diagnostic.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../src/simulator/simulated-host.ts';
import type { CommandOutcome, Transport } from '../../src/transport/transport.ts';

/** One WRITE BUFFER, or one diagnostic page 0Eh, as it met a device. */
export interface ObservedWrite {
  readonly kind: 'chunk' | 'activation';
  readonly usesOffset: boolean;
  readonly offsetBytes: number;
  readonly dataBytes: number;
  /** The device did it, whatever was answered. */
  readonly executed: boolean;
  /** What the sender was told counts as "executed". */
  readonly accepted: boolean;
  /** The device took fewer bytes than were sent. */
  readonly short: boolean;
  /** An image waited for an activation when it came. */
  readonly imageWaited: boolean;
}

export interface Observed {
  /** Paths that are open now. */
  open: number;
  readonly writes: ReadonlyMap<SimulatedDevice, readonly ObservedWrite[]>;
}

/** Looks over the shoulder of everybody who opens a path of the host. The devices have to keep their log. */
export function observe(host: SimulatedHost): Observed {
  const writes = new Map(host.devices.map((device) => [device, [] as ObservedWrite[]]));
  const observed: Observed = { open: 0, writes };
  const open = host.open.bind(host);
  host.open = async (attached, access) => {
    const transport = await open(attached, access);
    observed.open++;
    // host:channel:target:lun; the target is the place in the lab.
    const device = host.devices[Number(attached.hctl.split(':')[2])]!;
    return watched(transport, device, {
      onWrite: (write) => writes.get(device)!.push(write),
      onClose: () => observed.open--,
    });
  };
  return observed;
}

function watched(
  transport: Transport,
  device: SimulatedDevice,
  told: { readonly onWrite: (write: ObservedWrite) => void; readonly onClose: () => void },
): Transport {
  let closed = false;
  return {
    execute: async (command) => {
      const sent = writeOf(command);
      const imageWaited = imageWaits(device);
      const logged = device.log.length;
      const answer = transport.execute(command);
      const entry = device.log[logged]; // written before the answer comes; missing: it never met the device
      const refusedByStatus = command.cdb[0] === OperationCode.sendDiagnostic && endedBadly(device);
      const outcome = await answer;
      if (sent !== null && entry !== undefined) {
        const executed = entry.executed && !refusedByStatus;
        const short = outcome.residualBytes > 0;
        told.onWrite({ ...sent, executed, accepted: isAccepted(outcome), short, imageWaited });
      }
      return outcome;
    },
    close: () => {
      if (!closed) told.onClose();
      closed = true;
      return transport.close();
    },
  };
}

type Sent = Pick<ObservedWrite, 'kind' | 'usesOffset' | 'offsetBytes' | 'dataBytes'>;

function writeOf({ cdb, dataOut }: ScsiCommand): Sent | null {
  if (cdb[0] === OperationCode.writeBuffer) {
    const { mode, offsetBytes } = decodeWriteBufferCdb(cdb);
    const dataBytes = dataOut?.length ?? 0;
    if (mode === WRITE_BUFFER_MODES.activate_mc) {
      return { kind: 'activation', usesOffset: false, offsetBytes, dataBytes };
    }
    // Mode 04h on tape drives: an offset, although the mode has none.
    const usesOffset = mode === WRITE_BUFFER_MODES.dmc || modeFacts(mode).usesOffset;
    return { kind: 'chunk', usesOffset, offsetBytes, dataBytes };
  }
  if (cdb[0] !== OperationCode.sendDiagnostic || dataOut === undefined) return null;
  if (!decodeSendDiagnosticCdb(cdb).pageFormat || dataOut[0] !== 0x0e) return null;
  const { mode, bufferOffsetBytes, data } = decodeDownloadMicrocodeControl(dataOut);
  const kind = mode === WRITE_BUFFER_MODES.activate_mc ? 'activation' : 'chunk';
  return { kind, usesOffset: true, offsetBytes: bufferOffsetBytes, dataBytes: data.length };
}

const imageWaits = ({ microcode, enclosure }: SimulatedDevice): boolean =>
  microcode.waiting.size > 0 ||
  (enclosure?.subenclosures.some((part) => part.microcode.waiting.size > 0) ?? false);

/** Many enclosures take a page with GOOD and tell in status 80h and above that they did not like it. */
const endedBadly = ({ enclosure }: SimulatedDevice): boolean =>
  enclosure?.subenclosures.some(({ status }) => status >= 0x80) ?? false;

/** By the standard alone, without the judge of the program. */
function isAccepted(outcome: CommandOutcome): boolean {
  const { errno, status, hostStatus, driverStatus, residualBytes, sense } = outcome;
  if (errno !== 0 || hostStatus !== 0 || residualBytes > 0) return false;
  if (status === 0 && driverStatus === 0) return true;
  const decoded = decodeSense(sense);
  return decoded !== null && !decoded.deferred && decoded.key <= 1 && (status === 0 || status === 2);
}
