import { failureAt } from '../base/errors.ts';
import type { FailureReport } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { SES_MAXIMUM_DATA_BYTES, SES_MICROCODE_MODES } from '../ses/download-microcode-control.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../ses/microcode-status.ts';
import { receiveDiagnosticResults } from '../ses/receive-diagnostic-results.ts';
import { supportedDiagnosticPages } from '../ses/supported-diagnostic-pages.ts';
import { optionally } from '../device/identity.ts';
import { CAUTIOUS_BYTES } from '../microcode/chunks.ts';
import { activateBySes } from '../microcode/ses-activation.ts';
import { readDescriptor } from '../microcode/ses-begin.ts';
import { downloadBySes } from '../microcode/ses-download.ts';
import type { SesEnd } from '../microcode/ses-download.ts';
import type { SesDownload } from '../microcode/ses-pages.ts';
import { entryOf, readMicrocodeStatus, statusWithField } from '../microcode/ses-status.ts';
import type { Verification } from '../microcode/verification.ts';
import type { BytesPerWrite, ResolvedSesSection, SesModeName } from '../playbook/resolved.ts';
import type { PendingEvent } from './outcome.ts';
import { LAST_TIMEOUT_MS, NOTHING_SAID } from './procedure.ts';
import type { LastWord, Procedure, Refusal, SentImage } from './procedure.ts';

const PAGE_CODE = 0x0e;
const HEADER_BYTES = 24;
const STATUS_WAIT_MS = 5000;

/** `via: ses`, checked against the pages that the device lists. */
export async function prepareSes(
  device: Device,
  section: ResolvedSesSection,
  target: string,
  hostLimitBytes: number | null,
): Promise<Procedure | Refusal> {
  const pages = await optionally(device, receiveDiagnosticResults(supportedDiagnosticPages));
  if (pages?.includes(PAGE_CODE) !== true) {
    const message =
      pages === null
        ? 'the device does not list its diagnostic pages'
        : 'the device does not list diagnostic page 0Eh (download microcode)';
    return {
      refusal: failureAt('procedure', message, 'Write `via: write-buffer` if the vendor documents it.'),
    };
  }
  const { otherwise } = section;
  const download = toDownload(section, section.mode, section.bpw, hostLimitBytes);
  const fallback = otherwise && toDownload(section, otherwise.mode, otherwise.bpw, hostLimitBytes);
  return sesProcedure(section, target, download, fallback);
}

function sesProcedure(
  section: ResolvedSesSection,
  target: string,
  download: SesDownload,
  fallback: SesDownload | null,
): Procedure {
  const { subenclosureId, bufferId } = section;
  let end: SesEnd | null = null;
  const readsStatus = (): boolean => section.statusReads !== 'none' && section.finalStatus === 'read';
  return {
    download: async (device, hooks) => {
      end = await downloadBySes(device, { download, fallback, ...hooks });
      return sentImage(end);
    },
    activate: (device, waitMs) =>
      activateBySes(device, {
        subenclosureId,
        bufferId,
        imageLengthBytes: download.imageLengthBytes,
        readStatus: readsStatus(),
        timeoutMs: section.timeouts.activateMs ?? LAST_TIMEOUT_MS,
        waitMs,
      }),
    unreachableMs: () => 0,
    look: (device, seen) => lookAt(device, seen, { subenclosureId, target }),
    lastWord: (device) =>
      end === null || end.finalStatus !== null
        ? Promise.resolve(NOTHING_SAID)
        : lastWordOf(device, subenclosureId),
  };
}

function toDownload(
  section: ResolvedSesSection,
  modeName: SesModeName,
  bpw: BytesPerWrite,
  hostLimitBytes: number | null,
): SesDownload {
  const isFallback = modeName !== section.mode;
  const { timeouts, image } = section;
  return {
    mode: SES_MICROCODE_MODES[modeName],
    lastMode: section.lastMode === null || isFallback ? null : SES_MICROCODE_MODES[section.lastMode],
    endWithMode: section.endWith === null || isFallback ? null : SES_MICROCODE_MODES[section.endWith],
    bytesPerWrite: bpw === 'auto' ? automaticPageBytes(hostLimitBytes) : bpw === 'whole' ? image.length : bpw,
    subenclosureId: section.subenclosureId,
    bufferId: section.bufferId,
    bufferIdStep: section.bufferIdStep,
    offsetBytes: section.offsetBytes,
    imageLengthBytes: section.totalLengthBytes,
    image,
    statusReads: section.statusReads,
    finalStatus: section.finalStatus,
    // What sg_ses_microcode waits for every page: an enclosure may write its flash in between.
    timeouts: {
      firstMs: timeouts.firstMs ?? LAST_TIMEOUT_MS,
      chunkMs: timeouts.chunkMs ?? LAST_TIMEOUT_MS,
      lastMs: timeouts.lastMs ?? LAST_TIMEOUT_MS,
    },
  };
}

/** The best that page and host allow, in steps of 4, and never above what has been seen in the field. */
function automaticPageBytes(hostLimitBytes: number | null): number {
  const host = (hostLimitBytes ?? Infinity) - HEADER_BYTES;
  return Math.max(4, Math.min(CAUTIOUS_BYTES, SES_MAXIMUM_DATA_BYTES, Math.floor(host / 4) * 4));
}

/** What the final status says of events counts; where none was seen, what the mode promises. */
function sentImage({ kind, mode, doneBytes, doneChunks, failure, finalStatus, mayRun }: SesEnd): SentImage {
  const deferredMode = mode === SES_MICROCODE_MODES.dmc_offs_defer;
  const waitsFor: readonly PendingEvent[] =
    finalStatus !== null
      ? microcodeStatusFacts(finalStatus).startsAt
      : deferredMode
        ? ['activation', 'hard-reset', 'power-cycle']
        : [];
  const deferred = finalStatus === null ? deferredMode : waitsFor.includes('activation');
  return { kind, mode, doneBytes, doneChunks, failure, mayRun, deferred, waitsFor };
}

/**
 * A subenclosure that is not the primary is known by its own descriptor in page 01h. And before a unit is called updated,
 * page 01h can be read and nothing is in progress (rules.md section 4).
 */
export async function lookAt(
  device: Device,
  seen: Verification,
  { subenclosureId, target }: { readonly subenclosureId: number; readonly target: string },
): Promise<Verification> {
  if (seen.revision === null) return seen;
  const descriptor = await readDescriptor(device, subenclosureId);
  const shown =
    subenclosureId === 0
      ? seen
      : { ...seen, revision: descriptor?.revision ?? null, product: descriptor?.product ?? null };
  if (shown.revision !== target && descriptor !== null) return shown;
  if (descriptor === null) {
    const problem = 'diagnostic page 01h (configuration) cannot be read, or lacks the subenclosure';
    return {
      ...shown,
      ready: false,
      problem: failureAt('device', problem, 'Wait, then look with: runbook status'),
    };
  }
  const read = await readMicrocodeStatus(device, { began: false, waitMs: STATUS_WAIT_MS });
  const entry = read.kind === 'page' ? entryOf(read.page, subenclosureId) : null;
  if (entry !== null && microcodeStatusFacts(entry.status).kind === 'interim') {
    const problem = failureAt(
      'device',
      microcodeStatusText(entry.status),
      'Keep the power on until it has finished.',
    );
    return { ...shown, ready: false, problem };
  }
  return shown;
}

/** Page 0Eh once, where its final status was not read during the download: 80h–85h and 11h–13h count. */
async function lastWordOf(device: Device, subenclosureId: number): Promise<LastWord> {
  const read = await readMicrocodeStatus(device, { began: false, waitMs: STATUS_WAIT_MS });
  const entry = read.kind === 'page' ? entryOf(read.page, subenclosureId) : null;
  if (entry === null) return NOTHING_SAID;
  const { kind, keepPower, startsAt } = microcodeStatusFacts(entry.status);
  const failure: FailureReport | null =
    kind === 'error'
      ? failureAt(
          'device',
          statusWithField(entry),
          keepPower ? KEEP_POWER : 'Check that the image is meant for this model.',
        )
      : null;
  // 10h: by the standard the new code starts after this status was returned, and not before (SES).
  return { failure, frozen: keepPower, pending: startsAt, startsNow: entry.status === 0x10 };
}

const KEEP_POWER = 'Do not reset the enclosure and do not switch it off: send it a good image first.';
