import { OperationCode } from '../../../../src/scsi/command.ts';
import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import { downloadMicrocodeStatus } from '../../../../src/ses/download-microcode-status.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { toldBy, toldFrozen } from './told.ts';

/** What the run has heard of its work on a unit; a second reading, on purpose not that of the journal. */
export type Heard = 'nothing' | 'refused' | 'frozen' | 'activation refused' | 'waits for power' | 'waits';

/**
 * @param part of an image, or the activation; null: another command
 * @param before what it had heard
 */
export function heardBy(
  { cdb, dataOut }: ScsiCommand,
  outcome: CommandOutcome,
  part: 'chunk' | 'activation' | null,
  before: Heard,
): Heard {
  if (before === 'frozen' || toldFrozen(outcome)) return 'frozen';
  if (part !== null) {
    const isNo = toldBy(dataOut === undefined ? { ...outcome, residualBytes: 0 } : outcome) === 'no';
    if (part === 'activation') return isNo ? 'activation refused' : 'nothing';
    return isNo ? 'refused' : 'nothing';
  }
  const isStatus = cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === 0x0e;
  if (!isStatus || outcome.status !== 0 || outcome.dataIn.length === 0) return before;
  const { status } = downloadMicrocodeStatus.decode(outcome.dataIn).subenclosures[0]!;
  if (status === 0x83) return 'frozen';
  if (status >= 0x80) return 'refused';
  if (status === 0x12) return 'waits for power';
  return status === 0x11 || status === 0x13 ? 'waits' : before;
}
