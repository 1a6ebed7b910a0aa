import { refusal } from '../../base/refusal.ts';
import { REFUSALS } from '../../base/refusals/list.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { failureOf } from '../../device/judge.ts';
import type { Moment } from '../../device/sense-table.ts';
import { controlFieldName } from '../../ses/download-microcode-control.ts';
import { receiveMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import type {
  DownloadMicrocodeStatus,
  SubenclosureMicrocodeStatus,
} from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import type { BadEnd } from '../end.ts';

/** One reading of the Download Microcode Status page (0Eh). */
export type StatusRead =
  | {
      readonly kind: 'page';
      readonly page: DownloadMicrocodeStatus;
      /** An earlier answer of this reading was lost: a final status, which is shown once, may have been in it. */
      readonly lost: Refusal | null;
    }
  | StatusProblem;

/**
 * `forgotten`: the device was reset, or restarts: what it had of an image is gone, or runs. `failed`: somebody else is at work, or
 * the device does not give this page as it should. `unclear`: no answer.
 */
export type StatusProblem = BadEnd<'forgotten' | 'failed' | 'frozen' | 'unclear'>;

/** Our subenclosure in one reading of the page. */
export interface StatusEntry {
  readonly kind: 'entry';
  readonly entry: SubenclosureMicrocodeStatus;
  readonly page: DownloadMicrocodeStatus;
  readonly lost: Refusal | null;
}

export interface StatusOptions {
  /** `look` before the first page, where a reset takes nothing away; `during` between pages; `last` after the last. */
  readonly moment: Exclude<Moment, 'first'>;
  /** How long a device that is not ready is waited for. */
  readonly waitMs: number;
  /** For the command itself; undefined: what sg_ses_microcode waits. */
  readonly statusTimeoutMs?: number | undefined;
}

const MAX_ATTEMPTS = 8;
/** A lost answer is asked for again: reading takes nothing away that was not lost with it. */
const MAX_LOST_ANSWERS = 2;
const PAUSE_MS = 500;

/**
 * Reads page 0Eh. Not harmless: a final status is shown once, and some devices drop a download in progress; so it is
 * only read where the procedure says so, and whatever it showed is kept.
 */
export async function readMicrocodeStatus(
  device: Device,
  { moment, waitMs, statusTimeoutMs }: StatusOptions,
): Promise<StatusRead> {
  const { clock } = device;
  // Read between all pages of a download: the clock is only asked where something is waited for.
  let deadlineMs: number | null = null;
  let lost: Refusal | null = null;
  let lostAnswers = 0;
  for (let attempts = 1; ; attempts++) {
    const command = receiveMicrocodeStatus(statusTimeoutMs);
    const { judgement, response } = await device.attempt(command, moment);
    if (response !== null) return { kind: 'page', page: response, lost };
    const failure = failureOf(command, judgement);
    const problem = (kind: StatusProblem['kind']): StatusProblem => ({ kind, failure });
    switch (judgement.action) {
      case 'freeze':
        return problem('frozen');
      case 'stop':
        return problem(judgement.layer === 'device' ? 'failed' : 'unclear');
      case 'verify':
        return problem(judgement.sense === null ? 'unclear' : 'forgotten');
      case 'restart':
        // Only the device itself can say that it was reset; an adapter's reset shows in the next answer.
        if (judgement.sense !== null && moment !== 'probe') return problem('forgotten');
        if (judgement.sense === null) lost ??= failure;
        break;
      case 'unclear':
        lost ??= failure;
        if (lostAnswers++ >= MAX_LOST_ANSWERS) return problem('unclear');
        await clock.sleep(PAUSE_MS);
        continue;
      case 'wait':
      case 'send-later':
      case 'accept-then-wait':
        deadlineMs ??= clock.nowMs() + waitMs;
        if (clock.nowMs() >= deadlineMs) return problem('unclear');
        await clock.sleep(PAUSE_MS);
        continue;
    }
    if (attempts >= MAX_ATTEMPTS) return problem('unclear');
  }
}

/** What page 0Eh says of our subenclosure. */
export async function readStatusEntry(
  device: Device,
  subenclosureId: number,
  options: StatusOptions,
): Promise<StatusEntry | StatusProblem> {
  const read = await readMicrocodeStatus(device, options);
  if (read.kind !== 'page') return read;
  const entry = entryOf(read.page, subenclosureId);
  if (entry === null) return { kind: 'failed', failure: noSuchSubenclosure(subenclosureId) };
  return { ...read, kind: 'entry', entry };
}

const POLL_MS = 1000;

/**
 * Reads page 0Eh until our subenclosure says something that is not in between (01h–0Fh), or has said that for long enough.
 *
 * @param limitMs how long a status in between is waited for; 0: not at all
 */
export async function pollStatusEntry(
  device: Device,
  subenclosureId: number,
  options: StatusOptions & {
    readonly limitMs: (status: number) => number;
    readonly onWaiting: (what: string, withinMs: number) => void;
  },
): Promise<StatusEntry | StatusProblem> {
  const { clock } = device;
  let beganMs: number | null = null;
  let told: number | null = null;
  let lost: Refusal | null = null;
  for (;;) {
    const read = await readStatusEntry(device, subenclosureId, options);
    if (read.kind !== 'entry') return read;
    lost ??= read.lost;
    const { status } = read.entry;
    const limitMs = microcodeStatusFacts(status).kind === 'interim' ? options.limitMs(status) : 0;
    if (limitMs === 0) return { ...read, lost };
    beganMs ??= clock.nowMs();
    const leftMs = limitMs - (clock.nowMs() - beganMs);
    if (leftMs <= 0) return { ...read, lost };
    if (told !== status) options.onWaiting(microcodeStatusText(status), limitMs);
    told = status;
    await clock.sleep(Math.min(POLL_MS, leftMs));
  }
}

/** Our subenclosure in the page, by its id and never by its place; null: the page does not have it. */
export function entryOf(
  { subenclosures }: DownloadMicrocodeStatus,
  subenclosureId: number,
): SubenclosureMicrocodeStatus | null {
  return subenclosures.find((entry) => entry.subenclosureId === subenclosureId) ?? null;
}

function noSuchSubenclosure(id: number): Refusal {
  return refusal('subenclosure-missing', { page: 'the status page (0Eh)', subenclosure: id });
}

/** The status in words; with 80h the field of the control page that the device found wrong. */
export function statusWithField({ status, additionalStatus }: SubenclosureMicrocodeStatus): string {
  const text = microcodeStatusText(status);
  if (additionalStatus === 0) return text;
  if (status !== 0x80) return `${text}, additional status ${additionalStatus}`;
  return `${text}: ${controlFieldName(additionalStatus)}, byte ${additionalStatus} of the page`;
}

/** The code of a status that is not a success. */
export function refusalCodeOf(status: number): StatusCode {
  const { kind, keepPower } = microcodeStatusFacts(status);
  if (keepPower) return 'internal-failure';
  if (kind !== 'error') return status === 0x01 ? 'ended-early' : 'still-writing';
  return CODES[status] ?? 'download-failed';
}

type StatusCode =
  | 'field-rejected'
  | 'image-rejected'
  | 'pages-too-late'
  | 'internal-failure'
  | 'internal-error'
  | 'activation-refused'
  | 'download-failed'
  | 'ended-early'
  | 'still-writing';

const CODES: Readonly<Record<number, StatusCode>> = {
  0x80: 'field-rejected',
  0x81: 'image-rejected',
  0x82: 'pages-too-late',
  0x84: 'internal-error',
  0x85: 'activation-refused',
};

/** What an error status leaves a person to do. */
export function adviceFor({ status, subenclosureId }: SubenclosureMicrocodeStatus): string {
  if (status !== 0x83) return REFUSALS[refusalCodeOf(status)].next;
  return `Do not reset the enclosure or switch it off: send subenclosure ${subenclosureId} a good image first.`;
}

/** A failure that a status showed; `offset` in bytes of the image, null: it is not about one. */
export function refusalByStatus(
  entry: SubenclosureMicrocodeStatus,
  what = statusWithField(entry),
  offset: number | null = null,
): Refusal {
  return refusal(refusalCodeOf(entry.status), { what }, { next: adviceFor(entry), offset });
}
