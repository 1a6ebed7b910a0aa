import { TransportError } from '../base/errors.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { HostStatus } from '../scsi/status.ts';
import type { CommandOutcome, Transport } from '../transport/transport.ts';
import { outcomeOf } from '../transport/transport.ts';
import type { SimulatedDevice } from './simulated-device.ts';

export interface SimulatedPath {
  readonly device: SimulatedDevice;
  /** Names the path; two opens of one node are one nexus. */
  readonly nexus: string;
  /** For messages: `/dev/sg1`. */
  readonly node: string;
  /** False once the kernel removed the unit under this descriptor. */
  readonly alive?: () => boolean;
  /** Called after every command and before its answer: the state goes to disk before anybody is told. */
  readonly afterCommand?: () => void | Promise<void>;
  readonly onClose?: () => void;
}

const ENODEV = 19;
/**
 * After anything but GOOD sg copies back old kernel pages with residual 0 (decisions.md#looking); zeros would look like
 * data.
 */
const STALE_BYTE = 0xaa;

/** One open path to a simulated device: what the kernel and the adapter add to the device's own answer. */
export function openSimulated(path: SimulatedPath): Transport {
  const { node, onClose } = path;
  let inFlight: Promise<CommandOutcome> | null = null;
  let closed = false;
  return {
    execute: async (command) => {
      if (closed) throw new TransportError('closed', `${node}: ${command.name} was sent after close`);
      if (inFlight !== null)
        throw new Error(`${node}: ${command.name} was sent while another command is in flight`);
      inFlight = sendOnce(command, path);
      try {
        return await inFlight;
      } finally {
        inFlight = null;
      }
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await inFlight?.catch(() => undefined); // whoever sent the command is told
      onClose?.();
    },
  };
}

async function sendOnce(command: ScsiCommand, path: SimulatedPath): Promise<CommandOutcome> {
  const { device, nexus, alive = () => true, afterCommand } = path;
  const { clock } = device;
  if (!alive()) return outcomeOf({ errno: ENODEV });
  const startMs = clock.nowMs();
  const outcome = device.execute(command, nexus);
  await afterCommand?.();
  const late = outcome.durationMs > command.timeoutMs;
  const takesMs = late ? command.timeoutMs : outcome.durationMs;
  // Without a latency the answer still comes in a later turn: signals and the screen get theirs in between.
  await (takesMs > 0 ? clock.sleep(takesMs) : new Promise((resolve) => setImmediate(resolve)));
  const answer = late ? outcomeOf({ hostStatus: HostStatus.timeOut }) : outcome;
  return { ...withStaleData(answer, command), durationMs: Math.round(clock.nowMs() - startMs) };
}

function withStaleData(outcome: CommandOutcome, command: ScsiCommand): CommandOutcome {
  const failed = outcome.status !== 0 || outcome.hostStatus !== 0 || outcome.driverStatus !== 0;
  if (!failed || outcome.errno !== 0 || outcome.dataIn.length > 0) return outcome;
  const movedBytes = Math.max(0, command.dataInBytes - Math.max(0, outcome.residualBytes));
  return { ...outcome, dataIn: new Uint8Array(movedBytes).fill(STALE_BYTE) };
}
