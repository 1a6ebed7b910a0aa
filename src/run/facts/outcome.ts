import type { FactName } from '../../base/facts.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Change } from './changes.ts';
import type { PendingEvent, SentEvidence } from './evidence.ts';

/** In the order in which they are counted up for a person. */
export const OUTCOMES = [
  'updated',
  'current',
  'pending',
  'unverified',
  'refused',
  'failed',
  'degraded',
  'lost',
  'frozen',
  'skipped',
] as const;

/** The result of one device, decided by a fresh read of it (decisions.md#outcomes). */
export type Outcome = (typeof OUTCOMES)[number];

export { PENDING_EVENTS } from './evidence.ts';
export type { PendingEvent } from './evidence.ts';

/** The unit is as the playbook wants it. */
export type GoodOutcome = Extract<Outcome, 'updated' | 'current'>;

export const isGood = (outcome: Outcome): outcome is GoodOutcome =>
  outcome === 'updated' || outcome === 'current';

/** How the work on a unit ended. Whatever is not good has a code and a next step. */
export type ResultEnd =
  /** `error`: what was met on the way, and did not keep it from being updated. */
  | { readonly outcome: GoodOutcome; readonly error: Refusal | null }
  | { readonly outcome: Exclude<Outcome, GoodOutcome>; readonly error: Refusal };

export type DeviceResult = ResultFacts & ResultEnd;

interface ResultFacts {
  /** `naa.…`, `eui.…`, `t10.…`, `sn.…`; the node where a unit has no identity. */
  readonly id: string;
  readonly play: string;
  readonly paths: readonly string[];
  readonly vendor: string;
  readonly product: string;
  /** Revision in the fresh INQUIRY before the first chunk. */
  readonly before: string | null;
  /** Revision in the last fresh INQUIRY. */
  readonly after: string | null;
  /** One sentence; null where there is nothing to say. */
  readonly reason: string | null;
  readonly pending: readonly PendingEvent[] | null;
  /** Bytes and chunks that the device accepted, in the last sequence. */
  readonly bytes: number;
  readonly chunks: number;
  readonly seconds: number;
  /** What was sent, and what the device said of it: a later look is judged by it. Absent: nothing was sent. */
  readonly sent?: SentEvidence;
  /** Facts that could not be read, and that the playbook goes on without. Absent: none. */
  readonly without?: readonly FactName[];
  /** What it shows otherwise than before, beside its revision. Absent: nothing, or nothing was sent. */
  readonly changed?: readonly Change[];
}

/** Exit codes of the program. One table: documents and code take them from here. */
export const EXIT_CODES = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  INVALID: 3,
  REFUSED: 4,
  CHANGES: 5,
  PENDING: 6,
  HALTED: 7,
  LOST: 8,
  FROZEN: 9,
  NOMATCH: 10,
  BUSY: 11,
  UNVERIFIED: 12,
  INTERNAL: 70,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

export type ExitName = keyof typeof EXIT_CODES;

export interface Exit {
  readonly code: number;
  readonly name: ExitName;
}

export const exitOf = (name: ExitName): Exit => ({ code: EXIT_CODES[name], name });

/** Several at once: the first of these (decisions.md#outcomes). 2 and 3 end a command before anything else can happen. */
export const PRECEDENCE: readonly ExitName[] = [
  'INTERNAL',
  'FROZEN',
  'LOST',
  'HALTED',
  'FAILED',
  'UNVERIFIED',
  'PENDING',
  'INTERRUPTED',
  'TERMINATED',
  'BUSY',
  'REFUSED',
  'NOMATCH',
  'CHANGES',
  'OK',
];

const EXIT_OF_OUTCOME: Readonly<Record<Outcome, ExitName>> = {
  updated: 'OK',
  current: 'OK',
  pending: 'PENDING',
  unverified: 'UNVERIFIED',
  refused: 'REFUSED',
  failed: 'FAILED',
  degraded: 'FAILED',
  lost: 'LOST',
  frozen: 'FROZEN',
  skipped: 'OK', // a skipped device adds HALTED only beside something that failed or was not proven
};

/** Outcomes that count against `strategy.max-failures`: something failed or was not proven. */
export function isFailure(outcome: Outcome): boolean {
  return ['failed', 'degraded', 'lost', 'frozen', 'unverified'].includes(outcome);
}

/** The exit of a run from the result of its devices, and from what else ended it (`also`). */
export function exitOfRun(outcomes: readonly Outcome[], also: readonly ExitName[] = []): Exit {
  const names = new Set<ExitName>([...outcomes.map((outcome) => EXIT_OF_OUTCOME[outcome]), ...also]);
  if (outcomes.some(isFailure) && outcomes.includes('skipped')) names.add('HALTED');
  return exitOf(PRECEDENCE.find((name) => names.has(name)) ?? 'OK');
}

/** Exit of a run that a signal stopped at a safe point: 128 and the signal's number, as shells have it. */
export const EXIT_OF_SIGNAL = { SIGINT: 'INTERRUPTED', SIGTERM: 'TERMINATED' } as const;
