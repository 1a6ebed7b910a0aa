import { isSha256, isText, isTime, oneOf, optional, orNull } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import { REFUSAL } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { meaningOf } from '../facts/revision.ts';
import { isOutcome, isPendingEvents, UNIT_WORK } from './journal-shapes.ts';
import type { JournalDevice, UnitWork } from './journal-entry.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import { RESTARTS, SENT_EVIDENCE } from '../facts/evidence.ts';
import type { Restart, SentEvidence } from '../facts/evidence.ts';
import { FOUND_BEFORE, foundBeforeOf } from '../facts/found-before.ts';
import type { FoundBefore } from '../facts/found-before.ts';
import { isGood } from '../facts/outcome.ts';
import type { DeviceResult, Outcome, PendingEvent } from '../facts/outcome.ts';

export const UNIT_FORMAT = 'runbook.unit/1';

/** Where and when something became known. */
export interface SinceRun {
  readonly run: string;
  /** ISO 8601 */
  readonly at: string;
  readonly reason: string | null;
}

/** `verify --accept` */
export interface AcceptedByPerson {
  /** ISO 8601 */
  readonly at: string;
  readonly because: string;
  /** What it had ended as. */
  readonly outcome: Outcome;
}

export interface FrozenSince extends SinceRun {
  /** By 4/44, which may pass, or by 83h of page 0Eh; absent: an older version kept neither. */
  readonly by?: 'sense' | 'status';
}

export interface SeenBy {
  readonly run: string;
  /** ISO 8601 */
  readonly at: string;
}

/** What is remembered of one unit: how the last work on it ended, and what must not be done to it. */
export interface UnitRecord extends UnitWork, FoundBefore {
  readonly format: typeof UNIT_FORMAT;
  readonly unit: string;
  /** Version of the program that wrote it; absent: an older one. */
  readonly runbook?: string;
  readonly at: string;
  /** The run that wrote to it. */
  readonly run: string;
  /** Revision that was last seen. */
  readonly after: string | null;
  readonly outcome: Outcome;
  readonly reason: string | null;
  /** What the run that wrote said of a bad end: cause, and what a person should do. Absent: an older version kept none. */
  readonly error?: Refusal;
  /** Any one of these events resolves a pending unit. */
  readonly pending: readonly PendingEvent[] | null;
  /** No reset, reload, activation or partner on this enclosure until it was recovered. */
  readonly frozen: FrozenSince | null;
  /** What was sent, and what the unit said of it; absent: a record of an older version. */
  readonly sent?: SentEvidence;
  /** Boot of the host at `at`: another one now, and the host was rebooted since. */
  readonly bootId: string | null;
  /** Unit attentions since that work which tell of a start: whoever took them has left them here; absent: none were seen. */
  readonly restarts?: readonly Restart[];
  /** The run that saw it at its target last, its own or a later one; absent: an older version kept none, or it was not seen there. */
  readonly seen?: SeenBy;
  /** A person has settled how that work ended, whatever can be seen of it; absent: nobody has. */
  readonly accepted?: AcceptedByPerson;
  /** Images that ended badly on this unit. */
  readonly endedBadly: readonly (SinceRun & {
    readonly imageSha256: string;
    readonly outcome: Outcome;
  })[];
}

const SINCE = { run: isText, at: isTime, reason: orNull(isText) };

export const UNIT_RECORD: Shape = {
  fields: {
    unit: isText,
    runbook: optional(isText),
    at: isTime,
    run: isText,
    ...UNIT_WORK,
    after: orNull(isText),
    outcome: isOutcome,
    reason: orNull(isText),
    error: optional(REFUSAL),
    pending: isPendingEvents,
    frozen: orNull({ fields: { ...SINCE, by: optional(oneOf('sense', 'status')) } }),
    sent: optional(SENT_EVIDENCE),
    accepted: optional({ fields: { at: isTime, because: isText, outcome: isOutcome } }),
    seen: optional({ fields: { run: isText, at: isTime } }),
    ...FOUND_BEFORE,
    restarts: optional(RESTARTS),
    bootId: orNull(isText),
    endedBadly: { list: { fields: { ...SINCE, imageSha256: isSha256, outcome: isOutcome } } },
  },
};

/** Outcomes after which the same image is not sent again without --retry (decisions.md#memory). */
const BAD: ReadonlySet<Outcome> = new Set<Outcome>(['failed', 'unverified', 'degraded', 'frozen']);
/** Endings that a look at the revision can put right. `degraded` is not among them: its target runs already. */
const OPEN: ReadonlySet<Outcome> = new Set<Outcome>(['pending', 'unverified', 'failed', 'lost']);

export interface Ending {
  readonly device: JournalDevice;
  readonly result: DeviceResult;
  /** The run that wrote to it. */
  readonly run: string;
  /** The run that says so; absent: the same. */
  readonly saidBy?: string;
  readonly at: string;
  readonly bootId: string | null;
  /** Version of this program. */
  readonly runbook?: string;
  /** `--recover` named the unit: only then a good ending takes `frozen` away. */
  readonly recovering: boolean;
  /** The internal failure of which it was frozen is gone (4/44): a clean look takes `frozen` away. */
  readonly thaws?: boolean;
  /** What was around it before the work; absent: not known. */
  readonly found?: FoundBefore | undefined;
}

/** What is remembered after work ended; null: nothing new, the record stays as it is. Pure. */
export function nextRecord(previous: UnitRecord | null, ending: Ending): UnitRecord | null {
  const { device, result, run, saidBy = run, at, bootId, runbook } = ending;
  const { recovering, thaws = false, found = {} } = ending;
  const { outcome, reason, sent = previous?.sent } = result;
  if (outcome === 'refused' || outcome === 'skipped') return null;
  // At the target without any work: that tells something about an earlier run only.
  if (outcome === 'current') {
    return previous === null || result.after === null
      ? null
      : seenAtTarget(previous, {
          revision: result.after,
          // By its witness, for instance.
          proven: device.imageSha256 === previous.imageSha256,
          at,
          saidBy,
          recovering,
        });
  }
  const since = { run, at, reason };
  const others = (previous?.endedBadly ?? []).filter(({ imageSha256 }) => imageSha256 !== device.imageSha256);
  const bad = BAD.has(outcome)
    ? [...others, { ...since, imageSha256: device.imageSha256, outcome }]
    : outcome === 'lost'
      ? (previous?.endedBadly ?? [])
      : others;
  const thawed = thaws || (recovering && outcome === 'updated') ? null : (previous?.frozen ?? null);
  return {
    format: UNIT_FORMAT,
    unit: device.id,
    ...(runbook !== undefined && { runbook }),
    at,
    run,
    play: device.play,
    vendor: device.vendor,
    product: device.product,
    deviceType: device.deviceType,
    logicalUnit: device.logicalUnit,
    serialNumber: device.serialNumber,
    enclosure: device.enclosure ?? previous?.enclosure ?? null,
    ...(device.shares !== undefined && { shares: device.shares }),
    before: device.before,
    target: device.target,
    after: result.after,
    imageSha256: device.imageSha256,
    proof: device.proof,
    outcome,
    reason,
    ...(!isGood(outcome) && result.error !== null && { error: result.error }),
    pending: outcome === 'pending' ? (result.pending ?? []) : null,
    frozen: outcome === 'frozen' ? (previous?.frozen ?? { ...since, by: frozenBy(result) }) : thawed,
    ...(sent !== undefined && { sent }),
    // A later look at the same work: what was seen of it before still counts.
    ...(run === previous?.run && previous.restarts !== undefined && { restarts: previous.restarts }),
    // Nobody looks again at a unit that is as it should be.
    ...(outcome !== 'updated' && foundBeforeOf(found)),
    ...(outcome === 'updated' && { seen: { run: saidBy, at } }),
    bootId,
    endedBadly: bad,
  };
}

/** What a person's word makes well where the target is shown already: nobody could say that the event came, or what is missing. */
const SETTLED_WELL: ReadonlySet<Outcome> = new Set<Outcome>(['pending', 'unverified', 'degraded']);

/** What tells of a start of this unit, once it was heard, is said to nobody else. null: nothing new. Pure. */
export function withRestarts(record: UnitRecord, heard: readonly Restart[]): UnitRecord | null {
  const known = restartsOf(record);
  const news = heard
    .filter(tellsOfStart)
    .filter(({ asc, ascq }) => !known.some((one) => one.asc === asc && one.ascq === ascq))
    .map(({ asc, ascq }) => ({ asc, ascq }));
  return news.length === 0 ? null : { ...record, restarts: [...(record.restarts ?? []), ...news] };
}

/** Everything that was heard since the last chunk: by the run itself, and by later looks. */
export const restartsOf = ({
  sent,
  restarts = [],
}: Pick<UnitRecord, 'sent' | 'restarts'>): readonly Restart[] => [...(sent?.restarts ?? []), ...restarts];

/**
 * A person closes what an earlier run left open. The record keeps that, and why. A word makes a unit `updated` only where it shows its
 * target, or where nothing can show it; otherwise it remains as it ended: an image that waits goes on waiting, and one that was not
 * proven is not sent again by itself. Pure.
 */
export function acceptedRecord(
  record: UnitRecord,
  because: string,
  at: string,
): UnitRecord & { readonly accepted: AcceptedByPerson } {
  const { outcome, imageSha256, endedBadly, proof, after, target, pending } = record;
  const isShown = proof.unchanged || (after !== null && meaningOf(proof, after) === target);
  const isWell = SETTLED_WELL.has(outcome) && isShown;
  return {
    ...record,
    outcome: isWell ? 'updated' : outcome,
    pending: isWell ? null : pending,
    frozen: null,
    endedBadly: isWell ? endedBadly.filter((bad) => bad.imageSha256 !== imageSha256) : endedBadly,
    accepted: { at, because, outcome },
  };
}

/** 4/44 may pass; 83h of page 0Eh stays until a good image is in. */
const frozenBy = ({ error }: DeviceResult): 'sense' | 'status' =>
  error?.sense?.key === 0x4 && error.sense.asc === 0x44 ? 'sense' : 'status';

/**
 * A unit shows the revision that an earlier run wanted: what it waited for has happened. null: nothing changes. Pure.
 */
export function seenAtTarget(
  record: UnitRecord,
  seen: {
    readonly revision: string;
    readonly proven: boolean;
    readonly at: string;
    /** The run that has seen it. */
    readonly saidBy: string;
    readonly recovering: boolean;
  },
): UnitRecord | null {
  const shows = !record.proof.unchanged && meaningOf(record.proof, seen.revision) === record.target;
  if (!shows && !seen.proven) return null;
  const thaws = seen.recovering && record.frozen !== null;
  const by: SeenBy = { run: seen.saidBy, at: seen.at };
  if (!OPEN.has(record.outcome) && !thaws)
    return record.outcome === 'updated' ? { ...record, seen: by } : null;
  const { accepted, ...known } = record;
  // That the target appears needs nobody's word.
  const isWord = record.outcome === 'failed' || record.outcome === 'lost';
  return {
    ...known,
    ...(isWord && accepted && { accepted }),
    at: seen.at,
    seen: by,
    after: seen.revision,
    outcome: 'updated',
    reason: null,
    pending: null,
    frozen: thaws ? null : record.frozen,
    endedBadly: record.endedBadly.filter(({ imageSha256 }) => imageSha256 !== record.imageSha256),
  };
}

/** Units without an identity are known by their node, which another unit may have tomorrow: nothing is kept about them. */
export function isLastingId(id: string): boolean {
  return /^(naa|eui|t10|sn)\./.test(id);
}
