import { PROBE_TIMEOUT_MS } from './command.ts';
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
