import { constants } from 'node:os';
import { TransportError } from '../base/errors.ts';
import type { Libc } from '../native/libc.ts';
import { dataDirection, transferBytes } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { decodeSgHeader, encodeSgHeader, SG_IO } from './sg-header.ts';
import { SgMemory } from './sg-memory.ts';
import { NO_PLACE_ERRNO } from './sg-queue.ts';
import type { SgQueue } from './sg-queue.ts';
import { outcomeOf } from './transport.ts';
import type { CommandOutcome, Transport } from './transport.ts';
import { tickingTimers } from './watchdog-timer.ts';
import type { StartTimer } from './watchdog-timer.ts';

/**
 * How long after its time-out a command may still come back. When the time-out fires, the kernel aborts the command and then
 * resets unit, target, bus and host in steps; each step may take half a minute.
 */
const WATCHDOG_MARGIN_MS = 180_000;

/** errno of an outcome that the watchdog made: the kernel never answered. SG_IO itself does not use this errno. */
export const LOST_ERRNO = constants.errno.ETIMEDOUT;

export interface SgParts {
  readonly node: string;
  readonly fd: number;
  readonly libc: Pick<Libc, 'ioctl' | 'addressOf'>;
  readonly closeFd: (fd: number) => void;
  /** Keeps a command from being sent twice; null: for a descriptor over which nothing is changed. */
  readonly queue?: Pick<SgQueue, 'leaveOneSlot' | 'fetch'> | null;
  readonly startTimer?: StartTimer;
  readonly watchdogMarginMs?: number;
}

/**
 * One open descriptor of an sg node. Beyond the contract of {@link Transport}: when a command is still not back at its
 * time-out and a margin, the outcome has errno {@link LOST_ERRNO} and the device is lost. Its descriptor and buffers stay
 * as they are, because the kernel may still write to them; every later command has the same outcome without being sent.
 */
export class SgTransport implements Transport {
  readonly #parts: Required<SgParts>;
  /** The command that somebody waits for. */
  #current: Promise<CommandOutcome> | null = null;
  /** Settles when the kernel has come back from the last command; never rejects. */
  #kernelBack: Promise<unknown> = Promise.resolve();
  #lost = false;
  #closed: Promise<void> | null = null;
  #packId = 0;
  /** Used for one command after the other: a command that is lost was the last one. */
  #memory: SgMemory | null = null;
  #guarded = false;

  constructor(parts: SgParts) {
    this.#parts = {
      queue: null,
      startTimer: tickingTimers(),
      watchdogMarginMs: WATCHDOG_MARGIN_MS,
      ...parts,
    };
  }

  async execute(command: ScsiCommand): Promise<CommandOutcome> {
    const { node } = this.#parts;
    if (this.#closed !== null)
      throw new TransportError('closed', `${node}: ${command.name} was sent after close`);
    if (this.#lost) return outcomeOf({ errno: LOST_ERRNO });
    if (this.#current !== null)
      throw new Error(`${node}: ${command.name} was sent while another command is in flight`);
    this.#current = this.#sendWatched(command);
    try {
      return await this.#current;
    } finally {
      this.#current = null;
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const { fd, closeFd } = this.#parts;
    await this.#current?.catch(() => undefined); // whoever sent the command is told
    if (!this.#lost) closeFd(fd);
    // A lost command may never come back: the descriptor is closed if it does, and nobody waits for that.
    else void this.#kernelBack.then(() => closeFd(fd));
  }

  async #sendWatched(command: ScsiCommand): Promise<CommandOutcome> {
    const { startTimer, watchdogMarginMs } = this.#parts;
    const waitMs = command.timeoutMs + watchdogMarginMs;
    const answer = this.#send(command);
    this.#kernelBack = answer.catch(() => undefined);
    let stopTimer = (): void => undefined;
    const watchdog = new Promise<CommandOutcome>((resolve) => {
      stopTimer = startTimer(waitMs, () => {
        this.#lost = true;
        resolve(outcomeOf({ errno: LOST_ERRNO, durationMs: waitMs }));
      });
    });
    try {
      return await Promise.race([answer, watchdog]);
    } finally {
      stopTimer();
    }
  }

  async #send(command: ScsiCommand): Promise<CommandOutcome> {
    const { fd, libc, queue } = this.#parts;
    // Not before: whoever only looks for a unit that restarts need not be held up by all those INQUIRYs.
    if (queue !== null && command.changesDevice && !this.#guarded) {
      await queue.leaveOneSlot();
      this.#guarded = true;
      if (this.#lost) return outcomeOf({ errno: LOST_ERRNO }); // somebody was told so, and nothing more is sent
    }
    const memory = (this.#memory ??= new SgMemory((bytes) => libc.addressOf(bytes)));
    const direction = dataDirection(command);
    const data = direction === 'out' ? command.dataOut! : memory.dataIn(transferBytes(command));
    encodeSgHeader(memory.header, {
      direction,
      cdbBytes: command.cdb.length,
      cdbAddress: memory.putCdb(command.cdb),
      dataBytes: data.length,
      dataAddress: data.length > 0 ? libc.addressOf(data) : 0n,
      senseBytes: memory.sense.length,
      senseAddress: memory.senseAddress,
      timeoutMs: command.timeoutMs,
      packId: ++this.#packId & 0x3fff_ffff,
    });
    let { errno } = await libc.ioctl(fd, SG_IO, memory.header, { memory, data });
    // The process was stopped and went on: the command was sent once, and its answer waits.
    if (errno === NO_PLACE_ERRNO && this.#guarded) errno = await queue!.fetch(memory.header);
    if (errno !== 0) return outcomeOf({ errno }); // the kernel did not write the other fields
    const { senseBytesWritten, ...result } = decodeSgHeader(memory.header);
    const moved = Math.max(0, Math.min(data.length, data.length - result.residualBytes));
    return {
      errno: 0,
      ...result,
      sense: memory.sense.slice(0, senseBytesWritten),
      dataIn: direction === 'in' ? data.slice(0, moved) : new Uint8Array(0),
    };
  }
}
