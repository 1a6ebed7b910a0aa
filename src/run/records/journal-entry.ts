import type { Refusal } from '../../base/refusal.ts';
import type { Phase } from '../facts/events.ts';
import type { FoundBefore } from '../facts/found-before.ts';
import type { Goal } from '../facts/goal.ts';
import type { DeviceResult, Exit, Outcome, PendingEvent } from '../facts/outcome.ts';

export const JOURNAL_FORMAT = 'runbook.journal/1';

/**
 * How far a device has come. `first-chunk`, `last-chunk`, `activation` and `step` are written and synced before the command
 * is sent: found at the end of a journal, the command may have been executed, or not.
 *
 * - `checked`: identity, revision, limits and what is around were read; nothing is sent.
 * - `first-chunk`: in flight. A restart or a fallback writes it again, with the next `pass`.
 * - `progress`: so much is accepted; written now and then, not synced.
 * - `last-chunk`: in flight. Also written for the only chunk of an image, after `first-chunk`.
 * - `sent`: everything accepted, nothing activated by us.
 * - `activation`: in flight.
 * - `activated`: accepted; not verified.
 * - `step`: a step of the host is under way: rescan, reload-driver, run.
 */
export const DEVICE_STATES = [
  'checked',
  'first-chunk',
  'progress',
  'last-chunk',
  'sent',
  'activation',
  'activated',
  'step',
] as const;

export type DeviceState = (typeof DEVICE_STATES)[number];

/** What is known beside the state; each state has those that say something about it. `checked` has what was found. */
export interface StateFacts extends FoundBefore {
  /** Revision of the last INQUIRY. */
  readonly revision?: string;
  readonly serialNumber?: string | null;
  /** MODE of WRITE BUFFER or of page 0Eh. */
  readonly mode?: number;
  /** 1 for the first time through the image, 2 after a restart or a fallback. */
  readonly pass?: number;
  /** 1 for the first download section. */
  readonly section?: number;
  /** Of how many; absent: there is one. */
  readonly sections?: number;
  /** 1 for the first activation; with `section`, one of those that it is for. */
  readonly activation?: number;
  /** Of how many; absent: there is one. */
  readonly activations?: number;
  readonly offsetBytes?: number;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
  /** Commands accepted, of how many. */
  readonly chunk?: number;
  readonly chunks?: number;
  /** The image waits for its activation. */
  readonly deferred?: boolean;
  /** Events that make the whole image run; none: it starts by itself. */
  readonly waitsFor?: readonly PendingEvent[];
  /** What may help where the revision does not change (VPD 86h). */
  readonly helps?: readonly PendingEvent[];
  /** No command has saved the image. Absent: all of it is saved, or an older version did not say. */
  readonly isVolatile?: boolean;
  /** Revision that the unit shows while the image waits: another one later, and something has started it. */
  readonly shownWaiting?: string;
  /** `rescan`, `reload-driver mpt3sas`, `run flashtool -x` */
  readonly step?: string;
}

/**
 * What the unit itself said of the work, and will perhaps not say again.
 *
 * - `refused`: it does not take the command that was in flight, or says in page 0Eh that it has dropped the image.
 * - `denied`: it answered the last chunk like a command that was not executed, and nobody knows whether it was.
 * - `nothing-waited`: it says that there was nothing to activate.
 * - `frozen`: an internal failure (4/44, or 83h of page 0Eh).
 */
export const ANSWERS_KEPT = ['refused', 'denied', 'nothing-waited', 'frozen'] as const;

export interface KeptAnswer {
  readonly says: (typeof ANSWERS_KEPT)[number];
  readonly error: Refusal;
}

/** Which unit, and what is to become of it. The record that is kept of a unit has the same from the journal. */
export interface UnitWork {
  readonly play: string;
  readonly vendor: string;
  readonly product: string;
  /** Peripheral device type (SPC). */
  readonly deviceType: number;
  readonly logicalUnit: string | null;
  readonly serialNumber: string | null;
  /** ENCLOSURE LOGICAL IDENTIFIER; null, or absent: not known. */
  readonly enclosure?: string | null;
  /** Ids of the logical units that run its microcode, too: what is remembered of one is remembered of all. Absent: none is known. */
  readonly shares?: readonly string[];
  /** Revisions: before the work, and wanted. */
  readonly before: string;
  readonly target: string;
  /** `imageSha256` of the play. */
  readonly imageSha256: string;
  /** How to prove that it runs. Its name on disk is older than the word `goal` (decisions.md#after-a-crash). */
  readonly proof: Goal;
}

/** A unit that a run is going to work on, as the plan has it. */
export interface JournalDevice extends UnitWork {
  readonly id: string;
  readonly paths: readonly string[];
  /** `--recover` names it: a good ending takes `frozen` away. */
  readonly recovering?: boolean;
  /** Of the bytes that are sent, one for each section; empty: activation only. */
  readonly sentSha256: readonly string[];
  readonly totalBytes: number;
}

/** The first line of a journal. */
export interface RunStarted {
  readonly type: 'run-started';
  readonly format: typeof JOURNAL_FORMAT;
  readonly run: string;
  readonly command: 'apply' | 'verify';
  /** Version of the program. */
  readonly runbook: string;
  /** Of its source, as in `ProgramFacts`; null: not known, absent: version 0.1.0. */
  readonly commit?: string | null;
  readonly host: {
    readonly name: string;
    readonly kind: 'linux' | 'lab';
    readonly bootId: string | null;
    /** A lab that started from its file: its devices know nothing of earlier runs. */
    readonly fresh: boolean;
  };
  readonly process: { readonly pid: number; readonly startTicks: string | null };
  readonly playbook: {
    readonly file: string;
    readonly sha256: string;
    readonly name: string;
    /** Commit that was checked out beside it; null: no repository. Absent: not asked, or an older version. */
    readonly gitCommit?: string | null;
  } | null;
  /** SHA-256 over the canonical JSON of what was going to be done; null: nothing was (verify). */
  readonly planDigest: string | null;
  readonly devices: readonly JournalDevice[];
}

export type EntryBody =
  | RunStarted
  /** A play that comes after another one was decided for this unit: its entries speak of this play from here on. */
  | { readonly type: 'planned'; readonly device: string; readonly planned: JournalDevice }
  | ({ readonly type: 'state'; readonly device: string; readonly state: DeviceState } & StateFacts)
  /** Written and synced as soon as the answer is here, before anything else is sent. */
  | ({ readonly type: 'answer'; readonly device: string } & KeptAnswer)
  | { readonly type: 'error'; readonly device: string | null; readonly error: Refusal }
  | { readonly type: 'notice'; readonly device: string | null; readonly message: string }
  | {
      readonly type: 'unit-attention';
      readonly device: string;
      readonly asc: number;
      readonly ascq: number;
      readonly text: string;
    }
  | {
      readonly type: 'phase-finished';
      readonly device: string;
      readonly phase: Phase;
      readonly durationMs: number;
    }
  | { readonly type: 'verdict'; readonly result: DeviceResult }
  | {
      readonly type: 'run-finished';
      readonly exit: Exit;
      /** This and the rest: so that who asks what a run has settled reads this line alone. */
      readonly format?: string;
      /** When the first line was written. */
      readonly startedAt?: string;
      readonly fresh?: boolean;
      readonly verdicts?: readonly UnitVerdict[];
    };

/** How the work of one play on one unit ended. */
export interface UnitVerdict {
  readonly device: string;
  readonly outcome: Outcome;
}

/** One line. `n` counts from 1 without a gap, `at` is ISO 8601. */
export type JournalEntry = { readonly n: number; readonly at: string } & EntryBody;

/** A line that a later version wrote; everything else in the file can still be read. */
export interface UnknownEntry {
  readonly n: number;
  readonly at: string;
  readonly type: 'unknown';
  /** What the later version calls it. */
  readonly named: string;
  readonly device: string | null;
}
