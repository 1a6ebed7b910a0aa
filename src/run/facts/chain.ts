import type { ResolvedMatch, ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from './inspect.ts';
import { whyNotSelected } from './match.ts';
import { meaningOf } from './revision.ts';
import { asSeenBy, subenclosureOf } from './subenclosure.ts';

/** Plays that come after this one: by their own `after`, or by that of a play between. In the order of the playbook. */
function laterPlays(play: ResolvedPlay, plays: readonly ResolvedPlay[]): ResolvedPlay[] {
  const names = new Set([play.name]);
  return plays.filter(({ name, after }) => {
    if (after === null || !names.has(after)) return false;
    names.add(name);
    return true;
  });
}

/** Does the play select the unit, as it is or as the code of this play and of those after it makes it look? null: yes. */
export function whyNotOf(
  play: ResolvedPlay,
  plays: readonly ResolvedPlay[],
  unit: DeviceFacts,
): string | null {
  const chain = [play, ...laterPlays(play, plays)];
  return whyNotSelected(play.match, unit, {
    vendors: chain.flatMap(({ firmware }) => firmware.vendor ?? []),
    products: chain.flatMap(({ firmware }) => firmware.product ?? []),
  });
}

/**
 * Why a unit does not need this play: it is at the target of a later one, or where a later one starts from. null: it may need
 * it. In a fleet of mixed revisions each unit begins where it stands, and none goes back.
 */
export function pastPlay(
  play: ResolvedPlay,
  plays: readonly ResolvedPlay[],
  unit: DeviceFacts,
): string | null {
  const own = subenclosureOf(play);
  for (const later of laterPlays(play, plays)) {
    if (subenclosureOf(later) !== own || whyNotOf(later, plays, unit) !== null) continue;
    const shown = asSeenBy(later, unit)?.revision;
    if (shown === undefined) continue;
    const meaning = meaningOf(later.verify, shown);
    if (meaning === later.verify.revision && !later.verify.unchanged) {
      return `runs ${meaning} already, to which play "${later.name}" leads`;
    }
    if (!lists(play.match, shown, meaning) && lists(later.match, shown, meaning)) {
      return `runs ${meaning}, from which play "${later.name}" goes on`;
    }
  }
  return null;
}

/** By name: `*` lists nothing. */
const lists = ({ revision }: ResolvedMatch, shown: string, meaning: string): boolean =>
  revision.includes(shown) || revision.includes(meaning);

/** The unit as this play leaves it, when all goes well. */
export function leftBy(play: ResolvedPlay, unit: DeviceFacts): DeviceFacts {
  const { verify, firmware } = play;
  const id = subenclosureOf(play);
  const shows = Object.entries(verify.aliases).find(([, means]) => means === verify.revision)?.[0];
  const change = <Shown extends { readonly product: string; readonly revision: string }>(
    before: Shown,
  ): Shown => ({
    ...before,
    product: firmware.product ?? before.product,
    revision: verify.unchanged ? before.revision : (shows ?? verify.revision),
  });
  if (id === 0) return { ...change(unit), vendor: firmware.vendor ?? unit.vendor };
  const enclosures = unit.enclosures?.map((entry) => (entry.subenclosureId === id ? change(entry) : entry));
  return { ...unit, enclosures: enclosures ?? null };
}
