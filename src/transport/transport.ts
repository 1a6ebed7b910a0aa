import type { ScsiCommand } from '../scsi/command.ts';

/**
 * What came back for one command, as the kernel told it. Nothing is judged here: which of these fields
 * means what is decided by `device/judge.ts` alone.
 */
export interface CommandOutcome {
  /** errno of the ioctl itself; 0: it returned, and the fields below are valid. */
  readonly errno: number;
  /** SCSI status byte (00h GOOD, 02h CHECK CONDITION, 08h BUSY, …). */
  readonly status: number;
  /** Host adapter status, DID_… of the Linux SCSI stack. */
  readonly hostStatus: number;
  /** Driver status; only the low 4 bits mean anything. */
  readonly driverStatus: number;
  /** Sense bytes that really arrived (sb_len_wr). */
  readonly sense: Uint8Array;
  /** Bytes of the buffer that were not moved, as told; may be negative from a faulty driver. */
  readonly residualBytes: number;
  /** Data-in buffer cut at length − residual. Stale unless the command was accepted. */
  readonly dataIn: Uint8Array;
  readonly durationMs: number;
}

/** One open path to one logical unit, one command at a time. */
export interface Transport {
  /**
   * Sends the command once. Whatever the kernel, the adapter or the device says is an outcome;
   * rejects only for a bug, a closed transport, or a command that this transport refuses (TransportError).
   */
  execute(command: ScsiCommand): Promise<CommandOutcome>;
  close(): Promise<void>;
}

const NO_BYTES = new Uint8Array(0);

/** An outcome with every field that is not given at its quiet value: GOOD, no data. */
export function outcomeOf(fields: Partial<CommandOutcome> = {}): CommandOutcome {
  return {
    errno: 0,
    status: 0,
    hostStatus: 0,
    driverStatus: 0,
    sense: NO_BYTES,
    residualBytes: 0,
    dataIn: NO_BYTES,
    durationMs: 0,
    ...fields,
  };
}
