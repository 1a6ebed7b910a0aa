import { OperationCode } from '../../../src/scsi/command.ts';
import { decodeWriteBufferCdb } from '../../../src/scsi/write-buffer.ts';
import type { TryEnd } from './rehearsed-key.ts';

/** WRITE BUFFER commands that reached a unit, as `MODE buffer id@offset+bytes`; the MODE SPECIFIC field behind a slash where it is set. */
export function sentTo({ host }: TryEnd, unit = 0): string[] {
  return host.devices[unit]!.log.filter(({ cdb }) => cdb[0] === OperationCode.writeBuffer).map(({ cdb }) => {
    const { mode, modeSpecific, bufferId, offsetBytes, parameterListBytes } = decodeWriteBufferCdb(cdb);
    const specific = modeSpecific === 0 ? '' : `/${modeSpecific}`;
    return `${mode.toString(16).toUpperCase()}${specific} ${bufferId}@${offsetBytes}+${parameterListBytes}`;
  });
}

/** Pages that carried microcode to an enclosure: their bytes without the header, in order. */
export function pagesTo({ host }: TryEnd, unit = 0): number[] {
  return host.devices[unit]!.log.filter(({ cdb }) => cdb[0] === OperationCode.sendDiagnostic).map(
    ({ dataOutBytes }) => dataOutBytes - PAGE_HEADER_BYTES,
  );
}

const PAGE_HEADER_BYTES = 24;

/** How often an enclosure was asked for the status of its download (page 0Eh). */
export function statusReads({ host }: TryEnd, unit = 0): number {
  const pageCode = 0x0e;
  return host.devices[unit]!.log.filter(
    ({ cdb }) => cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === pageCode,
  ).length;
}

/** When each unit got its first command of a download, and its last. */
export const workOf = ({ host }: TryEnd): readonly (readonly [fromMs: number, toMs: number])[] =>
  host.devices.map(({ log }) => {
    const writes = log.filter(({ cdb }) =>
      [OperationCode.writeBuffer, OperationCode.sendDiagnostic].some((code) => code === cdb[0]),
    );
    return [writes[0]?.atMs ?? NaN, writes.at(-1)?.atMs ?? NaN];
  });
