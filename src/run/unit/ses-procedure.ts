import { EncodeError } from '../../base/errors.ts';
import type { Refusal } from '../../base/refusal.ts';
import { readDiagnosticTimeouts } from '../../device/capabilities.ts';
import type { DiagnosticTimeouts } from '../../device/capabilities.ts';
import type { Device } from '../../device/device.ts';
import { unreadIn, valueOf } from '../../base/facts.ts';
import { readFact } from '../../device/fact.ts';
import { whyUnread } from '../guards/unreadable.ts';
import type { Proceeding } from '../guards/unreadable.ts';
import { CAUTIOUS_BYTES, commandCount, endsDeferred } from '../../microcode/chunks.ts';
import { activateBySes } from '../../microcode/ses/activation.ts';
import { clearEarlier, downloadBySes } from '../../microcode/ses/download.ts';
import { earlierSesDownload } from '../../microcode/ses/earlier-download.ts';
import { automaticPageBytes, requireSendablePages } from '../../microcode/ses/pages.ts';
import type { SesDownload } from '../../microcode/ses/pages.ts';
import type { BytesPerWrite, ResolvedSesSection, SesModeName } from '../../playbook/resolved.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';
import { modeFacts } from '../../scsi/write-buffer.ts';
import { SES_MICROCODE_MODES, sesMicrocodeModeName } from '../../ses/download-microcode-control.ts';
import { MICROCODE_STATUS_TIMEOUT_MS } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { supportedDiagnosticPages } from '../../ses/supported-diagnostic-pages.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import type { SentTo } from '../facts/sent-to.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import { allowedFallback, notUsed } from './fallback.ts';
import { whyTooShort } from '../guards/limits.ts';
import { whyNotListed } from '../guards/ses-pages.ts';
import { imageDownload } from './image-download.ts';
import { LAST_TIMEOUT_MS, NOTHING_SENT } from './procedure.ts';
import type { DownloadHooks, SectionProcedure, SentImage } from './procedure.ts';
import { askHowItEnded, verifyEnclosure, nothingTold } from '../../microcode/ses/verification.ts';
import { shownRevision } from './shown-revision.ts';
import { NOTHING_SAID } from '../../microcode/last-word.ts';
import type { LastWord } from '../../microcode/last-word.ts';
import type { SesEnd } from '../../microcode/ses/pass.ts';

/** Codes from here up to 6Fh are reserved, then the vendor's: no error, and nothing about events (SES). */
const LAST_KNOWN_STATUS = 0x13;

/** What the check found out before it asked for the way. */
export interface SesStart {
  /** Revision that the subenclosure shows. */
  readonly revision: string;
  /** Infinity: the host says nothing. */
  readonly hostLimitBytes: number;
  /** What an earlier download left may be discarded (decisions.md#after-a-crash). */
  readonly clearFirst?: boolean;
  /** An earlier section sends to the same subenclosure: its image may wait there, and is ours. */
  readonly follows?: boolean;
  /** Subenclosures of other sections: nothing may be in progress there either before the unit is called updated. */
  readonly alsoWatched?: readonly number[];
}

/** `via: ses`, checked against the pages that the device lists. */
export async function prepareSes(
  device: Device,
  section: ResolvedSesSection,
  proceeding: Proceeding,
  { hostLimitBytes, clearFirst = false, follows = false, alsoWatched = [], revision }: SesStart,
): Promise<SectionProcedure | Refusal> {
  const pages = await readFact(device, receiveDiagnosticResults(supportedDiagnosticPages));
  const asked = await readDiagnosticTimeouts(device);
  const unread = whyUnread([...unreadIn('ses-00h', pages), ...asked.unreadable], proceeding);
  if (unread !== null) return unread;
  const notListed = pages.kind === 'unreadable' ? null : whyNotListed(valueOf(pages));
  if (notListed !== null) return notListed;
  const { mode, bpw, otherwise } = section;
  const tooShort = whyTooShort(section.timeouts, asked.sendMs, 'SEND DIAGNOSTIC');
  if (tooShort !== null) return tooShort;
  const download = toDownload(section, mode, bpw, hostLimitBytes, asked);
  const fallback = otherwise && toDownload(section, otherwise.mode, otherwise.bpw, hostLimitBytes, asked);
  try {
    for (const candidate of [download, fallback]) if (candidate !== null) requireSendablePages(candidate);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return error.refusal;
  }
  const activateTimeoutMs = section.timeouts.activateMs ?? Math.max(LAST_TIMEOUT_MS, asked.sendMs);
  return sesProcedure(
    section,
    { revision, clearFirst, follows, alsoWatched, activateTimeoutMs },
    download,
    fallback,
  );
}

/** Page 0Eh activates what waits in a subenclosure, and nothing is sent: an earlier run sent the image. */
export async function prepareSesActivation(
  device: Device,
  { subenclosureId, bufferId }: Extract<SentTo, { via: 'ses' }>,
  { revision, imageLengthBytes }: { readonly revision: string; readonly imageLengthBytes: number },
): Promise<SectionProcedure> {
  const asked = await readDiagnosticTimeouts(device);
  const pageMs = Math.max(LAST_TIMEOUT_MS, asked.sendMs);
  const sent: SesDownload = {
    mode: SES_MICROCODE_MODES.dmc_offs_defer,
    lastMode: null,
    endWithMode: null,
    bytesPerWrite: CAUTIOUS_BYTES,
    subenclosureId,
    bufferId,
    bufferIdStep: 0,
    offsetBytes: 0,
    imageLengthBytes,
    image: new Uint8Array(0),
    statusReads: 'auto',
    finalStatus: 'read',
    timeouts: { firstMs: pageMs, chunkMs: pageMs, lastMs: pageMs },
    statusTimeoutMs: Math.max(MICROCODE_STATUS_TIMEOUT_MS, asked.receiveMs),
  };
  const start = { revision, clearFirst: true, follows: false, alsoWatched: [], activateTimeoutMs: pageMs };
  return sesProcedure(
    { subenclosureId, bufferId, statusReads: 'auto', finalStatus: 'read' },
    start,
    sent,
    null,
  );
}

function sesProcedure(
  section: Pick<ResolvedSesSection, 'subenclosureId' | 'bufferId' | 'statusReads' | 'finalStatus'>,
  {
    revision: before,
    clearFirst,
    follows,
    alsoWatched,
    activateTimeoutMs,
  }: Required<Omit<SesStart, 'hostLimitBytes'>> & { readonly activateTimeoutMs: number },
  download: SesDownload,
  fallback: SesDownload | null,
): SectionProcedure {
  const { subenclosureId, bufferId } = section;
  const readStatus = section.statusReads !== 'none' && section.finalStatus === 'read';
  const { statusTimeoutMs } = download;
  // What is activated or downloaded elsewhere in the enclosure moves the generation code.
  const isAlone = alsoWatched.every((id) => id === subenclosureId);
  const writingMs = download.timeouts.lastMs;
  let end: SesEnd | null = null;
  let onWaiting: DownloadHooks['onWaiting'] = () => undefined;
  let waitsAfterActivation: LastWord['pending'] = [];
  const told = nothingTold();
  const askHowItWent = async (device: Device): Promise<LastWord> => {
    const isTold = end === null || end.finalAnswer || (end.kind !== 'complete' && end.kind !== 'unclear');
    if (isTold) return NOTHING_SAID;
    return askHowItEnded(device, subenclosureId, { writingMs, statusTimeoutMs, onWaiting });
  };
  return {
    size: { bytes: download.image.length, chunks: commandCount(download) },
    endsDeferred: endsDeferred(download),
    activatedWith: `subenclosure ${subenclosureId}`,
    shownRevision: (device) => shownRevision(device, subenclosureId),
    earlierDownload: (device, { waitMs, onWaiting: tell }) =>
      earlierSesDownload(device, { subenclosureId, waitMs, writingMs, statusTimeoutMs, onWaiting: tell }),
    download: async (device, hooks) => {
      ({ onWaiting } = hooks);
      const allowed = allowedFallback(fallback, hooks, endsDeferred);
      end = await downloadBySes(device, {
        ...hooks,
        download,
        fallback: allowed,
        clearFirst,
        follows,
      });
      if (allowed !== fallback && end.kind === 'refused' && end.doneChunks === 0)
        hooks.onNotice(notUsed(sesMicrocodeModeName(fallback!.mode)));
      return sentImage(end);
    },
    clear: (device, waitMs) => (clearFirst ? clearEarlier(device, download, waitMs) : Promise.resolve(null)),
    settle: async (device) => {
      const word = await askHowItWent(device);
      if (end !== null) end = { ...end, finalAnswer: true };
      return word;
    },
    activate: async (device, waitMs) => {
      const { waitsFor, ...activation } = await activateBySes(device, {
        subenclosureId,
        bufferId,
        imageLengthBytes: download.imageLengthBytes,
        generationCode: end?.finalAnswer === true && isAlone ? end.generationCode : null,
        readStatus,
        timeoutMs: activateTimeoutMs,
        statusTimeoutMs,
        waitMs,
        onWaiting,
      });
      waitsAfterActivation = waitsFor;
      if (waitsFor.length > 0) device.forgetNews();
      return activation;
    },
    unreachableMs: () => 0,
    completeVerification: async (device, seen) => {
      const look = await verifyEnclosure(device, seen, {
        subenclosureId,
        alsoWatched,
        statusTimeoutMs,
        isNew: (revision) => revision !== before,
        told,
        isEndTold: end === null || end.finalAnswer,
      });
      const waits = device.news.attentions.some(tellsOfStart) ? [] : waitsAfterActivation;
      return { ...look, pending: [...new Set([...look.pending, ...waits])] };
    },
    lastWord: (device) =>
      waitsAfterActivation.length > 0
        ? Promise.resolve({ ...NOTHING_SAID, pending: waitsAfterActivation })
        : askHowItWent(device),
  };
}

function toDownload(
  section: ResolvedSesSection,
  mode: SesModeName,
  bpw: BytesPerWrite,
  hostLimitBytes: number,
  asked: DiagnosticTimeouts,
): SesDownload {
  const { subenclosureId, totalLengthBytes, statusReads, finalStatus } = section;
  const bytesPerWrite = bpw === 'auto' ? automaticPageBytes(hostLimitBytes) : bpw;
  // What sg_ses_microcode waits for every page: an enclosure may write its flash in between.
  const pageMs = Math.max(LAST_TIMEOUT_MS, asked.sendMs);
  return {
    ...imageDownload(section, SES_MICROCODE_MODES, { mode, bytesPerWrite }, () => ({
      firstMs: pageMs,
      chunkMs: pageMs,
      lastMs: pageMs,
    })),
    subenclosureId,
    imageLengthBytes: totalLengthBytes,
    statusReads,
    finalStatus,
    statusTimeoutMs: Math.max(MICROCODE_STATUS_TIMEOUT_MS, asked.receiveMs),
  };
}

/** What the final status says of events counts; where it says nothing of them, what the mode promises. */
function sentImage(end: SesEnd): SentImage {
  const { mode, finalStatus } = end;
  const deferredMode = modeFacts(mode).deferred;
  const known = finalStatus !== null && finalStatus <= LAST_KNOWN_STATUS;
  const waitsFor: readonly PendingEvent[] = known
    ? microcodeStatusFacts(finalStatus).startsAt
    : deferredMode
      ? MICROCODE_EVENTS
      : [];
  const deferred = waitsFor.includes('activation');
  const isVolatile = !modeFacts(mode).saved;
  return { ...NOTHING_SENT, ...end, deferred, waitsFor, isVolatile };
}
