import { refusal } from '../../base/refusal.ts';
import type { Refusal, RefusalFacts } from '../../base/refusal.ts';
import type { Sense } from '../../scsi/sense.ts';
import { SenseKey } from '../../scsi/sense.ts';
import type { SubenclosureMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import type { PassEnd } from '../passes.ts';
import type { Chunk } from '../chunks.ts';
import type { SesDownload } from './pages.ts';

const MODE_BYTE = 8;
/** BUFFER OFFSET in the control page. */
const OFFSET_BYTES: readonly number[] = [12, 13, 14, 15];

/**
 * What an error status (80h and above) makes of a pass. The device has dropped what it had.
 *
 * @param untouched the page was the very first: only then may its mode be the reason (decisions.md#fallback-and-activation)
 */
export function endByStatus(
  { status, additionalStatus }: SubenclosureMicrocodeStatus,
  failure: Refusal,
  untouched: boolean,
): PassEnd<SesDownload> {
  if (microcodeStatusFacts(status).keepPower) return { kind: 'frozen', failure };
  // Too long between two pages: nothing is wrong with the image.
  if (status === 0x82) return { kind: 'forgotten', failure };
  const wrongMode = status === 0x80 && additionalStatus === MODE_BYTE;
  return { kind: untouched && wrongMode ? 'mode-not-supported' : 'failed', failure };
}

/** The command itself is not one that the device executes: 5/20/00, 5/24/00. */
export const refusesCommand = (sense: Sense | null): boolean =>
  sense !== null &&
  !sense.deferred &&
  sense.key === SenseKey.illegalRequest &&
  sense.ascq === 0x00 &&
  (sense.asc === 0x20 || sense.asc === 0x24);

/**
 * The mark of a device that drops its download when page 0Eh is read (sg_ses_microcode --non): the second page is refused
 * with 5/26/00 after a reading that showed nothing wrong, and the device blames nothing but, at most, the offset.
 */
export function mindsBeingRead(
  download: SesDownload,
  page: Chunk,
  sense: Sense | null,
  { status, additionalStatus }: SubenclosureMicrocodeStatus,
): boolean {
  if (download.statusReads === 'none' || page.index !== 1 || sense === null || sense.deferred) return false;
  if (sense.key !== SenseKey.illegalRequest || sense.asc !== 0x26 || sense.ascq !== 0x00) return false;
  const { fieldPointer } = sense;
  const blamed = fieldPointer === null ? 0 : fieldPointer.inCdb ? -1 : fieldPointer.byte;
  const isOffset = (byte: number): boolean => byte === 0 || OFFSET_BYTES.includes(byte);
  return isOffset(blamed) && (status === 0x00 || (status === 0x80 && isOffset(additionalStatus)));
}

/** What happens then: once more without readings where the playbook leaves it to us; else the key to set. */
export function endByReading(download: SesDownload, refused: Refusal): PassEnd<SesDownload> {
  const failure = refusal('drops-when-read', { what: refused.message }, factsOf(refused));
  return download.statusReads === 'auto'
    ? { kind: 'forgotten', failure, as: { ...download, statusReads: 'none' } }
    : { kind: 'failed', failure };
}

/** Of the command that was refused; the next step is that of the new code. */
const factsOf = ({ layer, cdb, offset, sense }: Refusal): RefusalFacts => ({ layer, cdb, offset, sense });
