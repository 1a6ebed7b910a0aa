import { failureAt } from '../base/errors.ts';
import type { FailureReport } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { failureOf } from '../device/judge.ts';
import { SenseKey } from '../scsi/sense.ts';
import { controlFieldName } from '../ses/download-microcode-control.ts';
import { receiveMicrocodeStatus } from '../ses/download-microcode-status.ts';
import type {
  DownloadMicrocodeStatus,
  SubenclosureMicrocodeStatus,
} from '../ses/download-microcode-status.ts';
import { microcodeStatusText } from '../ses/microcode-status.ts';

/** One reading of the Download Microcode Status page (0Eh). */
export type StatusRead =
  | { readonly kind: 'page'; readonly page: DownloadMicrocodeStatus }
  /** The device was reset, or runs other code: what it had of an image is gone, or has started. */
  | { readonly kind: 'reset'; readonly failure: FailureReport }
  | { readonly kind: 'no-answer'; readonly failure: FailureReport };

/** 29/xx reset, 2F commands cleared, 3F/xx changed code: a download does not survive these. */
const RESETS = new Set([0x29, 0x2f, 0x3f]);
const MAX_ATTEMPTS = 8;
const PAUSE_MS = 500;

/**
 * Reads page 0Eh. Not harmless: a final status is shown once, and some devices drop a download in progress; so it is
 * only read where the procedure says so, and whatever it showed is kept.
 *
 * @param began false: before the first page, where a reset takes nothing away and is only cleared
 */
export async function readMicrocodeStatus(
  device: Device,
  { began, waitMs }: { readonly began: boolean; readonly waitMs: number },
): Promise<StatusRead> {
  const deadlineMs = device.clock.nowMs() + waitMs;
  for (let attempts = 1; ; attempts++) {
    const command = receiveMicrocodeStatus();
    const { judgement, response } = await device.attempt(command, 'look');
    if (response !== null) return { kind: 'page', page: response };
    const failure = failureOf(command, judgement);
    const { sense, action } = judgement;
    if (began && sense?.key === SenseKey.unitAttention && RESETS.has(sense.asc))
      return { kind: 'reset', failure };
    const again = action === 'send-again' || action === 'recheck' || action === 'restart';
    const later = action === 'send-later' || action === 'wait';
    if (again && attempts < MAX_ATTEMPTS) continue;
    if (!later || device.clock.nowMs() >= deadlineMs) return { kind: 'no-answer', failure };
    await device.clock.sleep(PAUSE_MS);
  }
}

/** Our subenclosure in the page, by its id and never by its place; null: the page does not have it. */
export function entryOf(
  { subenclosures }: DownloadMicrocodeStatus,
  subenclosureId: number,
): SubenclosureMicrocodeStatus | null {
  return subenclosures.find((entry) => entry.subenclosureId === subenclosureId) ?? null;
}

export function noSuchSubenclosure(id: number): FailureReport {
  return failureAt(
    'procedure',
    `the status page has no entry for subenclosure ${id}`,
    'Look at the subenclosures of this unit (runbook status) and correct `subenclosure`.',
  );
}

/** The status in words; with 80h the field of the control page that the device found wrong. */
export function statusWithField({ status, additionalStatus }: SubenclosureMicrocodeStatus): string {
  const text = microcodeStatusText(status);
  if (status !== 0x80)
    return additionalStatus === 0 ? text : `${text}, additional status ${additionalStatus}`;
  return `${text}: ${controlFieldName(additionalStatus)}, byte ${additionalStatus} of the page`;
}
