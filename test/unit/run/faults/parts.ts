import { OperationCode } from '../../../../src/scsi/command.ts';
import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import { decodeWriteBufferCdb, WRITE_BUFFER_MODES } from '../../../../src/scsi/write-buffer.ts';
import {
  decodeDownloadMicrocodeControl,
  SES_MICROCODE_MODES,
} from '../../../../src/ses/download-microcode-control.ts';
import { IMAGE } from '../builders.ts';
import { STEP_IMAGES } from '../steps.ts';

/** No chunk in the middle ends there. */
const ENDS: ReadonlySet<number> = new Set([IMAGE, ...STEP_IMAGES.values()].map(({ length }) => length));

export type Part =
  | {
      /** The section that it belongs to. */
      readonly to: string;
      readonly offsetBytes: number;
      readonly isEnd: boolean;
    }
  | 'activation'
  | null;

/** What a command is of an image, from its bytes. */
export function partOf({ cdb, dataOut }: Pick<ScsiCommand, 'cdb' | 'dataOut'>): Part {
  if (cdb[0] === OperationCode.writeBuffer) {
    const { mode, bufferId, offsetBytes, parameterListBytes } = decodeWriteBufferCdb(cdb);
    if (mode === WRITE_BUFFER_MODES.activate_mc) return 'activation';
    return { to: `buffer ${bufferId}`, offsetBytes, isEnd: ENDS.has(offsetBytes + parameterListBytes) };
  }
  if (cdb[0] !== OperationCode.sendDiagnostic || dataOut?.[0] !== 0x0e) return null;
  const { mode, bufferOffsetBytes, data, subenclosureId } = decodeDownloadMicrocodeControl(dataOut);
  if (mode === SES_MICROCODE_MODES.activate_mc) return 'activation';
  if (mode === SES_MICROCODE_MODES.dmc_abort) return null;
  const isEnd = ENDS.has(bufferOffsetBytes + data.length);
  return { to: `subenclosure ${subenclosureId}`, offsetBytes: bufferOffsetBytes, isEnd };
}
