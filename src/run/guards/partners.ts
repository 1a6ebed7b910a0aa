import { unreadableRefusal } from '../../base/facts.ts';
import type { Unreadable } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedPlaybook, ResolvedStrategy } from '../../playbook/resolved.ts';
import { DeviceType } from '../../scsi/device-type.ts';
import { pastPlay, whyNotOf } from '../facts/chain.ts';
import { enclosureOf, partnersOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodeOf } from '../facts/nodes.ts';
import { meaningOf } from '../facts/revision.ts';
import { isFailure } from '../facts/outcome.ts';
import type { Outcome } from '../facts/outcome.ts';
import { asSeenBy, shownOf } from '../facts/subenclosure.ts';
import { memoryOf, withSharers } from '../records/memory.ts';
import type { HostMemory } from '../records/memory.ts';
import { stillWaits } from '../records/waiting.ts';

export interface PartnerRules {
  readonly strategy: Pick<ResolvedPlaybook['strategy'], 'redundancy' | 'proceedWithout'>;
  readonly plays: readonly ResolvedPlay[];
}

/**
 * Why the other modules of its enclosure keep a unit from being written: while it restarts they carry everything, so they have
 * to answer and to run what the playbook knows. null: nothing is against it.
 */
export function whyPartners(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  play: ResolvedPlay,
  { strategy: { redundancy, proceedWithout }, plays }: PartnerRules,
): Refusal | null {
  const module = unit.enclosures?.[0];
  if (module === undefined || module.processCount < 2) return null;
  const partners = partnersOf(unit, all);
  const seen = seenOf(unit, partners);
  if (redundancy === 'required' && seen < module.processCount) {
    const enclosure = module.logicalIdentifier;
    const counts = { enclosure, modules: module.processCount, seen };
    const unknown = all.filter(mayBeModule);
    for (const other of unknown) {
      const why = whyUnasked(other, proceedWithout);
      if (why === null) continue;
      const { layer, cdb, sense, next } = why;
      const values = { ...counts, unit: nodeOf(other), why: why.message };
      return refusal('partner-unasked', values, { layer, cdb, sense, next });
    }
    if (seen + unknown.length < module.processCount) return refusal('partner-away', counts);
  }
  for (const partner of partners) {
    const unknown = unknownState(partner, play, plays);
    if (unknown !== null) return unknown;
  }
  return null;
}

/** How many modules of its enclosure are known. */
const seenOf = (unit: DeviceFacts, partners: readonly DeviceFacts[]): number =>
  new Set([unit, ...partners].map(({ enclosures }) => enclosures?.[0]?.relativeProcessId)).size;

/**
 * Of which units, by their node, a play does not know whether they are the modules of this unit's enclosure that it misses, and goes on
 * without: what it cannot know of them stands at this unit, too, for nobody looks whether they carry it.
 */
export function goesOnWithoutPartners(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  { redundancy, proceedWithout }: PartnerRules['strategy'],
): readonly Unreadable[] {
  const module = unit.enclosures?.[0];
  if (module === undefined || redundancy !== 'required' || !proceedWithout.includes('ses-01h')) return [];
  if (seenOf(unit, partnersOf(unit, all)) >= module.processCount) return [];
  const unread = all
    .filter(mayBeModule)
    .flatMap((other) =>
      (other.unreadable ?? [])
        .filter(({ fact }) => fact === 'ses-01h')
        .map(({ why }) => ({ node: nodeOf(other), why })),
    );
  const [first] = unread;
  if (first === undefined) return [];
  const nodes = unread.map(({ node }) => node).join(', ');
  return [{ fact: 'ses-01h', why: { ...first.why, message: `of ${nodes}: ${first.why.message}` } }];
}

/** An enclosure that is there, and of which nobody knows which module of which enclosure it is: unreadable is not absent. */
const mayBeModule = ({ deviceType, enclosures, problem, unreadable = [] }: DeviceFacts): boolean =>
  deviceType === DeviceType.enclosure &&
  enclosures === null &&
  (problem !== null || unreadable.some(({ fact }) => fact === 'ses-01h'));

/** null: the playbook goes on without what that unit could not be asked for. */
const whyUnasked = (
  { problem, unreadable = [] }: DeviceFacts,
  proceedWithout: ResolvedStrategy['proceedWithout'],
): Refusal | null => problem ?? unreadableRefusal(unreadable, ['ses-01h'], proceedWithout);

/** Why a module may not carry the others; null: it answered and runs what the playbook knows. Whether it is ready is not asked. */
export function unknownState(
  partner: DeviceFacts,
  play: ResolvedPlay,
  plays: readonly ResolvedPlay[],
): Refusal | null {
  if (partner.problem !== null) {
    const what = `cannot be trusted: ${partner.problem.message}`;
    return refusal('partner-unwell', { ...named(partner), what });
  }
  // Another product in the same enclosure is of another play; what it should run is not known here.
  const anyOf = { ...play, match: { ...play.match, identity: null, proof: [] } };
  if (whyNotOf(anyOf, plays, partner) !== null) return null;
  const { revision } = asSeenBy(play, partner) ?? partner;
  const known = [...play.match.revision, play.verify.revision];
  if (known.includes('*') || known.includes(revision) || known.includes(meaningOf(play.verify, revision)))
    return null;
  if (pastPlay(play, plays, partner) !== null) return null;
  return refusal('partner-revision-unknown', { ...named(partner), revision });
}

/**
 * What earlier runs left on another module of this unit's enclosure, so that this one must not restart: the other is degraded, or
 * waits for an event that may start its new code. null: nothing is against it. The other module need not be there now.
 *
 * @param activated hash of the image that waits on this unit, and that the play starts: where the other waits with the same one, their
 * turns come one after the other. null: it starts none
 */
export function whyPartnersBefore(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  memory: HostMemory,
  { partnerAfter, redundancy }: Pick<ResolvedStrategy, 'partnerAfter' | 'redundancy'>,
  activated: string | null = null,
): Refusal | null {
  const own = enclosureOf(unit);
  if (own === null) return null;
  const device = withSharers(memory, new Set([unit.id]));
  for (const partner of memory.units.keys()) {
    const remembered = memoryOf(memory, partner);
    const { record } = remembered;
    // Work on a microcode stands under the logical unit through which it was done.
    if (record?.unit !== partner || device.has(partner)) continue;
    const there = all.find(({ id }) => id === partner);
    if (((there && enclosureOf(there)) ?? record.enclosure ?? null) !== own) continue;
    const { run, reason, outcome } = record;
    if (outcome === 'degraded' && redundancy === 'required') {
      const why = reason === null ? '' : ` (${reason})`;
      return refusal('partner-degraded', { partner, enclosure: own, run, why });
    }
    const revision = (there && shownOf(there, record.proof.subenclosure ?? 0)?.revision) ?? record.before;
    const waitsToo = partnerAfter === 'pending' || record.imageSha256 === activated;
    if (waitsToo || !stillWaits(remembered, revision)) continue;
    return refusal('partner-pending', { partner, enclosure: own, run, events: record.pending!.join(', ') });
  }
  return null;
}

/** How the work of this run on another module of this unit's enclosure ended keeps this one from being begun; null: it does not. */
export function whyPartnersNow(
  unit: DeviceFacts,
  ended: readonly { readonly facts: DeviceFacts; readonly outcome: Outcome }[],
  { partnerAfter }: Pick<ResolvedStrategy, 'partnerAfter'>,
): Refusal | null {
  const enclosure = enclosureOf(unit);
  if (enclosure === null) return null;
  for (const { facts, outcome } of ended) {
    if (facts.id === unit.id || enclosureOf(facts) !== enclosure) continue;
    if (isFailure(outcome) || (outcome === 'pending' && partnerAfter !== 'pending')) {
      return refusal('partner-not-updated', { ...named(facts), outcome });
    }
  }
  return null;
}

/** How a person knows another module of an enclosure. */
export const named = (partner: DeviceFacts): { readonly partner: string; readonly enclosure: string } => ({
  partner: partner.id,
  enclosure: enclosureOf(partner) ?? 'unknown',
});
