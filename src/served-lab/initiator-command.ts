import { hex } from '../base/bytes.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { OperationCode } from '../scsi/command.ts';

/**
 * Operation codes that bring data to the device (SPC, SBC, SSC). The ring does not say which way the data goes. What is
 * not in here is refused by all simulated devices in any case, so that its direction does not matter.
 */
const DATA_OUT: ReadonlySet<number> = new Set<number>([
  OperationCode.writeBuffer,
  OperationCode.sendDiagnostic,
  0x04, // FORMAT UNIT
  0x0a, // WRITE(6)
  0x15, // MODE SELECT(6)
  0x2a, // WRITE(10)
  0x4c, // LOG SELECT
  0x55, // MODE SELECT(10)
  0x5f, // PERSISTENT RESERVE OUT
  0x8a, // WRITE(16)
  0xa4, // MAINTENANCE OUT
]);

const CHANGING: readonly number[] = [OperationCode.writeBuffer, OperationCode.sendDiagnostic];

/** The initiator sends data with a command of this operation code. */
export function bringsData(cdb: Uint8Array): boolean {
  return DATA_OUT.has(cdb[0]!);
}

/** A command as the kernel handed it over. Its time-out is known to the initiator and its kernel alone. */
export function initiatorCommand(cdb: Uint8Array, dataOut: Uint8Array, dataInBytes: number): ScsiCommand {
  return {
    name: `operation code ${hex(cdb[0]!)}`,
    cdb,
    ...(dataOut.length > 0 ? { dataOut } : {}),
    dataInBytes,
    timeoutMs: Infinity,
    changesDevice: CHANGING.includes(cdb[0]!),
    decode: () => undefined,
  };
}
