import type { ResolvedPlay, ResolvedStrategy } from '../../playbook/resolved.ts';
import { partnersOf } from './domains.ts';
import type { DeviceFacts } from './inspect.ts';
import { whyNotSelected } from './match.ts';
import { meaningOf } from './revision.ts';

/**
 * Why the other modules of its enclosure keep a unit from being written: while it restarts they carry everything, so they have
 * to answer and to run what the playbook knows. null: nothing is against it.
 */
export function partnerProblem(
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  play: ResolvedPlay,
  { redundancy }: Pick<ResolvedStrategy, 'redundancy'>,
): string | null {
  const module = unit.enclosures?.[0];
  if (module === undefined || module.processCount < 2) return null;
  const partners = partnersOf(unit, all);
  const seen = new Set([unit, ...partners].map(({ enclosures }) => enclosures![0]!.relativeProcessId));
  if (redundancy === 'required' && seen.size < module.processCount) {
    const count = `${module.processCount} modules, and this host sees ${seen.size}`;
    return `its enclosure ${module.logicalIdentifier} has ${count}; connect the others, or write \`redundancy: outage-accepted\``;
  }
  for (const partner of partners) {
    const what = unknownState(partner, play);
    if (what !== null) return `its partner ${partner.id} in enclosure ${module.logicalIdentifier} ${what}`;
  }
  return null;
}

function unknownState(partner: DeviceFacts, { match, firmware, verify }: ResolvedPlay): string | null {
  if (partner.problem !== null) return `cannot be trusted: ${partner.problem.message}`;
  // Another product in the same enclosure is of another play; what it should run is not known here.
  if (whyNotSelected({ ...match, identity: null, proof: [] }, partner, firmware.product) !== null)
    return null;
  const meaning = meaningOf(verify, partner.revision);
  const known = [...match.revision, verify.revision];
  if (known.includes('*') || known.includes(partner.revision) || known.includes(meaning)) return null;
  return `runs "${partner.revision}", which the playbook does not know`;
}
