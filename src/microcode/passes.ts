import { refusal } from '../base/refusal.ts';
import type { Refusal } from '../base/refusal.ts';
import type { Device } from '../device/device.ts';
import { isInternalFailure, senseRule } from '../device/sense-table.ts';
import { senseText } from '../scsi/sense.ts';
import type { BadEnd, End, EndKind } from './end.ts';
import type { DownloadProgress, PassCounts } from './pass-counts.ts';
import { waitReady } from './wait-ready.ts';

/** How a download ended, whichever way the image was sent. */
export type SentEnd = End<'complete'> | BadEnd<Exclude<EndKind, 'complete' | 'forgotten'>>;

export const ACCEPTANCES = ['accepted', 'last-answer-lost', 'last-denied', 'not-accepted'] as const;

/**
 * How much of the image the device took in the last pass over it, as far as it said.
 *
 * - `accepted`: every command was accepted, or confirmed by the offset that the device expects.
 * - `last-answer-lost`: every command but the last, whose answer was lost.
 * - `last-denied`: every command but the last, which was answered like one that was not executed, and may have been.
 * - `not-accepted`: a command was refused or never sent, or the device reported a failure behind it.
 */
export type Acceptance = (typeof ACCEPTANCES)[number];

/** What was sent of an image. */
export interface Downloaded {
  /** MODE of the command that ended it, or would have. */
  readonly mode: number;
  readonly doneBytes: number;
  /** Commands of the last pass that were accepted, and of how many. */
  readonly doneChunks: number;
  readonly chunks: number;
  readonly acceptance: Acceptance;
  /** The device got every byte at least once: new code may start, whatever was answered. */
  readonly mayRun: boolean;
  /** It did not end well, and its last command may have been executed: the image may be complete, and start at the next reset. */
  readonly inDoubt: boolean;
}

/** The end of a download, whichever way it was sent. */
export function downloaded(end: SentEnd, mode: number, counts: PassCounts): SentEnd & Downloaded {
  const { doneBytes, doneChunks, chunks, lastInDoubt, inDevice } = counts;
  return {
    ...end,
    mode,
    doneBytes,
    doneChunks,
    chunks,
    acceptance: acceptanceOf(end, counts),
    mayRun: inDevice === 'all',
    inDoubt: lastInDoubt && end.kind !== 'complete',
  };
}

function acceptanceOf({ kind }: SentEnd, { doneChunks, chunks, lastAnswer }: PassCounts): Acceptance {
  if (kind === 'complete') return 'accepted';
  // All accepted, and how it ended was not told: the status behind the last page is the answer that was lost.
  const untold = kind === 'unclear' && doneChunks === chunks;
  if (untold) return 'last-answer-lost';
  if (lastAnswer === 'known' || doneChunks < chunks - 1) return 'not-accepted';
  return lastAnswer === 'lost' ? 'last-answer-lost' : 'last-denied';
}

/** How one pass over the image ended. */
export type PassEnd<Download> =
  | SentEnd
  /** `as`: how to send it then, where another way is right. */
  | (BadEnd<'forgotten'> & { readonly as?: Download })
  /** The very first chunk was refused because of its mode: nothing of the image is in the device. */
  | { readonly kind: 'mode-not-supported'; readonly failure: Refusal };

/** What a download is told, however the image is sent. */
export interface DownloadOptions<Download> {
  readonly download: Download;
  /** `otherwise: {when: mode-not-supported}`; null: none. */
  readonly fallback: Download | null;
  /** A fresh read: still the revision that was checked? */
  readonly unchanged: () => Promise<boolean>;
  /** How long a device that becomes ready, or went away, is waited for in the middle. */
  readonly waitMs: number;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onNotice: (message: string) => void;
  /** An image of an earlier section waits already: REQUEST SENSE, which speaks of the whole unit, tells nothing of this one. */
  readonly earlierWaits?: boolean;
}

export interface PassOptions<Download> extends Pick<
  DownloadOptions<Download>,
  'download' | 'fallback' | 'onNotice'
> {
  readonly nameOf: (download: Download) => string;
  readonly run: (download: Download) => Promise<PassEnd<Download>>;
  /** null: go ahead. Anything else ends the download: a device that runs other code now must not get the image again. */
  readonly prepareRestart: (download: Download, failure: Refusal) => Promise<SentEnd | null>;
}

/**
 * One pass over the image; the fallback after a first chunk whose mode is not supported; one restart from offset 0 at
 * most (decisions.md#unclear-answers).
 */
export async function inPasses<Download>({
  nameOf,
  run,
  prepareRestart,
  onNotice,
  ...given
}: PassOptions<Download>): Promise<SentEnd & { readonly download: Download }> {
  let { download, fallback } = given;
  let restartsLeft = 1;
  for (;;) {
    const end = await run(download);
    switch (end.kind) {
      case 'mode-not-supported':
        if (fallback === null) {
          return { kind: 'refused', failure: modeRefused(nameOf(download), end.failure), download };
        }
        onNotice(
          `${nameOf(download)} is not supported by this device; the playbook's fallback ${nameOf(fallback)} is used`,
        );
        [download, fallback] = [fallback, null];
        continue;
      case 'forgotten': {
        if (restartsLeft-- <= 0) return { kind: 'failed', failure: end.failure, download };
        onNotice(`${end.failure.message}; the download starts again from offset 0, once`);
        const whyNot = await prepareRestart(download, end.failure);
        if (whyNot !== null) return { ...whyNot, download };
        download = end.as ?? download;
        continue;
      }
      default:
        return { ...end, download };
    }
  }
}

/** The mode is what has to be corrected, and the playbook says where. */
function modeRefused(mode: string, { message, layer, cdb, offset, sense }: Refusal): Refusal {
  const said = `the unit refused the first command of it: ${message}`;
  return refusal('mode-not-supported', { mode, said }, { layer, cdb, offset, sense });
}

/** null: the device is ready, runs the code that was checked, and nobody else was at work on it. */
export async function whyNotRestart(
  device: Device,
  failure: Refusal,
  { waitMs, unchanged }: Pick<DownloadOptions<unknown>, 'waitMs' | 'unchanged'>,
): Promise<SentEnd | null> {
  const { ready, attentions, problem, sense } = await waitReady(device, { withinMs: waitMs });
  const intruder = attentions.find((attention) => senseRule(attention, 'first').action === 'stop');
  if (intruder !== undefined) {
    const message = `${failure.message}; then ${senseText(intruder)}`;
    return { kind: 'failed', failure: { ...failure, message, next: senseRule(intruder, 'first').next } };
  }
  if (isInternalFailure(sense)) return { kind: 'frozen', failure: problem ?? failure };
  if (!ready) return { kind: 'failed', failure: problem ?? failure };
  return (await unchanged()) ? null : { kind: 'unclear', failure };
}
