import { WRITE_BUFFER_MODES, decodeWriteBufferCdb, modeFacts } from '../../src/scsi/write-buffer.ts';
import { OperationCode } from '../../src/scsi/command.ts';
import { decodeSense } from '../../src/scsi/sense.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../src/simulator/simulated-host.ts';
import type { CommandOutcome } from '../../src/transport/transport.ts';

/** One WRITE BUFFER as it met a device. */
export interface ObservedWrite {
  readonly mode: number;
  readonly usesOffset: boolean;
  readonly offsetBytes: number;
  readonly dataBytes: number;
  readonly executed: boolean;
  /** What the sender was told counts as "executed". */
  readonly accepted: boolean;
  /** The device took fewer bytes than were sent. */
  readonly short: boolean;
}

/** Every WRITE BUFFER that the device got, from its own log. */
export function writesOf({ log }: SimulatedDevice): ObservedWrite[] {
  return log
    .filter(({ cdb }) => cdb[0] === OperationCode.writeBuffer)
    .map(({ cdb, dataOutBytes, executed, outcome }) => {
      const { mode, offsetBytes } = decodeWriteBufferCdb(cdb);
      const isActivation = mode === WRITE_BUFFER_MODES.activate_mc;
      const usesOffset = !isActivation && (mode === WRITE_BUFFER_MODES.dmc || modeFacts(mode).usesOffset);
      return {
        mode,
        usesOffset,
        offsetBytes,
        dataBytes: dataOutBytes,
        executed,
        accepted: isAccepted(outcome),
        short: outcome.residualBytes > 0,
      };
    });
}

/** By the standard alone, without the judge of the program. */
function isAccepted({
  errno,
  status,
  hostStatus,
  driverStatus,
  residualBytes,
  sense,
}: CommandOutcome): boolean {
  if (errno !== 0 || hostStatus !== 0 || residualBytes > 0) return false;
  if (status === 0 && driverStatus === 0) return true;
  const decoded = decodeSense(sense);
  return decoded !== null && !decoded.deferred && decoded.key <= 1 && (status === 0 || status === 2);
}

/** Counts the paths that are open now. */
export function watchOpenPaths(host: SimulatedHost): { readonly open: number } {
  const paths = { open: 0 };
  const open = host.open.bind(host);
  host.open = async (...args) => {
    const transport = await open(...args);
    paths.open++;
    let closed = false;
    return {
      execute: (command) => transport.execute(command),
      close: () => {
        if (!closed) paths.open--;
        closed = true;
        return transport.close();
      },
    };
  };
  return paths;
}

/** For each WRITE BUFFER mode 0Fh that the device gets: did an image wait for it? */
export function watchActivations(device: SimulatedDevice): readonly boolean[] {
  const imageWaited: boolean[] = [];
  device.putInFront(({ cdb }) => {
    const isActivation =
      cdb[0] === OperationCode.writeBuffer && (cdb[1]! & 0x1f) === WRITE_BUFFER_MODES.activate_mc;
    if (isActivation) imageWaited.push(device.microcode.waiting.size > 0);
    return undefined;
  });
  return imageWaited;
}
