import { EncodeError } from '../../base/errors.ts';
import { unreadIn, valueOf } from '../../base/facts.ts';
import type { Refusal } from '../../base/refusal.ts';
import {
  modeSupport,
  readCapabilities,
  recommendedTimeoutMs,
  unreachableMs,
} from '../../device/capabilities.ts';
import type { Capabilities } from '../../device/capabilities.ts';
import type { Device } from '../../device/device.ts';
import type { Identification } from '../../device/identity.ts';
import { activateMicrocode } from '../../microcode/write-buffer/activation.ts';
import { commandCount, endMode, endsDeferred } from '../../microcode/chunks.ts';
import { automaticBytesPerWrite, requireSendableChunks } from '../../microcode/write-buffer/commands.ts';
import type { WriteBufferDownload } from '../../microcode/write-buffer/commands.ts';
import { deferredImageWaits } from '../../microcode/deferred-image.ts';
import { downloadByWriteBuffer } from '../../microcode/write-buffer/download.ts';
import type { DownloadEnd } from '../../microcode/write-buffer/download.ts';
import type { BytesPerWrite, ResolvedWriteBufferSection } from '../../playbook/resolved.ts';
import { endModeOf } from '../../playbook/modes.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';
import type { MicrocodeEvent } from '../../scsi/microcode-event.ts';
import { modeFacts, WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import { whyUnread } from '../guards/unreadable.ts';
import type { Proceeding } from '../guards/unreadable.ts';
import { allowedFallback, notUsed } from './fallback.ts';
import { whyContradicted } from '../guards/limits.ts';
import { imageDownload } from './image-download.ts';
import { alreadySent, CHUNK_TIMEOUT_MS, LAST_TIMEOUT_MS, NOTHING_SENT } from './procedure.ts';
import type { SectionProcedure } from './procedure.ts';
import { shownRevision } from './shown-revision.ts';
import { NOTHING_SAID } from '../../microcode/last-word.ts';

const ACTIVATE_MODE = WRITE_BUFFER_MODES.activate_mc;

/** Activation alone: an earlier run, or another tool, sent the image that waits. */
export async function prepareWriteBufferActivation(
  device: Device,
  { vpdPages }: Identification,
  proceeding: Proceeding,
): Promise<SectionProcedure | Refusal> {
  const capabilities = await readCapabilities(device, { vpdPages, modes: [ACTIVATE_MODE], bufferId: 0 });
  const unread = whyUnread(capabilities.unreadable, proceeding);
  if (unread !== null) return unread;
  return {
    ...afterWriteBuffer(capabilities, activationMs(capabilities), () => MICROCODE_EVENTS),
    size: { bytes: 0, chunks: 0 },
    endsDeferred: true,
    earlierDownload: () => Promise.resolve({ kind: 'nothing' }),
    download: () => Promise.resolve(alreadySent(MICROCODE_EVENTS)),
  };
}

const activationMs = (capabilities: Capabilities): number =>
  Math.max(LAST_TIMEOUT_MS, recommendedTimeoutMs(capabilities, ACTIVATE_MODE));

/**
 * `via: write-buffer`, checked against VPD 86h, the operation codes and the READ BUFFER descriptor; a device that says
 * nothing contradicts nothing.
 */
export async function prepareWriteBuffer(
  device: Device,
  { vpdPages }: Identification,
  section: ResolvedWriteBufferSection,
  hostLimitBytes: number,
  proceeding: Proceeding,
): Promise<SectionProcedure | Refusal> {
  const capabilities = await readCapabilities(device, {
    vpdPages,
    modes: [...modesOf(section).map((name) => WRITE_BUFFER_MODES[name]), ACTIVATE_MODE],
    bufferId: section.bufferId,
  });
  const unread = whyUnread(capabilities.unreadable, proceeding);
  if (unread !== null) return unread;
  const { mode, bpw, otherwise } = section;
  const download = toDownload(section, mode, bpw, capabilities, hostLimitBytes);
  const fallback =
    otherwise && toDownload(section, otherwise.mode, otherwise.bpw, capabilities, hostLimitBytes);
  const candidates = fallback === null ? [download] : [download, fallback];
  const contradiction = whyContradicted(section, candidates, capabilities);
  if (contradiction !== null) return contradiction;
  for (const candidate of candidates) {
    const problem = whyTooLong(candidate);
    if (problem !== null) return problem;
  }
  return procedure(
    capabilities,
    download,
    fallback,
    section.timeouts.activateMs ?? activationMs(capabilities),
    proceeding,
  );
}

function procedure(
  capabilities: Capabilities,
  download: WriteBufferDownload,
  fallback: WriteBufferDownload | null,
  activationTimeoutMs: number,
  proceeding: Proceeding,
): SectionProcedure {
  let sentFor: readonly PendingEvent[] = [];
  return {
    ...afterWriteBuffer(capabilities, activationTimeoutMs, () => sentFor),
    size: { bytes: download.image.length, chunks: commandCount(download) },
    endsDeferred: endsDeferred(download),
    earlierDownload: async (device) => {
      const waits = await deferredImageWaits(device);
      const unread = whyUnread(unreadIn('request-sense', waits), proceeding);
      if (unread !== null) return { kind: 'refused', failure: unread };
      return valueOf(waits) === true
        ? { kind: 'complete', waitsFor: eventsOfMode(download), replaceable: true }
        : { kind: 'nothing' };
    },
    download: async (device, hooks) => {
      const allowed = allowedFallback(fallback, hooks, endsDeferred);
      const end = await downloadByWriteBuffer(device, {
        download,
        fallback: allowed,
        modeSupport: (mode) => modeSupport(capabilities, mode),
        ...hooks,
      });
      if (allowed !== fallback && end.kind === 'refused' && end.doneChunks === 0)
        hooks.onNotice(notUsed(modeFacts(fallback!.mode).name));
      sentFor = end.deferred ? eventsOfMode({ mode: end.mode, modeSpecific: download.modeSpecific }) : [];
      const isVolatile = !modeFacts(end.mode).saved;
      const helps = helpsAfter(end, capabilities);
      return { ...NOTHING_SENT, ...end, waitsFor: sentFor, helps, isVolatile };
    },
  };
}

/** All that follows the download. `sentFor`: the events that the image waits for. */
function afterWriteBuffer(
  capabilities: Capabilities,
  activationTimeoutMs: number,
  sentFor: () => readonly PendingEvent[],
): Omit<SectionProcedure, 'size' | 'endsDeferred' | 'earlierDownload' | 'download'> {
  return {
    activatedWith: 'WRITE BUFFER',
    shownRevision: (device) => shownRevision(device, 0),
    clear: () => Promise.resolve(null),
    settle: () => Promise.resolve(NOTHING_SAID),
    activate: (device, waitMs) => activateMicrocode(device, { timeoutMs: activationTimeoutMs, waitMs }),
    unreachableMs: ({ mode }, activated) =>
      Math.max(unreachableMs(capabilities, mode), activated ? unreachableMs(capabilities, ACTIVATE_MODE) : 0),
    completeVerification: (_device, seen) =>
      Promise.resolve({ ...seen, pending: narrowed(seen.pending, sentFor()) }),
    lastWord: () => Promise.resolve(NOTHING_SAID),
  };
}

/** 0/00/22 says that an image waits, and not for what: mode 0Dh chose among the events. */
function narrowed(
  said: readonly MicrocodeEvent[],
  sentFor: readonly PendingEvent[],
): readonly MicrocodeEvent[] {
  const both = said.filter((event) => sentFor.includes(event));
  return both.length > 0 ? both : said;
}

const modesOf = (section: ResolvedWriteBufferSection): (typeof section.mode)[] => [
  section.mode,
  endModeOf(section),
  section.otherwise?.mode ?? section.mode,
];

/**
 * Deferred microcode: mode 0Dh waits for the events of MODE SPECIFIC, 0Eh for any hard reset or power on
 * (scsi-microcode.md#modes-of-write-buffer).
 */
export function eventsOfMode({
  mode,
  modeSpecific,
}: Pick<WriteBufferDownload, 'mode' | 'modeSpecific'>): readonly PendingEvent[] {
  if (mode !== WRITE_BUFFER_MODES.dmc_offs_ev_defer) return MICROCODE_EVENTS;
  const events: PendingEvent[] = ['activation'];
  if ((modeSpecific & 0b010) !== 0) events.push('hard-reset');
  if ((modeSpecific & 0b100) !== 0) events.push('power-cycle');
  return events;
}

/** VPD 86h ACTIVATE MICROCODE 10b: modes 5 and 7 take effect at a hard reset or power on. A capability, and no state. */
function helpsAfter({ deferred }: DownloadEnd, { extendedInquiry }: Capabilities): PendingEvent[] {
  return !deferred && extendedInquiry?.activateMicrocode === 2 ? ['hard-reset', 'power-cycle'] : [];
}

function toDownload(
  section: ResolvedWriteBufferSection,
  mode: ResolvedWriteBufferSection['mode'],
  bpw: BytesPerWrite,
  capabilities: Capabilities,
  hostLimitBytes: number,
): WriteBufferDownload {
  const boundary = capabilities.buffer?.exists === true ? capabilities.buffer.offsetBoundaryExponent : null;
  const bytesPerWrite =
    bpw === 'auto' ? automaticBytesPerWrite(section.image.length, boundary, hostLimitBytes) : bpw;
  const atLeast = (ms: number, mode: number): number =>
    Math.max(ms, recommendedTimeoutMs(capabilities, mode));
  const download = imageDownload(section, WRITE_BUFFER_MODES, { mode, bytesPerWrite }, (modes) => {
    const chunkMs = atLeast(CHUNK_TIMEOUT_MS, modes.mode);
    return { firstMs: chunkMs, chunkMs, lastMs: atLeast(LAST_TIMEOUT_MS, endMode(modes)) };
  });
  return { ...download, modeSpecific: section.modeSpecific };
}

/** A command that does not fit its fields must not be found half way. */
function whyTooLong(download: WriteBufferDownload): Refusal | null {
  try {
    requireSendableChunks(download);
    return null;
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return error.refusal;
  }
}
