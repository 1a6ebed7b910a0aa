import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';

/** Byte 1: the device answers when it has begun. */
const IMMED = 0x01;
/** Byte 4. */
const START = 0x01;

/**
 * START STOP UNIT (SBC) with START and IMMED: nothing hangs on a long command that would have to be aborted. The same operation
 * code loads a tape (SSC) and opens a door of a changer (SMC): only for direct access devices.
 */
export function startUnit(): ScsiCommand<void> {
  return {
    name: 'START STOP UNIT (start)',
    cdb: new Uint8Array([OperationCode.startStopUnit, IMMED, 0, 0, START, 0]),
    dataInBytes: 0,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: true,
    decode: () => undefined,
  };
}
