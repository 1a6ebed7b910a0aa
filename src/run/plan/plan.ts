import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { ExitName } from '../facts/outcome.ts';
import { leftBy, whyNotOf } from '../facts/chain.ts';
import { sharersAmong } from '../facts/domains.ts';
import { absentUnits } from './absent.ts';
import { decide } from './decide.ts';
import { canariesFor, isUnproven } from './canaries.ts';
import { because, stoppedBy } from './decision.ts';
import type { Decision } from './decision.ts';
import { unitKey } from './unit-counts.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { earlierWorkOn, settlesInterrupted } from '../records/earlier-work.ts';
import { isNamed } from '../facts/device-name.ts';
import type { DeviceName } from '../facts/device-name.ts';
import { whyNotSelected } from '../facts/match.ts';
import {
  rememberedAfterUpdate,
  rememberedAfterVerdict,
  NO_MEMORY,
  rememberedOf,
} from '../records/remembered-units.ts';
import type { RememberedUnits } from '../records/remembered-units.ts';
import { rememberSharing } from '../records/memory.ts';
import type { HostMemory } from '../records/memory.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** Why a whole play may not begin. */
export interface PlayRefusal {
  /** Empty: it is not about one play. */
  readonly play: string;
  /** Id of the unit that is refused; null: it is not about one unit. */
  readonly unit: string | null;
  readonly error: Refusal;
  readonly exit: Extract<ExitName, 'REFUSED' | 'NOMATCH'>;
}

/** Pure: the same playbook and the same facts give the same plan. It is what `plan` prints and `apply` obeys. */
export interface Plan {
  readonly playbook: ResolvedPlaybook;
  /** Every unit of the host, in its order; one for each play that selects a unit, in the order of the plays. */
  readonly decisions: readonly Decision[];
  /** The units to update, play by play. Only to be begun when `refusals` is empty. */
  readonly work: readonly PlannedUnit[];
  /** By name of the play: how many are to be proven before the others begin. */
  readonly canaries: ReadonlyMap<string, number>;
  readonly refusals: readonly PlayRefusal[];
  /** A unit that is refused at its last check, too, keeps the rest of its play from being begun. */
  readonly haltOnRefusal: boolean;
  /** What is remembered of units; a play that comes after another one is planned again with it. */
  readonly remembered: RememberedUnits;
  /** What was remembered when the plan was made; `remembered` leaves out what the plan itself settles. */
  readonly memory: HostMemory;
  /** A plan file that was reviewed stands behind it: what it says of later plays has to come true, too. */
  readonly reviewed: boolean;
}

export interface PlanCommandOptions {
  /** `--only`: names of units; empty: all. Others are left alone, and a refused one among them halts nothing. */
  readonly only: readonly DeviceName[];
  /** What is remembered of units; absent: nothing. */
  readonly remembered?: RememberedUnits;
}

/** What a plan refuses beside its units: counts, names that nothing has, a plan file that no longer holds. */
export const refusalsBesideUnits = ({ refusals }: Pick<Plan, 'refusals'>): PlayRefusal[] =>
  refusals.filter(({ unit }) => unit === null);

/** `play expanders: naa.…: runs "1.00", …`: what it is about, and why. */
export const refusalText = ({ play, unit, error }: PlayRefusal): string =>
  [...(play === '' ? [] : [`play ${play}`]), ...(unit === null ? [] : [unit]), error.message].join(': ');

/** `2 units are refused, so the whole run is refused`; null: none is. */
export function unitsRefused({ decisions, refusals }: Pick<Plan, 'decisions' | 'refusals'>): string | null {
  const ids = new Set(refusals.flatMap(({ unit }) => unit ?? []));
  if (ids.size === 0) return null;
  const refused = decisions.filter(({ action, facts }) => action === 'refused' && ids.has(facts.id));
  const alike = new Set(refused.map(({ facts }) => unitKey(facts))).size;
  // What a plan file holds may be refused, and not be there.
  const count = alike + [...ids].filter((id) => !refused.some(({ facts }) => facts.id === id)).length;
  const units = count === 1 ? 'one unit is refused' : `${count} units are refused`;
  return refusal('unit-refused', { units }).message;
}

/** Another run works on a unit that this plan selects (exit 11). */
export const isHeldElsewhere = ({ decisions }: Pick<Plan, 'decisions'>): boolean =>
  decisions.some(({ action, facts }) => action === 'refused' && facts.locked === true);

/** A canary of an earlier run keeps units from being begun (exit 7). */
export const isHeldByCanary = ({ decisions }: Pick<Plan, 'decisions'>): boolean =>
  decisions.some(({ action, error }) => action === 'skipped' && error?.code === 'canary-failed');

export function makePlan(
  playbook: ResolvedPlaybook,
  facts: readonly DeviceFacts[],
  { only, remembered: before = NO_MEMORY }: PlanCommandOptions = { only: [] },
): Plan {
  const remembered = { ...before, memory: rememberSharing(before.memory, facts) };
  const units = facts.map((found): Unit => ({ found, then: found, decisions: [] }));
  let work: PlannedUnit[] = [];
  const canaries = new Map<string, number>();
  const refusals: PlayRefusal[] = [];
  const haltOnRefusal = only.length === 0 && playbook.strategy.onRefusal === 'halt';
  const settled = new Set<string>();
  const sharersOf = sharersAmong(facts);
  for (const play of playbook.plays) {
    const unsettled = rememberedAfterVerdict(remembered, settled);
    const selected = units.filter((unit) => isSelected(play, playbook, unit));
    refusals.push(...countRefusals(play, selected.length));
    const all = units.map(({ then }) => then);
    const asked: Decision[] = [];
    for (const unit of selected) {
      const { decision: own, twice } = decideOn(play, unit, { playbook, all, facts, remembered: unsettled });
      asked.push(own);
      if (only.length > 0 && !only.some((name) => isNamed(unit.found, name))) {
        unit.decisions.push({ ...own, action: 'not-selected', reason: 'not named by --only' });
        continue;
      }
      const sharers = sharersOf(unit.found);
      const decision = sharedWith(own, sharers, work, play);
      unit.decisions.push(decision);
      const { id } = unit.found;
      // Two plays on one unit are a mistake of the playbook, which `on-refusal` and `--only` do not excuse.
      if (decision.action === 'refused' && decision.error !== undefined && (twice || haltOnRefusal)) {
        refusals.push({ play: play.name, unit: id, error: decision.error, exit: 'REFUSED' });
      }
      if (decision.action === 'update') {
        const { facts, again, without, writtenWith } = decision;
        const earlier = earlierWorkOn(rememberedOf(unsettled, unit.found), play, unsettled);
        work.push({
          facts,
          play,
          earlier,
          ...(again && { again }),
          ...(isUnproven(play, id, unsettled) && { unproven: true }),
          ...(without && { without }),
          ...(writtenWith && { writtenWith }),
          sharers,
        });
      }
    }
    const { left, held } = canariesFor(play, asked, playbook.strategy, unsettled);
    canaries.set(play.name, left);
    if (held !== null) {
      for (const { found, decisions } of selected) {
        const decision = decisions.at(-1)!;
        if (!isMoving([decision]) || isUnproven(play, found.id, unsettled)) continue;
        decisions[decisions.length - 1] = {
          facts: decision.facts,
          play: play.name,
          ...because('skipped', held),
        };
        work = work.filter(({ facts, play: by }) => by !== play || facts.id !== found.id);
      }
    }
    // Only now: within one play a unit sees the others as they are.
    for (const unit of selected) {
      const decision = unit.decisions.at(-1)!;
      if (isMoving([decision])) unit.then = leftBy(play, unit.then);
      const { interrupted } = rememberedOf(remembered, unit.found);
      if (interrupted !== null && settlesInterrupted(decision, play, interrupted)) settled.add(unit.found.id);
    }
  }
  refusals.push(...onlyRefusals(only, units), ...recoverRefusals(remembered.recover, facts));
  const selectedIds = new Set(
    units.flatMap(({ found, decisions }) => (decisions.length > 0 ? [found.id] : [])),
  );
  const absent = absentUnits(
    playbook.plays,
    { there: facts, isSelected: (id) => selectedIds.has(id) },
    remembered.memory,
  ).filter((decision) => only.length === 0 || only.some((name) => isNamed(decision.facts, name)));
  const told = new Set(absent.map(({ facts: { id } }) => id));
  return {
    playbook,
    decisions: [
      ...units.flatMap(({ found, decisions }) => {
        if (decisions.length > 0) return decisions;
        return told.has(found.id) ? [] : [notSelected(playbook, found)];
      }),
      ...absent,
    ],
    work,
    canaries,
    refusals,
    haltOnRefusal,
    remembered: rememberedAfterVerdict(remembered, settled),
    memory: remembered.memory,
    reviewed: false,
  };
}

interface Unit {
  readonly found: DeviceFacts;
  /** As the plays before this one leave it, when all goes well. */
  then: DeviceFacts;
  readonly decisions: Decision[];
}

/** A play `after` another one takes the units of that one, as it is going to leave them. */
function isSelected(
  play: ResolvedPlay,
  { plays }: ResolvedPlaybook,
  { found, then, decisions }: Unit,
): boolean {
  if (play.after === null) return whyNotOf(play, plays, found) === null;
  if (!decisions.some((earlier) => earlier.play === play.after)) return false;
  // What a proof looks at may change with the code: it is asked at the fresh read.
  const { match } = play;
  return (
    whyNotOf(isMoving(decisions) ? { ...play, match: { ...match, proof: [] } } : play, plays, then) === null
  );
}

/** One of the logical units that share their microcode is written; the others are looked at afterwards. */
function sharedWith(
  decision: Decision,
  sharers: readonly DeviceFacts[],
  work: readonly PlannedUnit[],
  play: ResolvedPlay,
): Decision {
  if (decision.action !== 'update' || sharers.length === 0) return decision;
  const ids = new Set(sharers.map(({ id }) => id));
  const written = work.find(
    (other) => other.play === play && other.writtenWith === undefined && ids.has(other.facts.id),
  );
  if (written === undefined) return decision;
  const { id } = written.facts;
  return {
    ...decision,
    writtenWith: id,
    reason: `${decision.reason}, by the microcode of ${id}, which is its own, too: only looked at afterwards`,
  };
}

/** An earlier play is going to change the unit. */
const isMoving = (decisions: readonly Decision[]): boolean =>
  decisions.some(({ action }) => action === 'update' || action === 'follows');

function decideOn(
  play: ResolvedPlay,
  { found, then, decisions }: Unit,
  {
    playbook,
    all,
    facts,
    remembered,
  }: {
    readonly playbook: ResolvedPlaybook;
    readonly all: readonly DeviceFacts[];
    readonly facts: readonly DeviceFacts[];
    readonly remembered: RememberedUnits;
  },
): { readonly decision: Decision; readonly twice: boolean } {
  const [first] = decisions;
  if (play.after === null) {
    if (first === undefined)
      return { decision: decide(play, found, { playbook, all: facts, remembered }), twice: false };
    const why = refusal('selected-twice', { play: first.play ?? '' });
    return { decision: { facts: found, play: play.name, ...because('refused', why) }, twice: true };
  }
  const stopped = stoppedBy(decisions);
  if (stopped !== null) return { decision: { facts: then, play: play.name, ...stopped }, twice: false };
  if (!isMoving(decisions))
    return { decision: decide(play, then, { playbook, all, remembered }), twice: false };
  const later = decide(play, then, {
    playbook,
    all,
    remembered: rememberedAfterUpdate(remembered, new Set([found.id])),
  });
  if (later.action !== 'update') return { decision: later, twice: false };
  const reason = `${later.reason}, after play "${play.after}", from a fresh read`;
  return { decision: { ...later, action: 'follows', reason }, twice: false };
}

function onlyRefusals(only: readonly DeviceName[], units: readonly Unit[]): PlayRefusal[] {
  return only.flatMap((name): PlayRefusal[] => {
    const named = units.filter(({ found }) => isNamed(found, name));
    if (named.some(({ decisions }) => decisions.length > 0)) return [];
    const error = refusal(named.length > 0 ? 'only-not-selected' : 'only-unknown', { name: name.text });
    return [{ play: '', unit: null, error, exit: 'NOMATCH' }];
  });
}

/** A name that is mistyped must not turn a recovery of one unit into an upgrade of the others. */
function recoverRefusals(recover: readonly DeviceName[], facts: readonly DeviceFacts[]): PlayRefusal[] {
  return recover
    .filter((name) => !facts.some((found) => isNamed(found, name)))
    .map(({ text }) => ({
      play: '',
      unit: null,
      error: refusal('recover-unknown', { name: text }),
      exit: 'NOMATCH' as const,
    }));
}

/** `expect` counts what a play selects, the units that are current already included. */
function countRefusals(
  { name, expect: { min, max }, match, after }: ResolvedPlay,
  count: number,
): PlayRefusal[] {
  if (count >= min && (max === null || count <= max)) return [];
  if (count === 0) {
    const where = after === null ? 'on this host' : `among the units of play "${after}"`;
    const { type, vendor, product } = match;
    const error = refusal('nothing-matches', { type, vendor, product, where });
    return [{ play: name, unit: null, error, exit: 'NOMATCH' }];
  }
  const wanted = max === null ? `at least ${min}` : min === max ? `${min}` : `${min} to ${max}`;
  const error = refusal('expect-differs', { wanted, count });
  return [{ play: name, unit: null, error, exit: 'REFUSED' }];
}

function notSelected({ plays }: ResolvedPlaybook, facts: DeviceFacts): Decision {
  // The reason of the play that came nearest: the one of the unit's own type, else the first.
  const nearest = plays.find(({ match }) => match.deviceType === facts.deviceType) ?? plays[0];
  const why = nearest === undefined ? 'no play' : whyNotSelected(nearest.match, facts);
  const later = plays.find(({ match, after }) => after !== null && whyNotSelected(match, facts) === null);
  const reason =
    later === undefined
      ? (why ?? '')
      : `play "${later.name}" comes after play "${later.after}", which does not select it`;
  return { facts, play: null, action: 'not-selected', reason };
}
