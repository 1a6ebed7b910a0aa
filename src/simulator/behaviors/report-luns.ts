import { viewOf } from '../../base/bytes.ts';
import { OperationCode } from '../../scsi/command.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';

const LUN_BYTES = 8;
const SHORTEST_ALLOCATION = 16;

/** REPORT LUNS: logical unit 0 and nothing else. SELECT REPORT 01h asks for well known units, of which there are none. */
export const answerReportLuns: Behavior = (command, device) => {
  const { cdb } = command;
  if (cdb[0] !== OperationCode.reportLuns) return undefined;
  const selectReport = cdb[2]!;
  if (selectReport > 2) return device.refuse(invalidFieldInCdb(2));
  const allocationBytes = viewOf(cdb).getUint32(6);
  if (allocationBytes < SHORTEST_ALLOCATION) return device.refuse(invalidFieldInCdb(6));
  const listBytes = selectReport === 1 ? 0 : LUN_BYTES;
  const page = new Uint8Array(8 + listBytes);
  viewOf(page).setUint32(0, listBytes);
  return good(command, page, allocationBytes);
};
