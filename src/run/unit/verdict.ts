import { shownText as deviceText } from '../../base/bytes.ts';
import { refusal } from '../../base/refusal.ts';
import { afterSending, namesKey } from '../../base/refusals/next-step.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Sense } from '../../scsi/sense.ts';
import { senseText } from '../../scsi/sense.ts';
import { atTarget } from '../../microcode/verification.ts';
import type { Verification } from '../../microcode/verification.ts';
import { changeText } from '../facts/changes.ts';
import type { Change } from '../facts/changes.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import { eventsIn, eventsLeft, eventsPossibleIn, howText } from '../facts/evidence.ts';
import type { SentEvidence } from '../facts/evidence.ts';
import type { GoodOutcome, Outcome, PendingEvent, ResultEnd } from '../facts/outcome.ts';

/** What a unit has to show, in the words of the playbook. */
export interface Wanted {
  /** Revision before the first chunk. */
  readonly before: string;
  readonly target: string;
  /** The revision never moves: the witness alone decides. */
  readonly byWitness: boolean;
  /** INQUIRY product and vendor at the target; null: not known. */
  readonly product: string;
  readonly vendor: string | null;
  /** The new code may show another serial number. */
  readonly serialMayChange: boolean;
}

type Attention = Pick<Sense, 'key' | 'asc' | 'ascq'>;

/** Everything that a verdict is made of, whoever asks for it. */
export interface Evidence {
  readonly wanted: Wanted;
  readonly sent: SentEvidence;
  /** The last fresh look. */
  readonly seen: Verification;
  /** It reported an internal failure on the way: no reset, keep the power on. */
  readonly frozen: boolean;
  /**
   * The image started without being told to, or its event came: the unit went away, reported 29/xx or 3F/01 behind the last
   * chunk, or shows the target after it had shown the old revision there.
   */
  readonly started: boolean;
  /** What it shows otherwise than before, beside its revision. */
  readonly changes: readonly Change[];
  /** A download that did not end well may have brought the whole image: it may start at the next reset. */
  readonly inDoubt: boolean;
  /** Unit attentions since the last chunk. */
  readonly attentions: readonly Attention[];
  /** A section of which the revision is not proof, and that did not end well; null: none. */
  readonly missing: string | null;
  /** Names of sections of which nothing shows whether they run, and the playbook accepts that. */
  readonly unproven: readonly string[];
  /** Events that sections wait for of which the revision is not proof. */
  readonly partsWaitFor: readonly PendingEvent[];
  /** The first error on the way; null: none. */
  readonly failure: Refusal | null;
}

export type Verdict = VerdictEnd & {
  /** One sentence, without the unit; null: nothing to say. */
  readonly reason: string | null;
  readonly pending: readonly PendingEvent[] | null;
};

/** Why it is not updated. */
type VerdictEnd =
  | { readonly outcome: 'updated'; readonly why: null }
  | { readonly outcome: NotUpdated; readonly why: Refusal };

type NotUpdated = Exclude<Outcome, GoodOutcome>;
type BadVerdict = Extract<Verdict, { readonly why: Refusal }>;

/**
 * The verdict over one unit (decisions.md#the-verdict). Pure; evidence is weighed before the string: the target in a fresh read is
 * a success only where the whole image was accepted in the last pass, and nothing speaks against it now. Never called when
 * nothing was sent: that is `refused`, `current` or `skipped`.
 */
export function verdict(evidence: Evidence): Verdict {
  const { wanted, seen } = evidence;
  const why = whyOf(evidence);
  if (evidence.frozen || seen.internalFailure) {
    const silent = answers(seen) ? ' and does not show what it runs' : ' and does not answer';
    const runs = seen.revision === null ? silent : `, runs ${shownText(seen)}`;
    return said('frozen', refusal('unit-frozen', { runs, why }));
  }
  if (seen.revision === null) return withoutRevision(evidence);
  const revision = shownText(seen);
  const reached = atTarget(seen, { revision: wanted.target, byWitness: wanted.byWitness });
  if (seen.change !== null) {
    return said('degraded', refusal('unit-changed', { change: seen.change, revision }));
  }
  if (seen.reported !== undefined) {
    const shows = reached ? `shows ${revision}, although` : `shows ${revision} still, and`;
    const { message, next } = seen.reported;
    return said('failed', refusal('image-reported-bad', { shows, what: message }, { next }));
  }
  if (reached) return withChanges(atItsTarget(evidence, why), evidence.changes);
  if (seen.revision !== wanted.before) {
    const { before, target } = wanted;
    return said('failed', refusal('other-revision', { runs: `runs ${revision}`, before, target, why }));
  }
  return notThere(evidence, why);
}

/**
 * The outcome, and what is told beside it: its own refusal, with what the failing command knows. A degraded unit runs its target: what is
 * amiss now helps, and not an error on the way, which the journal keeps. null: nothing is amiss.
 *
 * @param failure the first error on the way
 */
export function endOf(found: Verdict, seen: Verification, failure: Refusal | null): ResultEnd {
  if (found.outcome !== 'updated') {
    const error = errorOf(found, seen, failure);
    const needsRetry = found.outcome === 'failed' || found.outcome === 'unverified';
    return { outcome: found.outcome, error: { ...error, next: afterSending(error.next, needsRetry) } };
  }
  const told = failure ?? seen.reported ?? seen.around ?? seen.problem;
  // A key that helps the next units is worth telling.
  const isOver = told !== null && !namesKey(told.next);
  return { outcome: found.outcome, error: isOver ? { ...told, next: NOTHING_LEFT } : told };
}

const NOTHING_LEFT = 'Nothing: the unit runs the new code.';

function errorOf({ outcome, why }: BadVerdict, seen: Verification, failure: Refusal | null): Refusal {
  if (outcome === 'degraded') return seen.around ?? seen.problem ?? why;
  // Who is in its place now says more than what took it away; and that more of how to bring it back than its silence.
  if (outcome === 'lost' && seen.problem?.code === 'identity-changed') return seen.problem;
  if (outcome === 'lost' && failure !== null) return failure;
  // 83h of page 0Eh stays until a good image is in; 4/44 beside it may pass, and must not be taken for the reason.
  const told = outcome === 'frozen' && seen.problem?.sense === null ? null : (failure ?? seen.problem);
  const { cdb = null, offset = null, sense = null } = told ?? {};
  return { ...why, ...(told !== null && { layer: told.layer }), cdb, offset, sense };
}

/** Nothing shows what it runs. A unit that answers is there, whatever it answers; only a silent one is lost. */
function withoutRevision({ sent, seen, failure }: Evidence): Verdict {
  const what = seen.problem?.message ?? 'no answer';
  if (!answers(seen)) return said('lost', refusal('did-not-come-back', { what }));
  const why = failure === null ? '' : `; before that: ${failure.message}`;
  const outcome = sent.image === 'not-accepted' ? 'failed' : 'unverified';
  return said(outcome, refusal('shows-nothing', { what, why }));
}

const answers = ({ problem }: Verification): boolean => problem?.layer === 'device';

/** It shows what it should; whether that is true of what runs depends on everything else. */
function atItsTarget(evidence: Evidence, why: string): Verdict {
  const { sent, seen, missing, partsWaitFor, unproven } = evidence;
  const revision = shownText(seen);
  const runs = `runs ${revision}`;
  if (missing !== null) return said('failed', refusal('section-missing', { runs, what: `${missing}${why}` }));
  if (sent.image === 'not-accepted') return said('failed', staged(evidence));
  if (sent.image === 'unknown') return said('unverified', refusal('acceptance-unknown', { revision, why }));
  const waiting = waitingAtTarget(evidence);
  if (waiting !== null) return waiting;
  if (sent.image === 'last-denied') return said('failed', staged(evidence));
  if (!seen.ready) {
    const what = seen.problem?.message ?? 'no answer';
    return said('degraded', refusal('not-ready-after', { runs, what }));
  }
  if (seen.unheard !== undefined)
    return { ...said('unverified', seen.unheard), reason: `shows ${revision}, but ${seen.unheard.message}` };
  if (seen.around !== undefined)
    return { ...said('degraded', seen.around), reason: `${runs}, but ${seen.around.message}` };
  if (seen.witness === false) return said('degraded', refusal('witness-differs', { runs }));
  const renamed = wronglyRenamed(evidence, runs);
  if (renamed !== null) return said('degraded', renamed);
  if (partsWaitFor.length > 0) {
    const events = partsWaitFor.join(', ');
    const how = howText(partsWaitFor);
    return pending(refusal('section-pending', { runs, events, how }), partsWaitFor);
  }
  if (seen.unseen !== undefined)
    return said('failed', refusal('section-unseen', { runs, what: seen.unseen }));
  const told = [
    ...(unproven.length === 0
      ? []
      : [`${runs}; nothing shows whether ${unproven.join(', ')} runs (unproven: accepted)`]),
    ...(sent.isVolatile === true ? [`${runs} until its next power cycle: the image is not saved`] : []),
    ...(evidence.changes.length > 0
      ? [`${runs}; with the new code: ${evidence.changes.map(changeText).join(', ')}`]
      : []),
    ...(why === '' ? [] : [`${runs}, despite an error on the way${why}`]),
  ];
  const reason = told.length === 0 ? null : told.join('; ');
  return { outcome: 'updated', reason, pending: null, why: null };
}

/** What the new code changed is told with the worry that makes the unit degraded: the image may be that of another model. */
function withChanges(found: Verdict, changes: readonly Change[]): Verdict {
  if (found.outcome !== 'degraded' || changes.length === 0) return found;
  return {
    ...found,
    reason: `${found.reason ?? ''}; with the new code: ${changes.map(changeText).join(', ')}`,
  };
}

/** Vendor, product or serial number are not what the new code should show; null: they are. */
function wronglyRenamed({ wanted, seen, changes }: Evidence, runs: string): Refusal | null {
  const { vendor, product, serial } = seen;
  const name = (what: 'vendor' | 'product', now: string, expected: string): Refusal => {
    const before = changes.find((change) => change.what === what)?.before ?? now;
    if (before !== now) {
      const tail = before === expected ? '' : `, not "${expected}"`;
      return refusal(`${what}-changed`, { runs, what: `was "${before}" and is "${now}"${tail}` });
    }
    const next = `Check that the image is meant for this model. If the new code keeps the ${what}: remove \`firmware.${what}\`, and runbook verify --accept ID --because TEXT.`;
    return refusal(`${what}-changed`, { runs, what: `is "${now}" still, not "${expected}"` }, { next });
  };
  if (wanted.vendor !== null && vendor !== wanted.vendor) return name('vendor', vendor ?? '', wanted.vendor);
  if (product !== wanted.product) return name('product', product ?? '', wanted.product);
  if (serial === undefined || wanted.serialMayChange) return null;
  const now = serial.now === null ? '' : deviceText(serial.now);
  return refusal('serial-changed', { runs, before: deviceText(serial.before), now });
}

/** It shows the target, and the image waits nevertheless: a staged revision. null: nothing waits. */
function waitingAtTarget({ sent, seen, started, attentions, failure }: Evidence): Verdict | null {
  const happened = eventsIn(attentions);
  const revision = shownText(seen);
  const steps = sent.steps.filter((event) => !happened.has(event));
  const isPending = seen.pending.length > 0;
  const activated = sent.activation === 'accepted' || sent.activation === 'answer-lost';
  const waits = sent.waitsFor.length > 0 && !started && !activated && sent.activation !== 'nothing-waited';
  if (!isPending && !waits && steps.length === 0) return null;
  // Steps wait for what was sent, and nobody knows whether that is in it.
  if (!isPending && sent.image === 'last-denied') return null;
  if (!isPending && waits && sent.image === 'last-answer-lost') {
    const why = failure === null ? '' : `: ${failure.message}`;
    return said('unverified', refusal('acceptance-unknown', { revision, why }));
  }
  if (!isPending && waits && sent.activation === 'denied') {
    const what = failure?.message ?? 'the answer to it is not known';
    return said('unverified', refusal('activation-unknown', { revision, what }));
  }
  const isRefused = waits && sent.failedStep !== null;
  const evidence = { ...sent, steps: isRefused ? [] : steps };
  // The target was shown before: that event may have started it, and no look can tell (decisions.md#the-verdict).
  const possible = eventsPossibleIn(attentions);
  const done = isPending ? [] : eventsLeft(evidence, []).filter((event) => possible.has(event));
  const over = done.length === 0 ? happened : new Set<PendingEvent>([...possible, 'activation']);
  const left = eventsLeft(evidence, seen.pending, over);
  if (done.length > 0 && left.length === 0) {
    const events = done.join(', ');
    const why = refusal('may-have-started', { revision, events, seen: attentionText(attentions) });
    return pending(why, done);
  }
  const events = left.join(', ');
  if (isRefused) {
    const what = failure?.message ?? sent.failedStep;
    return said('failed', refusal('not-activated', { revision, what, events }));
  }
  const unseen =
    left.length === 0 ? 'nothing shows that it has started' : `no ${left.join(' or ')} of it was seen`;
  const who = isPending ? 'says that an image waits' : unseen;
  if (left.length === 0) return said('unverified', refusal('waits-in-vain', { revision, who }));
  return pending(refusal('image-waits', { revision, who, events, how: howText(left) }), left);
}

/** It shows the revision that it had before. */
function notThere(evidence: Evidence, why: string): Verdict {
  const { wanted, sent, seen, attentions } = evidence;
  const runs = `runs ${shownText(seen)}`;
  const happened = eventsIn(attentions);
  const left = eventsLeft(sent, seen.pending, happened);
  const since = attentionText(attentions);
  const failed = (beside: string): Verdict => oldRevision(evidence, `${why}${beside}`);
  const inDoubt = '; the image may be complete, and become active at the next reset or power cycle';
  if (sent.image === 'not-accepted' || sent.image === 'unknown') {
    const waits = seen.pending.length === 0 ? '' : `; an image waits on it for: ${seen.pending.join(', ')}`;
    return failed(`${waits}${evidence.inDoubt ? inDoubt : ''}`);
  }
  if (sent.failedStep !== null) {
    const starts = eventsLeft({ ...sent, steps: [] }, seen.pending, happened);
    return failed(starts.length === 0 ? '' : `; the image starts at: ${starts.join(', ')}`);
  }
  if (sent.activation === 'nothing-waited' && seen.pending.length === 0)
    return said('failed', refusal('nothing-waited', { runs, why }));
  const lost =
    ['last-answer-lost', 'last-denied'].includes(sent.image) ||
    ['answer-lost', 'denied'].includes(sent.activation);
  // After a lost answer only the device itself can say that it waits.
  if (left.length > 0 && (!lost || seen.pending.length > 0)) {
    const events = left.join(', ');
    const how = howText(left);
    return since === ''
      ? pending(refusal('event-pending', { runs, events, how }), left)
      : pending(refusal('event-without-effect', { runs, events, seen: since }), left);
  }
  // A restart has come, and the old revision is still here.
  if (lost) return failed(since === '' ? inDoubt : since);
  if (!seen.ready) return failed(` and is not ready: ${seen.problem?.message ?? 'no answer'}${since}`);
  const still = wanted.byWitness
    ? 'the witness does not agree yet'
    : `the device still shows ${shownText(seen)}`;
  return said(
    'unverified',
    since === ''
      ? refusal('revision-unchanged', { still })
      : refusal('restart-without-effect', { still, seen: since }),
  );
}

/** Where an error on the way is known, that one is told: its code and next step help more. */
function oldRevision({ seen, failure }: Evidence, why: string): Verdict {
  const told = refusal('old-revision', { runs: `runs ${shownText(seen)}`, why });
  return { ...said('failed', told), why: failure === null ? told : { ...failure, message: told.message } };
}

/** `shows 2.10 although 39 of 74 chunks were accepted: a staged or a backup image` */
function staged({ sent: { acceptedChunks, chunks }, seen, failure }: Evidence): Refusal {
  const revision = shownText(seen);
  const counted = `${acceptedChunks} of ${chunks} chunks were accepted`;
  const isCounted = chunks > 0 && acceptedChunks < chunks;
  const what = isCounted ? counted : (failure?.message ?? 'the device did not take the image');
  const told = refusal('image-incomplete', { revision, what });
  return isCounted && failure !== null ? { ...told, message: `${told.message} (${failure.message})` } : told;
}

/** What happened since, and did not bring the target. */
function attentionText(attentions: readonly Attention[]): string {
  const told = attentions.filter(tellsOfStart).map(senseText);
  return told.length === 0 ? '' : `; since the last chunk it reported ${[...new Set(told)].join(', ')}`;
}

const shownText = ({ revision, shown }: Verification): string =>
  shown === undefined || shown === revision ? `${revision}` : `${revision} (shown as ${shown})`;

const whyOf = ({ failure }: Evidence): string => (failure === null ? '' : `: ${failure.message}`);

const said = (outcome: NotUpdated, why: Refusal): BadVerdict => ({
  outcome,
  reason: why.message,
  pending: null,
  why,
});

const pending = (why: Refusal, events: readonly PendingEvent[]): Verdict => ({
  outcome: 'pending',
  reason: why.message,
  pending: events,
  why,
});
