import { EncodeError, failureAt } from '../base/errors.ts';
import type { FailureReport } from '../base/errors.ts';
import { modeSupport, readCapabilities, recommendedTimeoutMs } from '../device/capabilities.ts';
import type { Capabilities } from '../device/capabilities.ts';
import type { Device } from '../device/device.ts';
import { DeviceError } from '../device/device.ts';
import { contradicts, identify, identityChanged } from '../device/identity.ts';
import type { Identification } from '../device/identity.ts';
import { automaticBytesPerWrite, cutChunks } from '../microcode/chunks.ts';
import type { WriteBufferDownload } from '../microcode/chunks.ts';
import { waitReady } from '../microcode/wait-ready.ts';
import type { BytesPerWrite, ResolvedPlay, ResolvedWriteBufferSection } from '../playbook/resolved.ts';
import { requestSense } from '../scsi/request-sense.ts';
import { WRITE_BUFFER_MODES } from '../scsi/write-buffer.ts';
import type { PlannedUnit } from './plan.ts';

/** The device, as it is right before the first chunk, may be written to. */
export interface Checked {
  readonly identification: Identification;
  readonly capabilities: Capabilities;
  /** null: activation only, and an image waits for it. */
  readonly download: WriteBufferDownload | null;
  readonly fallback: WriteBufferDownload | null;
  readonly activationTimeoutMs: number;
}

export type CheckEnd =
  | ({ readonly kind: 'go' } & Checked)
  | { readonly kind: 'current'; readonly revision: string }
  | { readonly kind: 'refused'; readonly failure: FailureReport };

/** sg_write_buffer's own default for a chunk; what the end of a download and an activation may take (rules.md section 3). */
const CHUNK_TIMEOUT_MS = 300_000;
const LAST_TIMEOUT_MS = 7_200_000;
/** A device that is still becoming ready gets this long before it is refused. */
const READY_WITHIN_MS = 20_000;

/**
 * The last look, on the descriptor that will write: unit attentions cleared, identity and revision as planned, and what
 * the device says about itself not against the playbook. Sends nothing that changes the device.
 */
export async function checkDevice(
  device: Device,
  { facts, play }: PlannedUnit,
  section: ResolvedWriteBufferSection | null,
  onNotice: (message: string) => void,
): Promise<CheckEnd> {
  const refused = (failure: FailureReport): CheckEnd => ({ kind: 'refused', failure });
  try {
    const { ready, problem, sense } = await waitReady(device, { withinMs: READY_WITHIN_MS, patient: false });
    // 2/04/1F: the device has no good microcode, and the download is the cure. 2/04/1E: it wants what we came to do.
    const wants = section === null ? { asc: 0x04, ascq: 0x1e } : { asc: 0x04, ascq: 0x1f };
    const wantsUs = sense?.key === 2 && sense.asc === wants.asc && sense.ascq === wants.ascq;
    if (!ready && !wantsUs && problem !== null) return refused(problem);

    const identification = await identify(device);
    const { inquiry, identity } = identification;
    const before = facts.identity;
    if (before !== null && contradicts(before, identity)) return refused(identityChanged(before, identity));
    if (inquiry.revision === play.verify.revision) return { kind: 'current', revision: inquiry.revision };
    for (const field of ['vendor', 'product', 'revision'] as const) {
      if (inquiry[field] !== facts[field]) return refused(contradiction(field, facts[field], inquiry[field]));
    }
    const waiting = wantsUs || (await deferredImageWaits(device));
    if (section === null && !waiting) {
      const message = 'the playbook only activates, and the device reports no deferred image that waits';
      return refused(
        failureAt('procedure', message, 'Add a `download`, or check that this is the right unit.'),
      );
    }
    if (section !== null && waiting && !wantsUs) {
      onNotice('an older deferred image waits on this device; it is replaced');
    }
    return await checkCapabilities(
      device,
      identification,
      facts.paths[0]?.limits.maximumTransferBytes ?? null,
      section,
    );
  } catch (error) {
    if (error instanceof DeviceError) return refused(error.failure);
    throw error;
  }
}

/** REQUEST SENSE answers 0/00/22 while deferred microcode is pending (SPC-5). */
async function deferredImageWaits(device: Device): Promise<boolean> {
  const { response } = await device.attempt(requestSense(), 'look');
  return response?.key === 0 && response.asc === 0x00 && response.ascq === 0x22;
}

async function checkCapabilities(
  device: Device,
  identification: Identification,
  hostLimitBytes: number | null,
  section: ResolvedWriteBufferSection | null,
): Promise<CheckEnd> {
  const { vpdPages } = identification;
  const activateMode = WRITE_BUFFER_MODES.activate_mc;
  if (section === null) {
    const capabilities = await readCapabilities(device, { vpdPages, modes: [activateMode], bufferId: 0 });
    const activationTimeoutMs = Math.max(LAST_TIMEOUT_MS, recommendedTimeoutMs(capabilities, activateMode));
    return { kind: 'go', identification, capabilities, download: null, fallback: null, activationTimeoutMs };
  }
  const mode = WRITE_BUFFER_MODES[section.mode];
  const end = WRITE_BUFFER_MODES[section.endWith ?? section.lastMode ?? section.mode];
  const capabilities = await readCapabilities(device, {
    vpdPages,
    modes: [
      mode,
      end,
      activateMode,
      ...(section.otherwise === null ? [] : [WRITE_BUFFER_MODES[section.otherwise.mode]]),
    ],
    bufferId: section.bufferId,
  });
  if (section.otherwise === null && modeSupport(capabilities, mode) === 'not-supported') {
    const message = `the playbook wants ${section.mode}, and the device says that it does not support this mode`;
    return {
      kind: 'refused',
      failure: failureAt('procedure', message, 'Choose a mode that the device supports.'),
    };
  }
  const download = toDownload(section, section.mode, section.bpw, capabilities, hostLimitBytes);
  const fallback =
    section.otherwise === null
      ? null
      : toDownload(section, section.otherwise.mode, section.otherwise.bpw, capabilities, hostLimitBytes);
  for (const candidate of [download, fallback]) {
    const obstacle =
      candidate === null ? null : (boundaryObstacle(candidate, capabilities) ?? lengthObstacle(candidate));
    if (obstacle !== null) return { kind: 'refused', failure: obstacle };
  }
  const activationTimeoutMs =
    section.timeouts.activateMs ??
    Math.max(LAST_TIMEOUT_MS, recommendedTimeoutMs(capabilities, activateMode));
  return { kind: 'go', identification, capabilities, download, fallback, activationTimeoutMs };
}

function toDownload(
  section: ResolvedWriteBufferSection,
  modeName: ResolvedWriteBufferSection['mode'],
  bpw: BytesPerWrite,
  capabilities: Capabilities,
  hostLimitBytes: number | null,
): WriteBufferDownload {
  const mode = WRITE_BUFFER_MODES[modeName];
  const isFallback = modeName !== section.mode;
  const lastMode = section.lastMode === null || isFallback ? null : WRITE_BUFFER_MODES[section.lastMode];
  const endWithMode = section.endWith === null || isFallback ? null : WRITE_BUFFER_MODES[section.endWith];
  const boundary = capabilities.buffer?.exists === true ? capabilities.buffer.offsetBoundaryExponent : null;
  const { timeouts, image } = section;
  const chunkMs = Math.max(CHUNK_TIMEOUT_MS, recommendedTimeoutMs(capabilities, mode));
  const lastMs = Math.max(
    LAST_TIMEOUT_MS,
    recommendedTimeoutMs(capabilities, endWithMode ?? lastMode ?? mode),
  );
  return {
    mode,
    lastMode,
    endWithMode,
    bytesPerWrite: bpw === 'auto' ? automaticBytesPerWrite(image.length, boundary, hostLimitBytes) : bpw,
    bufferId: section.bufferId,
    bufferIdStep: section.bufferIdStep,
    offsetBytes: section.offsetBytes,
    modeSpecific: isFallback ? 0 : section.modeSpecific,
    image,
    timeouts: {
      firstMs: timeouts.firstMs ?? chunkMs,
      chunkMs: timeouts.chunkMs ?? chunkMs,
      lastMs: timeouts.lastMs ?? lastMs,
    },
  };
}

/** Offsets, and all chunks but the last, must be multiples of what READ BUFFER's descriptor says (SPC). */
function boundaryObstacle(download: WriteBufferDownload, { buffer }: Capabilities): FailureReport | null {
  if (buffer?.exists !== true || download.bytesPerWrite === 'whole') return null;
  if (download.bytesPerWrite >= download.image.length && download.offsetBytes === 0) return null;
  const exponent = buffer.offsetBoundaryExponent;
  const boundary = exponent === 0xff ? null : 2 ** exponent;
  const fits =
    boundary !== null && download.bytesPerWrite % boundary === 0 && download.offsetBytes % boundary === 0;
  if (fits) return null;
  const wants =
    boundary === null ? 'takes offset 0 only' : `wants offsets that are multiples of ${boundary} bytes`;
  return failureAt(
    'procedure',
    `bpw is ${download.bytesPerWrite} from offset ${download.offsetBytes}, and buffer ${download.bufferId} of the device ${wants}`,
    boundary === null ? 'Write `bpw: whole`.' : `Choose a bpw that is a multiple of ${boundary}.`,
  );
}

/** Every command is built once before the first is sent: one that does not fit its fields must not be found half way. */
function lengthObstacle(download: WriteBufferDownload): FailureReport | null {
  try {
    cutChunks(download);
    return null;
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return failureAt('procedure', error.message, 'Choose another bpw, buffer-id or offset.');
  }
}

function contradiction(field: string, planned: string, found: string): FailureReport {
  return failureAt(
    'procedure',
    `${field} was "${planned}" when the plan was made and is "${found}" now`,
    'Find out who else works on this device, then run the playbook again.',
  );
}

/** Bytes that a play sends to one unit; for progress. */
export function totalBytes({ download }: ResolvedPlay): number {
  return download.reduce((sum, { image }) => sum + image.length, 0);
}
