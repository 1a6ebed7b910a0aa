import type { FactName } from '../../base/facts.ts';
import { secondsSince } from '../../base/clock.ts';
import { mapConcurrently } from '../../base/concurrency.ts';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import { REFUSALS } from '../../base/refusals/list.ts';
import type { LockHolder, Refusal } from '../../base/refusal.ts';
import { DeviceError } from '../../device/device.ts';
import { identityId } from '../../device/identity.ts';
import { HostError } from '../../host/host-error.ts';
import { readBootId } from '../../host/machine.ts';
import { isStopped } from '../../microcode/ready-enough.ts';
import type { Verification } from '../../microcode/verification.ts';
import { changesOf } from '../facts/changes.ts';
import { confirmedBy } from '../facts/evidence.ts';
import type { PendingEvent, Restart, SentEvidence } from '../facts/evidence.ts';
import { acceptedUnproven } from '../facts/goal.ts';
import { isOfSilentPath } from '../facts/inspect.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodeOf, nodesOf } from '../facts/nodes.ts';
import { isGood } from '../facts/outcome.ts';
import type { DeviceResult, Outcome, ResultEnd } from '../facts/outcome.ts';
import { meaningOf } from '../facts/revision.ts';
import { frozenAndSilent } from '../guards/frozen.ts';
import { unprovenSections } from '../records/knowledge.ts';
import type { OpenUnit } from '../records/open-units.ts';
import type { Ending } from '../records/unit-record.ts';
import { SenseKey } from '../../scsi/sense.ts';
import { endOf, verdict } from '../unit/verdict.ts';
import type { Evidence } from '../unit/verdict.ts';
import { readUnit } from './read-open-unit.ts';
import type { FreshRead, ReadContext } from './read-open-unit.ts';

/** What a look at a unit made of an open ending. */
export interface VerifiedUnit {
  /** The run that wrote to it. */
  readonly run: string;
  readonly result: DeviceResult;
  /** The result is news, and is to be kept. */
  readonly settles: boolean;
  /** The internal failure of which the unit was frozen is gone (4/44): it is frozen no more. */
  readonly thaws: boolean;
  /** Another run holds the unit: it was not looked at. */
  readonly lockedBy: LockHolder | null;
  /** Unit attentions that the look took from the unit; absent: none. */
  readonly heard?: readonly Restart[];
}

export interface VerifyContext extends ReadContext {
  /** Keeps the unit attentions that the look takes from the unit; called while its lock is held. */
  readonly keep?: (unit: string, heard: readonly Restart[]) => Promise<void>;
  /**
   * Keeps what a later look could not find again: that the unit is frozen no more, and what page 0Eh says once of an interrupted download.
   * Called while its lock is held. Absent: whoever asks keeps the verdict himself.
   */
  readonly keepVerdict?: (ending: Ending) => Promise<void>;
}

/**
 * A fresh look at one unit whose last ending is open, judged as the run itself judges: `pending` becomes `updated`, stays, or is
 * `failed` when a third revision runs. Waits as long as the playbook does. Sends nothing that changes a device. Never throws for
 * what the device does.
 *
 * @param facts what `inspect` found under the id of the unit; undefined: it is not there
 */
export async function verifyUnit(
  open: OpenUnit,
  facts: DeviceFacts | undefined,
  context: VerifyContext,
): Promise<VerifiedUnit> {
  const { host, clock } = context;
  const startedMs = clock.nowMs();
  const seconds = (): number => secondsSince(startedMs, clock);
  if (facts === undefined) return stays(open, facts, whyAway(open, context.all));
  // A path without an answer speaks against it; what the unit says over the others is judged.
  if (facts.problem !== null && !isOfSilentPath(facts)) return stays(open, facts, facts.problem);
  let lock;
  try {
    lock = await host.lock(facts.id);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { ...stays(open, facts, error.refusal), lockedBy: error.holder };
  }
  try {
    const read = await readUnit(open, facts, context);
    await context.keep?.(facts.id, read.heard);
    const before = open.restarts.map((restart) => ({ key: SenseKey.unitAttention, ...restart }));
    const attentions = [...before, ...read.heard];
    const found = judged(open, facts, { ...read, attentions }, seconds());
    if (found.thaws || isSaidOnce(open, found)) await context.keepVerdict?.(endingOf(open, found));
    return { ...found, heard: read.heard };
  } catch (error) {
    if (error instanceof DeviceError) return stays(open, facts, error.failure);
    if (error instanceof RunbookError) return stays(open, facts, (error as RunbookError).refusal);
    throw error;
  } finally {
    await lock.release();
  }
}

/** A unit of its type that does not say who it is may be the one that is missed: unreadable is not absent. */
function whyAway({ device }: OpenUnit, all: readonly DeviceFacts[] = []): Refusal {
  for (const unit of all) {
    const { deviceType, identity, problem, unreadable = [] } = unit;
    const why = problem ?? unreadable.find(({ fact }) => IDENTITY.includes(fact))?.why;
    const isNameless = identity === null || identityId(identity) === null;
    if (deviceType !== device.deviceType || (why === undefined && !isNameless)) continue;
    const cause = why?.message ?? 'it has no identification page (VPD 80h, 83h)';
    return refusal('not-identified', { node: nodeOf(unit), cause });
  }
  return refusal('not-there');
}

const IDENTITY: readonly FactName[] = ['vpd-80h', 'vpd-83h'];

/** Each has one open descriptor; where there are fewer threads, the others wait for one. */
const CONCURRENT_UNITS = 512;

/**
 * Looks at all of them at the same time, so that units which wait do not wait for each other.
 *
 * @param look looks at one of them, with what `inspect` found of it; undefined: it is not there
 */
export function eachOpenUnit<Result>(
  open: readonly OpenUnit[],
  facts: readonly DeviceFacts[],
  look: (unit: OpenUnit, found: DeviceFacts | undefined) => Promise<Result>,
): Promise<readonly Result[]> {
  const byId = new Map(facts.map((unit) => [unit.id, unit]));
  return mapConcurrently(open, CONCURRENT_UNITS, (unit) => look(unit, byId.get(unit.device.id)));
}

/** It may come from page 0Eh, which says so once: how an interrupted download ended is kept, and ends what that run left. */
export const isSaidOnce = (
  { interrupted }: Pick<OpenUnit, 'interrupted'>,
  { result: { outcome, error } }: Pick<VerifiedUnit, 'result'>,
): boolean =>
  interrupted !== null &&
  (outcome === 'pending' || outcome === 'frozen' || error?.code === 'image-reported-bad');

/** What is remembered of a unit after this look at it. */
export const endingOf = (
  { device, run, found }: OpenUnit,
  { result, thaws }: Pick<VerifiedUnit, 'result' | 'thaws'>,
): Ending => ({
  ...{ device, run, result, found, thaws },
  at: new Date().toISOString(),
  bootId: readBootId(),
  recovering: false,
});

function judged(
  open: OpenUnit,
  facts: DeviceFacts,
  { seen, attentions }: Pick<FreshRead, 'seen'> & Pick<Evidence, 'attentions'>,
  seconds: number,
): VerifiedUnit {
  if (seen.revision === null && !seen.internalFailure) return stays(open, facts, seen.problem);
  const { before: shownBefore, target, proof: goal } = open.device;
  const before = meaningOf(goal, shownBefore);
  const isTarget = (shown: string): boolean => meaningOf(goal, shown) === target;
  // On its way up: a later look says more. A third revision is worth saying at once.
  const isKnown = seen.revision === before || seen.revision === target;
  if (!seen.ready && !seen.internalFailure && isKnown && seen.pending.length === 0 && seen.change === null)
    return notReadyYet(open, facts, seen, seconds);
  const thaws = open.frozen === 'sense' && seen.quiet && isKnown;
  const started = (open.eventCame && open.sent.waitsFor.length === 0) || hasChanged(open, isTarget);
  const changes = changesOf(open.device, seen);
  const found = verdict({
    wanted: {
      ...{ before, target, byWitness: goal.unchanged, product: goal.product },
      vendor: goal.vendor ?? null,
      serialMayChange: goal.serialMayChange === true,
    },
    changes,
    sent: open.sent,
    seen,
    frozen: open.frozen !== null && !thaws,
    started,
    inDoubt: false,
    attentions,
    missing: missingOf(open, seen.shown ?? seen.revision ?? ''),
    unproven: acceptedUnproven(goal.sections),
    partsWaitFor: [],
    failure: null,
  });
  const after = seen.shown ?? seen.revision;
  const isAsBefore =
    found.outcome === open.outcome &&
    (open.interrupted !== null || (after === open.after && sameEvents(found.pending, open.pending)));
  const unchanged = seen.revision === before && (found.outcome === 'failed' || isAsBefore);
  // After an interrupted run the image is sent again from its beginning, whatever is shown.
  const isOurs = unchanged || (found.outcome === 'failed' && after !== null && isTarget(after));
  // What page 0Eh says of it, it says once: that is its end.
  if (open.interrupted !== null && isOurs && !isEnd(seen.reported)) {
    const shows = unchanged ? `runs ${before} still` : (found.reason ?? `shows ${after}`);
    const why = refusal('unit-interrupted', { what: open.interrupted.text, shows });
    const error = seen.problem ?? why;
    const mayRun = found.outcome === 'unverified' || mayStart(open);
    const outcome = unchanged && mayRun ? 'unverified' : 'failed';
    return unsettled(
      open,
      resultOf(open, facts, { outcome, error }, { reason: why.message, after, seconds }),
    );
  }
  const end = knownEnd(endOf(found, seen, null), isAsBefore ? open.error : undefined);
  const reason = isAsBefore && attentions.length === 0 ? (open.reason ?? found.reason) : found.reason;
  return {
    run: open.run,
    settles: open.interrupted !== null || !isAsBefore || thaws,
    thaws,
    lockedBy: null,
    result: resultOf(open, facts, open.interrupted === null ? end : againFromStart(end), {
      reason,
      pending: found.pending,
      after,
      seconds,
      sent: sentAsSeen(open.sent, seen, started && after !== null && isTarget(after)),
      ...(changes.length > 0 && { changed: changes }),
    }),
  };
}

/** A failure of the image, and not a download that goes on: it waits for the rest of its pages. */
const isEnd = (reported: Refusal | undefined): boolean =>
  reported !== undefined && !['ended-early', 'still-writing'].includes(reported.code);

/** What is known of the work after this look. `isOver`: it shows its target, and nothing waits, unless it says so itself. */
function sentAsSeen(sent: SentEvidence, { reported, pending }: Verification, isOver: boolean): SentEvidence {
  if (reported !== undefined) return { ...sent, image: 'not-accepted' };
  return isOver && pending.length === 0 ? { ...sent, waitsFor: [], steps: [] } : confirmedBy(sent, pending);
}

/** The run died before the end of the image, or its activation, was answered: it may run later, and nobody knows. */
const mayStart = ({ sent: { image, activation } }: OpenUnit): boolean =>
  image === 'last-answer-lost' || image === 'last-denied' || activation === 'denied';

const sameEvents = (now: readonly PendingEvent[] | null, before: readonly PendingEvent[] | null): boolean =>
  [...(now ?? [])].sort().join() === [...(before ?? [])].sort().join();

/** Of the others a fresh look says what is amiss now. */
const KEPT_CAUSE: readonly Outcome[] = ['failed', 'unverified', 'frozen'];

/** Where nothing new was seen, the run itself knew more of the cause, and of what helps. A restart is news. */
const knownEnd = (fresh: ResultEnd, known: Refusal | undefined): ResultEnd =>
  known === undefined ||
  isGood(fresh.outcome) ||
  !KEPT_CAUSE.includes(fresh.outcome) ||
  fresh.error?.code === 'restart-without-effect'
    ? fresh
    : { outcome: fresh.outcome, error: known };

/** After an interrupted run `apply` sends what is not proven, without anybody's word. */
const againFromStart = (end: ResultEnd): ResultEnd =>
  end.outcome === 'unverified'
    ? { ...end, error: { ...end.error, next: REFUSALS['unit-interrupted'].next } }
    : end;

/**
 * It did not show the target while the image waited, and does now: the change is the event. Where the target was shown before it, only
 * a person can say that it came; and where a run saw nothing, or died before it has looked, nobody knows.
 */
function hasChanged(
  { outcome, after, sent, device: { before } }: OpenUnit,
  isTarget: (shown: string) => boolean,
): boolean {
  if (outcome === 'lost') return false;
  if (after !== null) return !isTarget(after);
  return sent.waitsFor.length === 0 && !isTarget(before);
}

/** No step of a playbook starts a unit that gets no image. */
const START_IT = 'Start it by hand (sg_start --start), for it waits for that command; then: runbook verify';

/** It answers, and needs time. What it shows now counts, and not what was known before. */
function notReadyYet(open: OpenUnit, facts: DeviceFacts, seen: Verification, seconds: number): VerifiedUnit {
  const reached = seen.revision === open.device.target;
  const shown = seen.shown ?? seen.revision;
  const why = seen.problem === null ? '' : `: ${seen.problem.message}`;
  const told = refusal(
    'not-ready-yet',
    { revision: `${shown}${reached ? '' : ' still'}`, why },
    isStopped(seen.problem?.sense ?? null) ? { next: START_IT } : {},
  );
  const pending = open.outcome === 'pending' ? (reached ? [] : open.pending) : null;
  return unsettled(
    open,
    resultOf(
      open,
      facts,
      { outcome: open.outcome, error: told },
      { reason: told.message, pending, after: shown, seconds },
    ),
  );
}

/** The end of a unit as it is known, where nobody looks at it. */
export const asItStands = (open: OpenUnit): DeviceResult => stays(open, undefined, null).result;

/** Nothing was learned: what was known before still stands. `error`: why; null: the unit was not seen to have changed. */
function stays(open: OpenUnit, facts: DeviceFacts | undefined, error: Refusal | null): VerifiedUnit {
  const known = open.interrupted?.text ?? open.reason ?? open.outcome;
  const reason = error === null ? known : `${error.message}; before that: ${known}`;
  const pending = open.outcome === 'pending' ? open.pending : null;
  // Who was seen in its place says more than that it is not there.
  const isReplaced = facts === undefined && open.error?.code === 'identity-changed';
  const why = (isReplaced ? open.error : error) ?? refusal('not-settled', { what: known });
  const told =
    open.frozen === null || facts === undefined ? why : frozenAndSilent(open, open.device.id, error);
  const outcome = open.frozen === null ? open.outcome : 'frozen';
  return unsettled(open, resultOf(open, facts, { outcome, error: told }, { reason, pending }));
}

const unsettled = ({ run }: OpenUnit, result: DeviceResult): VerifiedUnit => ({
  run,
  settles: false,
  thaws: false,
  lockedBy: null,
  result,
});

function resultOf(
  { device }: OpenUnit,
  facts: DeviceFacts | undefined,
  end: ResultEnd,
  rest: Pick<DeviceResult, 'reason'> &
    Partial<Pick<DeviceResult, 'after' | 'pending' | 'seconds' | 'sent' | 'changed'>>,
): DeviceResult {
  const paths = facts === undefined ? device.paths : nodesOf(facts);
  return {
    id: device.id,
    play: device.play,
    paths,
    vendor: device.vendor,
    product: device.product,
    before: device.before,
    after: null,
    ...end,
    pending: null,
    bytes: 0,
    chunks: 0,
    seconds: 0,
    ...rest,
  };
}

/** A run was interrupted between several sections: the revision of the unit may be that of an earlier one. */
function missingOf({ interrupted }: OpenUnit, shown: string): string | null {
  const lack = interrupted === null ? null : unprovenSections(interrupted.device, shown);
  return lack === null ? null : `not all of its sections are known to be ${lack}`;
}
