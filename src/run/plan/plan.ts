import type { ResolvedPlay, ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { DeviceFacts } from './inspect.ts';
import { isNamed, whyNotSelected } from './match.ts';
import type { ExitName, PendingEvent } from '../outcome.ts';
import { deadRunObstacle, leftOn } from './left-behind.ts';
import type { Left, LeftBehind } from './left-behind.ts';
import { storeBlock } from '../store/questions.ts';
import type { UnitRecord } from '../store/record.ts';
import { partnerProblem } from './partners.ts';
import { UNKNOWN_PLACE } from './place.ts';
import type { UnitPlace } from './place.ts';
import { outageObstacle } from './redundancy.ts';
import { wayObstacle } from './way.ts';
import { meaningOf, revisionText } from './revision.ts';
import { asSeenBy, subenclosureMissing } from './subenclosure.ts';

/** `pending`: written by an earlier run, and waits for its event; nothing is done. */
export type PlanAction = 'update' | 'current' | 'pending' | 'refused' | 'not-selected';

/** What is going to happen to one unit of the host, and why. */
export interface Decision {
  readonly facts: DeviceFacts;
  /** null: no play selects it. */
  readonly play: string | null;
  readonly action: PlanAction;
  readonly reason: string;
  /** What a pending unit waits for. */
  readonly pending?: readonly PendingEvent[];
}

export interface PlannedUnit {
  readonly facts: DeviceFacts;
  readonly play: ResolvedPlay;
  /** What an earlier run left on it; null, or absent: nothing that is known. */
  readonly left?: Left | null;
}

/** Why a whole play may not begin. */
export interface PlayRefusal {
  readonly play: string;
  readonly reason: string;
  readonly exit: Extract<ExitName, 'REFUSED' | 'NOMATCH'>;
}

/** Pure: the same playbook and the same facts give the same plan. It is what `plan` prints and `apply` obeys. */
export interface Plan {
  readonly playbook: ResolvedPlaybook;
  /** Every unit of the host, in its order. */
  readonly decisions: readonly Decision[];
  /** The units to update, play by play. Only to be begun when `refusals` is empty. */
  readonly work: readonly PlannedUnit[];
  readonly refusals: readonly PlayRefusal[];
  /** A unit that is refused at its last check, too, keeps the rest of its play from being begun. */
  readonly haltOnRefusal: boolean;
  /** What runs that died left behind, on whatever units. */
  readonly leftBehind: LeftBehind;
}

export interface PlanOptions {
  /** `--only`: names of units; empty: all. Others are left alone, and a refused one among them halts nothing. */
  readonly only: readonly string[];
  /** What is remembered of units; absent: nothing. */
  readonly known?: KnownUnits;
}

export interface KnownUnits {
  /** By id. */
  readonly records: ReadonlyMap<string, UnitRecord>;
  /** Of the host now. */
  readonly bootId: string | null;
  /** `--retry` */
  readonly retry: boolean;
  /** `--recover`: names of units. */
  readonly recover: readonly string[];
  /** What runs that died left behind; absent: nothing. */
  readonly leftBehind?: LeftBehind;
}

const NOTHING_LEFT: LeftBehind = { dead: new Map(), takeOver: false };
const NOTHING_KNOWN: KnownUnits = { records: new Map(), bootId: null, retry: false, recover: [] };

export function makePlan(
  playbook: ResolvedPlaybook,
  facts: readonly DeviceFacts[],
  { only, known = NOTHING_KNOWN }: PlanOptions = { only: [] },
): Plan {
  const decisions = new Map<DeviceFacts, Decision>();
  const work: PlannedUnit[] = [];
  const refusals: PlayRefusal[] = [];
  const { leftBehind = NOTHING_LEFT } = known;
  const haltOnRefusal = only.length === 0 && playbook.strategy.onRefusal === 'halt';
  for (const play of playbook.plays) {
    const selected = facts.filter((unit) => whyNotSelected(play.match, unit, play.firmware.product) === null);
    refusals.push(...countRefusals(play, selected));
    for (const unit of selected) {
      const earlier = decisions.get(unit);
      const decision = decide(play, unit, earlier, facts, playbook, known);
      const left = only.length > 0 && !only.some((name) => isNamed(unit, name));
      decisions.set(
        unit,
        left ? { ...decision, action: 'not-selected', reason: 'not named by --only' } : decision,
      );
      if (left) continue;
      // Two plays on one unit are a mistake of the playbook, which `on-refusal` and `--only` do not excuse.
      const twice = earlier !== undefined;
      if (twice)
        refusals.push({ play: play.name, reason: `${unit.id}: ${decision.reason}`, exit: 'REFUSED' });
      if (decision.action === 'update') {
        work.push({ facts: decision.facts, play, left: leftOn(unit.id, play, leftBehind) });
      }
      if (decision.action === 'refused' && !twice && haltOnRefusal) {
        refusals.push({ play: play.name, reason: `${unit.id}: ${decision.reason}`, exit: 'REFUSED' });
      }
    }
  }
  for (const name of only) {
    if (facts.some((unit) => isNamed(unit, name) && decisions.has(unit))) continue;
    const there = facts.some((unit) => isNamed(unit, name));
    const reason = there
      ? `--only ${name}: no play selects this unit`
      : `--only ${name}: there is no such device`;
    refusals.push({ play: '', reason, exit: 'NOMATCH' });
  }
  return {
    playbook,
    decisions: facts.map((unit) => decisions.get(unit) ?? notSelected(playbook, unit)),
    work,
    refusals,
    haltOnRefusal,
    leftBehind,
  };
}

/** `expect` counts what a play selects, the units that are current already included. */
function countRefusals(play: ResolvedPlay, selected: readonly DeviceFacts[]): PlayRefusal[] {
  const { min, max } = play.expect;
  const count = selected.length;
  if (count >= min && (max === null || count <= max)) return [];
  const { type, vendor, product } = play.match;
  if (count === 0) {
    const reason = `nothing matches: no ${type} with vendor "${vendor}" and product "${product}" on this host`;
    return [{ play: play.name, reason, exit: 'NOMATCH' }];
  }
  const wanted = max === null ? `at least ${min}` : min === max ? `${min}` : `${min} to ${max}`;
  return [
    {
      play: play.name,
      reason: `the playbook expects ${wanted} such units, the host has ${count}`,
      exit: 'REFUSED',
    },
  ];
}

function decide(
  play: ResolvedPlay,
  found: DeviceFacts,
  earlier: Decision | undefined,
  all: readonly DeviceFacts[],
  playbook: ResolvedPlaybook,
  { records, bootId, retry, recover, leftBehind = NOTHING_LEFT }: KnownUnits,
): Decision {
  const unit = asSeenBy(play, found) ?? found;
  const decision = (action: PlanAction, reason: string): Decision => ({
    facts: unit,
    play: play.name,
    action,
    reason,
  });
  const target = play.verify.revision;
  if (earlier !== undefined) return decision('refused', `play "${earlier.play}" selects this unit too`);
  if (unit.problem !== null) return decision('refused', `${unit.problem.message}. ${unit.problem.next}`);
  if (unit.identity?.logicalUnit == null && play.match.identity === null) {
    return decision(
      'refused',
      'has no usable identity (no NAA or EUI-64 in VPD page 83h); name it in match.identity',
    );
  }
  const twin = all.find((other) => other !== found && mayBeOneUnit(other, unit));
  if (twin !== undefined) {
    const nodes = [unit, twin].map(({ paths }) => paths[0]!.sgNode ?? paths[0]!.hctl);
    return decision('refused', `${nodes.join(' and ')} share ${unit.id} and may be one unit over two paths`);
  }
  if (asSeenBy(play, found) === null) {
    const { message, next } = subenclosureMissing(play);
    return decision('refused', `${message}. ${next}`);
  }
  const runs = revisionText(play.verify, unit.revision);
  const meaning = meaningOf(play.verify, unit.revision);
  if (meaning === target && !play.verify.unchanged) return decision('current', `runs ${runs} already`);
  const recovering = recover.some((name) => isNamed(unit, name));
  const block = storeBlock(records.get(unit.id), {
    revision: unit.revision,
    imageSha256: play.download.length === 0 ? null : play.firmware.sha256,
    bootId,
    retry,
    recover: recovering,
  });
  if (block !== null) {
    const text = `${block.reason}. ${block.next}`;
    const events = records.get(unit.id)?.pending ?? [];
    return block.kind === 'pending'
      ? { ...decision('pending', text), pending: events }
      : decision('refused', text);
  }
  const { revision } = play.match;
  if (
    !recovering &&
    !revision.includes('*') &&
    !revision.includes(unit.revision) &&
    !revision.includes(meaning)
  ) {
    const listed = revision.map((word) => `"${word}"`).join(', ');
    return decision('refused', `runs "${unit.revision}", which match.revision (${listed}) does not list`);
  }
  const obstacle =
    (recovering ? null : deadRunObstacle(unit.id, play, leftBehind)) ??
    wayObstacle(play, unit) ??
    partnerProblem(unit, all, play, playbook.strategy) ??
    outageObstacle(unit.place, playbook.strategy) ??
    stepObstacle(play, unit, all, playbook);
  if (obstacle !== null) return decision('refused', obstacle);
  return decision('update', `${runs} → ${target}`);
}

/** `rescan` and `reload-driver` take block devices away from whoever uses them. */
function stepObstacle(
  play: ResolvedPlay,
  unit: DeviceFacts,
  all: readonly DeviceFacts[],
  { strategy }: ResolvedPlaybook,
): string | null {
  for (const step of play.activate) {
    if (step.step !== 'rescan' && step.step !== 'reload-driver') continue;
    const removed =
      step.step === 'rescan'
        ? [unit]
        : all.filter(({ paths }) => paths.some(({ hbaDriver }) => hbaDriver === step.driver));
    for (const { paths, place } of removed) {
      const block = paths.find(({ blockNode }) => blockNode !== null)?.blockNode;
      if (block == null) continue;
      const use = place === UNKNOWN_PLACE ? 'whether it is in use is not known' : usesOf(place);
      if (use !== null) return `the step ${step.step} would remove ${block}, and ${use}`;
    }
    if (step.step === 'rescan') continue;
    if (strategy.concurrent > 1) return 'the step reload-driver needs strategy.concurrent: 1';
  }
  return null;
}

const usesOf = ({ users }: UnitPlace): string | null =>
  users.length === 0 ? null : `it is in use (${users.join(', ')})`;

/** Without a designator of the logical unit nothing merges two paths; an equal id is reason enough not to write over both. */
function mayBeOneUnit(a: DeviceFacts, b: DeviceFacts): boolean {
  return a.identity?.logicalUnit === null && b.identity?.logicalUnit === null && a.id === b.id;
}

function notSelected({ plays }: ResolvedPlaybook, facts: DeviceFacts): Decision {
  // The reason of the play that came nearest: the one of the unit's own type, else the first.
  const nearest = plays.find(({ match }) => match.deviceType === facts.deviceType) ?? plays[0];
  const reason = nearest === undefined ? 'no play' : (whyNotSelected(nearest.match, facts) ?? '');
  return { facts, play: null, action: 'not-selected', reason };
}
