import { requireCdb } from './cdb.ts';
import { OperationCode, PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';

/** TEST UNIT READY. Takes one pending unit attention away, so commands that only look never send it. */
export function testUnitReady(timeoutMs = PROBE_TIMEOUT_MS): ScsiCommand<void> {
  return {
    name: 'TEST UNIT READY',
    cdb: new Uint8Array(6),
    dataInBytes: 0,
    timeoutMs,
    changesDevice: false,
    decode: () => undefined,
  };
}

/** Throws DecodeError unless it is a TEST UNIT READY CDB; there is nothing else in it. */
export function decodeTestUnitReadyCdb(cdb: Uint8Array): void {
  requireCdb('TEST UNIT READY', cdb, OperationCode.testUnitReady, 6);
}
