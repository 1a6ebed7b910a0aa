import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { Verification } from '../../microcode/verification.ts';
import type { ImageEvidence } from '../facts/evidence.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { LastWord } from '../../microcode/last-word.ts';
import type { ActivationEnd } from '../../microcode/activation-end.ts';
import { WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import type { DownloadProgress } from '../../microcode/pass-counts.ts';
import type { Downloaded, SentEnd } from '../../microcode/passes.ts';

/** A download that has ended, and the events that make its image run when it was complete. */
export type SentImage = SentEnd & SentFacts;

/** What was sent, whichever way it ended. */
export interface SentFacts extends Omit<Downloaded, 'acceptance'> {
  /** It waits for an activation. */
  readonly deferred: boolean;
  readonly acceptance: ImageEvidence;
  /** By what was sent, or by what the device said of it; empty: it starts by itself. */
  readonly waitsFor: readonly PendingEvent[];
  /** What may help where the revision does not change, by VPD 86h; empty: nothing is known. */
  readonly helps: readonly PendingEvent[];
  /** The command that ended it does not save: the unit loses the image at its next power cycle. */
  readonly isVolatile: boolean;
  /** The activation was accepted by the device already, in an interrupted run. */
  readonly activated: boolean;
  /** Revision that it shows while the image waits, before anything has started that; absent: nothing waits, or no answer. */
  readonly shownWaiting?: string;
  readonly parts: Parts;
}

/**
 * What the target revision tells of a download. `missing`: `section 2 of 3 is not proven to be in the device`.
 *
 * - `one`: all of it, for there is one section, or all of them ended well.
 * - `unproven`: not that all sections are in the unit.
 * - `by-change`: that the last one is, where the unit showed another revision right `before` it.
 */
export type Parts =
  | { readonly kind: 'one' }
  | { readonly kind: 'unproven'; readonly missing: string }
  | { readonly kind: 'by-change'; readonly missing: string; readonly before: string };

/** What is said of a download of which no command was sent. */
export const NOTHING_SENT: SentFacts = {
  deferred: false,
  mode: 0,
  doneBytes: 0,
  doneChunks: 0,
  chunks: 0,
  acceptance: 'not-accepted',
  mayRun: false,
  inDoubt: false,
  waitsFor: [],
  helps: [],
  isVolatile: false,
  activated: false,
  parts: { kind: 'one' },
};

/** An image that the device has from an earlier run, or another tool. */
export const alreadySent = (waitsFor: readonly PendingEvent[]): SentImage => ({
  ...NOTHING_SENT,
  kind: 'complete',
  failure: null,
  deferred: waitsFor.includes('activation'),
  mode: WRITE_BUFFER_MODES.dmc_offs_defer,
  acceptance: 'accepted',
  mayRun: true,
  waitsFor,
});

export interface DownloadHooks {
  /** Fresh INQUIRY: still the revision that was checked? */
  readonly unchanged: () => Promise<boolean>;
  readonly waitMs: number;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onNotice: (message: string) => void;
  readonly onWaiting: (what: string, withinMs: number) => void;
  /** Right before the first command of a section, counted from 0: what the unit shows then. */
  readonly onSection?: (index: number, revision: string) => void;
  /** An earlier section of this download waits for its activation: nothing may start by itself that was not asked for. */
  readonly earlierWaits?: boolean;
}

/** One way to bring an image into a device, checked against what the device says of itself: what `via` selects. */
export interface Procedure {
  /** What an earlier download left, asked before the first byte where a run died or `--take-over` was given. */
  earlierDownload(
    device: Device,
    hooks: Pick<DownloadHooks, 'waitMs' | 'onWaiting'>,
  ): Promise<EarlierDownload>;
  download(device: Device, hooks: DownloadHooks): Promise<SentImage>;
  /** Revision of what `verify` looks at, from a fresh read; null: no answer. */
  shownRevision(device: Device): Promise<string | null>;
  /** Only after a complete download that ended deferred. */
  activate(device: Device, waitMs: number): Promise<ActivationEnd>;
  /** How long the device says that it may be away after the download, or the activation. */
  unreachableMs(sent: SentImage, activated: boolean): number;
  /** Completes one look of the verification by what this way knows beside INQUIRY and TEST UNIT READY. */
  completeVerification(device: Device, seen: Verification): Promise<Verification>;
  /** Asked once, when the target revision was not seen. */
  lastWord(device: Device): Promise<LastWord>;
  /** Events that sections wait for of which the target is not proof; absent: there is none. */
  partsWaitFor?(seen: Verification): readonly PendingEvent[];
}

/** The way of one section, which may be one of several. */
export interface SectionProcedure extends Procedure {
  /** What it sends when nothing goes wrong. */
  readonly size: { readonly bytes: number; readonly chunks: number };
  /** By the playbook's own mode. */
  readonly endsDeferred: boolean;
  /** One activation is enough for sections that have this in common; null: none is known. */
  readonly activatedWith: string | null;
  /** Discards what an earlier run left in the middle, where that may be done; null: nothing is in the way. */
  clear(device: Device, waitMs: number): Promise<Refusal | null>;
  /** How its download ended, where it was not told, before the next section would use up the answer. */
  settle(device: Device): Promise<LastWord>;
}

/**
 * sg_write_buffer's own default for a chunk; what the end of a download and an activation may take (decisions.md#time-outs).
 */
export const CHUNK_TIMEOUT_MS = 300_000;
export const LAST_TIMEOUT_MS = 7_200_000;

/** What the device itself says of an earlier download. */
export type EarlierDownload =
  | { readonly kind: 'nothing' }
  /** In the middle of one; `Procedure.download` throws it away first. */
  | { readonly kind: 'partial' }
  /**
   * A whole image waits for one of these events; none: it starts by itself. `replaceable`: by any new download. `parts`: it is
   * the image of one section, and nobody knows of which.
   */
  | {
      readonly kind: 'complete';
      readonly waitsFor: readonly PendingEvent[];
      readonly replaceable: boolean;
      readonly parts?: boolean;
    }
  | { readonly kind: 'refused'; readonly failure: Refusal };
