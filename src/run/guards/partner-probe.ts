import type { Clock } from '../../base/clock.ts';
import { unreadableRefusal } from '../../base/facts.ts';
import type { FactName, Unreadable } from '../../base/facts.ts';
import type { Refusal, RefusalFacts } from '../../base/refusal.ts';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import { Device } from '../../device/device.ts';
import { findUnit, identifyPath, whoIsInstead } from '../../device/find.ts';
import { contradicts, identityChanged } from '../../device/identity.ts';
import type { Host } from '../../host/host.ts';
import { waitReady } from '../../microcode/wait-ready.ts';
import { pendingEvents } from '../../microcode/deferred-image.ts';
import { standardInquiry } from '../../scsi/inquiry.ts';
import type { StandardInquiry } from '../../scsi/inquiry.ts';
import { configuration } from '../../ses/configuration.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import type { ResolvedPlaybook } from '../../playbook/resolved.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { InStep } from '../facts/found-before.ts';
import { answeringPath, isOfSilentPath } from '../facts/inspect.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { named, unknownState } from './partners.ts';
import { meaningOf } from '../facts/revision.ts';
import { asSeenBy, shownOf } from '../facts/subenclosure.ts';
import type { JournalDevice } from '../records/journal-entry.ts';
import type { PlannedUnit } from './world.ts';

interface Around {
  readonly host: Host;
  readonly clock: Clock;
}

/** What is wrong with a module, behind its name. */
interface Unwell {
  readonly what: string;
  readonly by: RefusalFacts;
}

/**
 * Another module of the enclosure, as it is now. `waiting`: for an event, a power cycle say. `unwell`: it did not answer, or not as
 * a module of this enclosure.
 */
type PartnerNow =
  | { readonly kind: 'ready'; readonly facts: DeviceFacts }
  | ({ readonly kind: 'waiting'; readonly facts: DeviceFacts } & Unwell)
  | ({ readonly kind: 'unwell' } & Unwell);

/** One that restarted a moment ago gets this long. */
const READY_WITHIN_MS = 20_000;

/**
 * Asked right before the first byte, with the lock of the enclosure: while a module restarts, the others carry everything. Each
 * has to be there, ready, of the same enclosure as before, and of a revision that the playbook knows: the plan may be hours
 * old. Sends nothing that changes a device. null: they are well.
 */
export async function partnersUnwell(
  { play }: PlannedUnit,
  partners: readonly DeviceFacts[],
  { playbook, ...around }: Around & { readonly playbook: Pick<ResolvedPlaybook, 'plays' | 'strategy'> },
): Promise<Refusal | null> {
  for (const partner of partners) {
    const now = await askPartner(partner, READY_WITHIN_MS, around, playbook.strategy.proceedWithout);
    // Written before this one, and waiting for its event: that is what `partner-after: pending` asks for.
    const mayWait = now.kind === 'waiting' && playbook.strategy.partnerAfter === 'pending';
    if (now.kind !== 'ready' && !mayWait)
      return refusal('partner-unwell', { ...named(partner), what: now.what }, now.by);
    const unknown = unknownState(now.facts, play, playbook.plays);
    if (unknown !== null) return unknown;
  }
  return null;
}

/** Modules that bring each other to one revision: it is over when all of them show the target, and are ready. null: it is. */
export async function partnersOutOfStep(
  { facts: { id: unit }, play }: PlannedUnit,
  partners: readonly DeviceFacts[],
  { partnerSync, ...around }: Around & Pick<ResolvedPlaybook['strategy'], 'partnerSync'>,
): Promise<Refusal | null> {
  const { revision } = play.verify;
  for (const partner of partners) {
    const now = await askPartner(partner, 0, around);
    const values = { ...named(partner), sync: partnerSync, revision, unit };
    const shown = now.kind === 'unwell' ? null : (asSeenBy(play, now.facts) ?? now.facts).revision;
    if (shown !== null && meaningOf(play.verify, shown) !== revision)
      return refusal('partner-out-of-step', { ...values, what: `runs ${shown}` });
    if (now.kind !== 'ready') return refusal('partner-out-of-step', { ...values, what: now.what }, now.by);
  }
  return null;
}

/**
 * The same for a later look, under the lock of the unit alone: the partners are asked by INQUIRY, and of page 01h counts what was read
 * when the host was looked at.
 */
export async function partnersStillOutOfStep(
  { id: unit, target: revision, proof: { aliases, subenclosure } }: JournalDevice,
  { sync, partners }: InStep,
  all: readonly DeviceFacts[],
  { host, clock }: Around,
): Promise<Refusal | null> {
  for (const id of partners) {
    const partner = all.find((other) => other.id === id);
    const what = await whyBehind(partner, { host, clock }, ({ revision: inquired }) => {
      const shown = subenclosure ? shownOf(partner!, subenclosure)?.revision : inquired;
      return meaningOf({ aliases }, shown ?? '') === revision
        ? null
        : `runs ${shown ?? 'nothing that it shows'}`;
    });
    const enclosure = (partner && enclosureOf(partner)) ?? 'unknown';
    if (what !== null)
      return refusal('partner-out-of-step', { partner: id, enclosure, sync, revision, unit, what });
  }
  return null;
}

async function whyBehind(
  partner: DeviceFacts | undefined,
  { host, clock }: Around,
  behind: (shown: StandardInquiry) => string | null,
): Promise<string | null> {
  if (partner === undefined) return refusal('not-there').message;
  const unread = partner.unreadable?.find(({ fact }) => fact === 'ses-01h');
  const why = unread?.why ?? (isOfSilentPath(partner) ? null : partner.problem);
  if (why !== null) return `cannot be asked: ${why.message}`;
  try {
    const { identity, inquiry } = await identifyPath(host, answeringPath(partner), clock);
    if (partner.identity !== null && contradicts(partner.identity, identity))
      return identityChanged(partner.identity, identity).message;
    return behind(inquiry);
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    return `cannot be asked: ${(error as RunbookError).refusal.message}`;
  }
}

/** What was seen of the partner; what to do about it is another matter. */
const answered = ({ layer, cdb, sense }: Refusal): RefusalFacts => ({ layer, cdb, sense });

/**
 * Wherever the partner is now: it may have restarted, too.
 *
 * @param proceedWithout it has to say who it is, but for these facts. undefined: it may have new code by now, and where it is found counts
 */
async function askPartner(
  partner: DeviceFacts,
  readyWithinMs: number,
  { host, clock }: Around,
  proceedWithout?: readonly FactName[],
): Promise<PartnerNow> {
  const { identity, paths } = partner;
  if (identity === null) return says('has shown no identity');
  try {
    let unread: readonly Unreadable[] = [];
    let failed = null as Refusal | null;
    const found = await findUnit(
      host,
      { identity, was: paths[0]! },
      {
        access: 'read-while-locked',
        clock,
        known: proceedWithout !== undefined,
        onUnread: (unreadable) => void (unread = unreadable),
        onUnidentified: ({ failure }) => void (failed = failure),
      },
    );
    const facts = unread.map(({ fact }) => fact);
    const unsaid =
      found !== null && proceedWithout === undefined
        ? null
        : unreadableRefusal(unread, facts, proceedWithout ?? []);
    if (unsaid !== null) {
      await found?.transport.close();
      const by = { ...answered(unsaid), ...(proceedWithout !== undefined && { next: unsaid.next }) };
      return says(`answers, but ${unsaid.message}`, by);
    }
    if (found === null) {
      if (failed !== null) return says(`cannot be asked: ${failed.message}`, answered(failed));
      const instead = await whoIsInstead(host, { identity, was: paths[0]! }, clock);
      return instead === null
        ? says('does not answer')
        : says(`does not answer: ${instead.message}`, answered(instead));
    }
    const device = new Device(found.transport, { clock, find: () => Promise.resolve(null) });
    try {
      return await stateOf(partner, device, readyWithinMs);
    } finally {
      await device.close();
    }
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    const why = (error as RunbookError).refusal;
    return says(`cannot be asked: ${why.message}`, answered(why));
  }
}

const says = (what: string, by: RefusalFacts = {}): PartnerNow => ({ kind: 'unwell', what, by });

async function stateOf(partner: DeviceFacts, device: Device, readyWithinMs: number): Promise<PartnerNow> {
  const { problem, ready, sense } = await waitReady(device, { withinMs: readyWithinMs, patient: false });
  const why = ready ? null : problem;
  const waiting = why && { what: `is not ready: ${why.message}`, by: answered(why) };
  if (waiting !== null && pendingEvents(sense).length === 0) return { kind: 'unwell', ...waiting };
  const { vendor, product, revision } = await device.ask(standardInquiry());
  const { enclosures } = await device.ask(receiveDiagnosticResults(configuration));
  const facts = { ...partner, vendor, product, revision, enclosures };
  if (enclosureOf(facts) !== enclosureOf(partner)) return says('is in another enclosure now');
  return waiting === null ? { kind: 'ready', facts } : { kind: 'waiting', facts, ...waiting };
}
