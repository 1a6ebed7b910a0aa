import { ScsiStatus } from '../scsi/status.ts';
import type { SimulatedDevice } from '../simulator/simulated-device.ts';
import type { CommandRing, RingAnswer, RingCommand, RingTaskManagement } from './command-ring.ts';
import { TaskManagement } from './command-ring.ts';
import { bringsData, initiatorCommand } from './initiator-command.ts';

const NO_BYTES = new Uint8Array(0);
const ABORTED: RingAnswer = { status: ScsiStatus.taskAborted, sense: NO_BYTES, dataIn: NO_BYTES };

export type Schedule = (afterMs: number, action: () => void) => () => void;

/** With the timers of the machine. */
export const onTimer: Schedule = (afterMs, action) => {
  const timer = setTimeout(action, afterMs);
  return () => clearTimeout(timer);
};

/** A command whose answer is late, or never comes. */
interface Waiting {
  readonly command: RingCommand;
  readonly callOff: () => void;
}

export interface ServedUnitOptions {
  readonly device: SimulatedDevice;
  /** The path of the device that this logical unit is. */
  readonly nexus: string;
  readonly ring: CommandRing;
  /** Does something later; the function that it returns calls it off. */
  readonly schedule: Schedule;
  /** Tells the kernel that answers are in the ring. */
  readonly notifyKernel: () => void;
}

/** A simulated device behind a ring of the kernel: each command goes to the device, each answer back in its time. */
export class ServedUnit {
  readonly device: SimulatedDevice;
  readonly #nexus: string;
  readonly #ring: CommandRing;
  readonly #schedule: Schedule;
  readonly #notifyKernel: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #leaving = false;
  #closed = false;

  constructor({ device, nexus, ring, schedule, notifyKernel }: ServedUnitOptions) {
    this.device = device;
    this.#nexus = nexus;
    this.#ring = ring;
    this.#schedule = schedule;
    this.#notifyKernel = notifyKernel;
  }

  /** Does what is in the ring. Call it whenever the kernel says that something is there. */
  serve(): void {
    if (this.#closed) return;
    let answered = false;
    for (let entry = this.#ring.next(); entry !== null; entry = this.#ring.next()) {
      const done = entry.kind === 'command' ? this.#start(entry) : this.#manage(entry);
      answered ||= done;
    }
    if (answered) this.#notifyKernel();
  }

  /** What was under way gets no answer; the initiator notices by its time-out. */
  losePower(): void {
    for (const { callOff } of this.#waiting.values()) callOff();
  }

  /** The unit is about to be removed: nothing may wait any more, or the kernel would wait for it. */
  leave(): void {
    this.#leaving = true;
    if (this.#abort([...this.#waiting.keys()])) this.#notifyKernel();
  }

  /** Afterwards the memory of the ring may be gone. */
  close(): void {
    this.#closed = true;
    for (const { callOff } of this.#waiting.values()) callOff();
    this.#waiting.clear();
  }

  /** True: the answer is in the ring. */
  #start(command: RingCommand): boolean {
    const { cdb, dataBytes } = command;
    const out = bringsData(cdb);
    const dataOut = out ? this.#ring.dataOut(command) : NO_BYTES;
    const outcome = this.device.execute(initiatorCommand(cdb, dataOut, out ? 0 : dataBytes), this.#nexus);
    // A host status is what an adapter says of a device that does not answer; here the initiator's own kernel will say it.
    const lost = outcome.hostStatus !== 0 || outcome.errno !== 0;
    if (this.#leaving || (!lost && outcome.durationMs === 0)) {
      this.#ring.answer(command, lost ? ABORTED : outcome);
      return true;
    }
    const callOff = lost
      ? () => undefined
      : this.#schedule(outcome.durationMs, () => {
          this.#waiting.delete(command.id);
          this.#ring.answer(command, outcome);
          this.#notifyKernel();
        });
    this.#waiting.set(command.id, { command, callOff });
    return false;
  }

  #manage({ type, ids }: RingTaskManagement): boolean {
    const answered = this.#abort(ids);
    // tcm_loop has this one function for all resets of the error handler. LIO itself raises 29/03 beside ours.
    if (type === TaskManagement.lunReset) this.device.hardReset();
    return answered;
  }

  /** An abort is over, for the initiator, when its command has come back. */
  #abort(ids: readonly number[]): boolean {
    let answered = false;
    for (const id of ids) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) continue;
      this.#waiting.delete(id);
      waiting.callOff();
      this.#ring.answer(waiting.command, ABORTED);
      answered = true;
    }
    return answered;
  }
}
