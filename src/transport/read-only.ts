import { hex } from '../base/bytes.ts';
import { TransportError } from '../base/errors.ts';
import { dataDirection, OperationCode } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import type { Transport } from './transport.ts';

export interface ReadOnlyOptions {
  /**
   * For who holds the lock of the unit, or of its enclosure (decisions.md#looking). Lets RECEIVE DIAGNOSTIC RESULTS of page
   * 0Eh pass, which eats a completion code that is told only once and disturbs downloads of some shelves, and TEST UNIT
   * READY, which eats a unit attention.
   */
  readonly whileLocked?: boolean;
}

/** READ BUFFER modes: descriptor, echo buffer descriptor, microcode status. Data modes may have side effects. */
const READ_BUFFER_MODES: ReadonlySet<number> = new Set([0x03, 0x0b, 0x0f]);
/** Supported pages, configuration, enclosure status, threshold in, element descriptor, additional element status, nicknames. */
const DIAGNOSTIC_PAGES: ReadonlySet<number> = new Set([0x00, 0x01, 0x02, 0x05, 0x07, 0x0a, 0x0f]);
const MICROCODE_STATUS_PAGE = 0x0e;
const REPORT_SUPPORTED_OPERATION_CODES = 0x0c;

/**
 * What may pass, by operation code and by mode, page or service action: an operation code alone says little (3Ch reads, resets
 * logs, or starts vendor functions). TEST UNIT READY is not in it for all, because it eats a pending unit attention that belongs
 * to somebody else. REQUEST SENSE is: on the devices of today it reports without clearing, and only asks when nothing else can tell.
 */
const ALLOWED: Readonly<Record<number, (cdb: Uint8Array, options: ReadOnlyOptions) => boolean>> = {
  [OperationCode.testUnitReady]: (_, { whileLocked = false }) => whileLocked,
  [OperationCode.requestSense]: () => true,
  [OperationCode.inquiry]: () => true,
  [OperationCode.reportLuns]: () => true,
  [OperationCode.maintenanceIn]: (cdb) => (cdb[1]! & 0x1f) === REPORT_SUPPORTED_OPERATION_CODES,
  [OperationCode.readBuffer]: (cdb) => READ_BUFFER_MODES.has(cdb[1]! & 0x1f),
  [OperationCode.receiveDiagnosticResults]: (cdb, { whileLocked = false }) =>
    (cdb[1]! & 0x01) === 1 && // PCV; without it the answer belongs to somebody's last SEND DIAGNOSTIC
    (DIAGNOSTIC_PAGES.has(cdb[2]!) || (whileLocked && cdb[2] === MICROCODE_STATUS_PAGE)),
};

/** Whether the command only looks, judged by its bytes and not by what it says about itself. */
export function changesNothing(command: ScsiCommand, options: ReadOnlyOptions = {}): boolean {
  const { cdb } = command;
  if (command.changesDevice || dataDirection(command) === 'out' || cdb.length < 6) return false;
  return ALLOWED[cdb[0]!]?.(cdb, options) ?? false;
}

/** The transport that looking commands get: rejects everything else with TransportError `changes-device`, before it is sent. */
export function readOnly(transport: Transport, options: ReadOnlyOptions = {}): Transport {
  return {
    // async: a refusal is a rejection like every other
    execute: async (command) => {
      if (!changesNothing(command, options)) {
        throw new TransportError(
          'changes-device',
          `${command.name} (operation code ${hex(command.cdb[0] ?? 0)}) is not among the commands that only look; nothing was sent`,
          { operationCode: command.cdb[0] ?? null },
        );
      }
      return transport.execute(command);
    },
    close: () => transport.close(),
  };
}
