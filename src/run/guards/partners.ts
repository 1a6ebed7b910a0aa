import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedPlaybook } from '../../playbook/resolved.ts';
import { pastPlay, whyNotOf } from '../facts/chain.ts';
import { enclosureOf, partnersOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { meaningOf } from '../facts/revision.ts';
import { asSeenBy } from '../facts/subenclosure.ts';

export interface PartnerRules {
  readonly strategy: Pick<ResolvedPlaybook['strategy'], 'redundancy'>;
  readonly plays: readonly ResolvedPlay[];
}

/**
 * Why the other modules of its enclosure keep a unit from being written: while it restarts they carry everything, so they have
 * to answer and to run what the playbook knows. null: nothing is against it.
 */
export function partnerProblem(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  play: ResolvedPlay,
  { strategy: { redundancy }, plays }: PartnerRules,
): Refusal | null {
  const module = unit.enclosures?.[0];
  if (module === undefined || module.processCount < 2) return null;
  const partners = partnersOf(unit, all);
  const seen = new Set([unit, ...partners].map(({ enclosures }) => enclosures![0]!.relativeProcessId));
  if (redundancy === 'required' && seen.size < module.processCount) {
    return refusal('partner-away', {
      enclosure: module.logicalIdentifier,
      modules: module.processCount,
      seen: seen.size,
    });
  }
  for (const partner of partners) {
    const unknown = unknownState(partner, play, plays);
    if (unknown !== null) return unknown;
  }
  return null;
}

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

/** How a person knows another module of an enclosure. */
export const named = (partner: DeviceFacts): { readonly partner: string; readonly enclosure: string } => ({
  partner: partner.id,
  enclosure: enclosureOf(partner) ?? 'unknown',
});
