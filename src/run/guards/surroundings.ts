import type { Clock } from '../../base/clock.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { FoundBefore } from '../facts/found-before.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { adapterOf, Topologies, scsiTargetOf } from '../facts/unit-topology.ts';
import type { DriveBehind } from '../facts/unit-topology.ts';
import { whyOutage } from './outage.ts';
import { partnersOutOfStep, partnersUnwell } from './partner-probe.ts';
import { askPaths } from './path-probe.ts';
import type { PathAnswer } from './path-probe.ts';
import type { PlannedUnit } from './world.ts';

/** Everything that is attached, and where, at one time. */
interface HostSurvey {
  readonly atMs: number;
  readonly attached: readonly AttachedDevice[];
  readonly topologies: Topologies;
}

const REUSE_MS = 1000;
/** After a survey comes a rest of so many times its length: surveys take a fifth of the time at most. */
const REST = 4;
const MOST_REST_MS = 1000;
const OPEN_READS = 4;
const OPEN_PAUSE_MS = 1000;

/**
 * Surveys the host: once for all of a hundred units that ask within a second, never twice at a time, and with rests between, so
 * that a thousand units that come back one by one do not spend the run on it.
 */
export class HostSurveys {
  #last: { readonly atMs: number; readonly survey: Promise<HostSurvey> } | null = null;
  #next: Promise<HostSurvey> | null = null;
  #restsUntilMs = 0;

  constructor(
    readonly host: Host,
    readonly clock: Clock,
  ) {}

  /** @param afterMs the survey must have been begun later than this */
  take(afterMs = -Infinity): Promise<HostSurvey> {
    const nowMs = this.clock.nowMs();
    if (this.#last !== null && this.#last.atMs > afterMs && nowMs - this.#last.atMs < REUSE_MS) {
      return this.#last.survey;
    }
    this.#next ??= this.#begin();
    return this.#next;
  }

  async #begin(): Promise<HostSurvey> {
    await this.#last?.survey.catch(() => null);
    const restMs = this.#restsUntilMs - this.clock.nowMs();
    if (restMs > 0) await this.clock.sleep(restMs);
    this.#next = null;
    const atMs = this.clock.nowMs();
    const survey = this.#survey(atMs);
    this.#last = { atMs, survey };
    survey.catch(() => (this.#last = null));
    return survey;
  }

  async #survey(atMs: number): Promise<HostSurvey> {
    const attached = await this.host.discover();
    const topologies = new Topologies(attached, await this.host.survey());
    const endMs = this.clock.nowMs();
    this.#restsUntilMs = endMs + Math.min(REST * (endMs - atMs), MOST_REST_MS);
    return { atMs, attached, topologies };
  }
}

/** What surrounds a unit: asked for before its first byte, and again before it is called updated. */
export class UnitSurroundings {
  #found: FoundPaths = NO_PATHS;
  /** Its paths at `begin`. */
  #own: readonly AttachedDevice[] = [];
  #verifyingSinceMs: number | null = null;

  constructor(
    private readonly surveys: HostSurveys,
    private readonly unit: PlannedUnit,
    private readonly playbook: Pick<ResolvedPlaybook, 'plays' | 'strategy'>,
    /** The other modules of its enclosure. */
    private readonly partners: readonly DeviceFacts[] = [],
  ) {}

  /**
   * Since the plan was made a path may have gone, a pool have come, a partner have failed. Remembers the paths of now. null: it
   * may begin.
   */
  async begin(): Promise<Refusal | null> {
    const { attached, topologies, own } = await this.#survey();
    const topology = topologies.of(own);
    this.#own = own;
    this.#found = { paths: pathsOf(own, topology.drives), answering: [] };
    const whyNot = whyOutage(topology, this.playbook.strategy);
    if (whyNot !== null) {
      return whyNot;
    }
    const { host, clock } = this.surveys;
    const open = this.playbook.strategy.inUse === 'refuse' ? await this.#openElsewhere(attached, own) : [];
    if (open.length > 0) return refusal('in-use', { users: open.join(', ') });
    return partnersUnwell(this.unit, this.partners, { host, clock, playbook: this.playbook });
  }

  /**
   * Where the unit is now: what restarted before it may have changed its node, or taken the path that was planned. null: it is
   * nowhere.
   */
  async path(): Promise<AttachedDevice | null> {
    const { own } = await this.#survey();
    const planned = this.unit.facts.paths[0]!;
    const open = own.filter(({ sgNode }) => sgNode !== null);
    return open.find(({ hctl }) => hctl === planned.hctl) ?? open[0] ?? null;
  }

  /**
   * Right before the first byte: over which further paths the unit answers, for sysfs shows a path that died as it shows any other. One
   * that gives no answer now need not give one afterwards. null: no other unit answers there.
   */
  async askPaths(unit: UnitOnPath, onNotice: (message: string) => void): Promise<Refusal | null> {
    const others = this.#comparesPaths ? further(this.#own, unit.over) : [];
    if (others.length === 0) return null;
    const answers = await askPaths(others, unit.identity, this.surveys);
    const another = answers.find(isAnother);
    if (another !== undefined) return another.why;
    const silent = answers.filter(isSilent);
    for (const { what } of silent) onNotice(`${what}; this path need not answer afterwards`);
    for (const { what } of answers.filter(isUnknown))
      onNotice(`${what}; this path has to be there afterwards, and need not answer`);
    this.#found = {
      paths: without(
        this.#found.paths,
        silent.map(({ path }) => nameOf(path)),
      ),
      answering: [unit.over, ...answers.filter(isAnswering).map(({ path }) => path)].map(nameOf),
    };
    return null;
  }

  /** What a later look has to find again: paths that are there, those that answer, and partners that go along. */
  get found(): FoundBefore {
    const { paths, answering } = this.#comparesPaths ? this.#found : NO_PATHS;
    const { partnerSync: sync } = this.playbook.strategy;
    const partners = sync === 'none' ? [] : this.partners.map(({ id }) => id);
    return {
      paths,
      ...(answering.length > 1 && { answering }),
      ...(partners.length > 0 && { inStep: { sync, partners } }),
    };
  }

  get #comparesPaths(): boolean {
    return this.unit.play.verify.paths === 'same';
  }

  /**
   * What is not as it should be around a unit that runs the target; null: nothing. Asked until it is, or time is over.
   *
   * @param unit what it shows now, and over which path
   */
  async missing(unit: UnitOnPath): Promise<Refusal | null> {
    const paths = this.#comparesPaths ? await this.#missingPaths(unit) : null;
    const { partnerSync } = this.playbook.strategy;
    if (paths !== null || partnerSync === 'none') return paths;
    const { host, clock } = this.surveys;
    return partnersOutOfStep(this.unit, this.partners, { host, clock, partnerSync });
  }

  /** Paths to the unit, or to drives behind it, that have not come back. */
  async #missingPaths(unit: UnitOnPath): Promise<Refusal | null> {
    if (this.#found.paths.length === 0) return null;
    this.#verifyingSinceMs ??= this.surveys.clock.nowMs();
    return whyNotAsBefore(this.#found, await this.#survey(this.#verifyingSinceMs), unit, this.surveys);
  }

  /**
   * Who has a logical unit of the same target open: all of them go with its reset. Its own sg node is opened for us alone. Daemons
   * that look have a node open for moments only.
   */
  async #openElsewhere(
    attached: readonly AttachedDevice[],
    own: readonly AttachedDevice[],
  ): Promise<readonly string[]> {
    const { host, clock } = this.surveys;
    const targets = new Set(own.map(scsiTargetOf));
    const ours = new Set(own.map(({ hctl }) => hctl));
    const units = attached
      .filter((device) => targets.has(scsiTargetOf(device)))
      .map((device) => (ours.has(device.hctl) ? { ...device, sgNode: null } : device));
    for (let left = OPEN_READS; ; left--) {
      const open = await host.openElsewhere(units);
      if (open.length === 0 || left === 1) return open;
      await clock.sleep(OPEN_PAUSE_MS);
    }
  }

  #survey(afterMs?: number): Promise<OwnSurvey> {
    return surveyOf(this.surveys, this.unit.facts, afterMs);
  }
}

/** What is attached, and which of it is the unit. */
type OwnSurvey = Pick<HostSurvey, 'attached' | 'topologies'> & { readonly own: readonly AttachedDevice[] };

async function surveyOf(surveys: HostSurveys, facts: KnownUnit, afterMs?: number): Promise<OwnSurvey> {
  const { attached, topologies } = await surveys.take(afterMs);
  const { paths: known, deviceType } = facts;
  const names = new Set(known.flatMap(({ wwid }) => (wwid === null ? [] : [wwid])));
  const hctls = new Set(known.map(({ hctl }) => hctl));
  const isOwn = ({ wwid, hctl }: AttachedDevice): boolean =>
    names.size > 0 ? wwid !== null && names.has(wwid) : hctls.has(hctl);
  return {
    attached,
    topologies,
    own: attached.filter((device) => device.deviceType === deviceType && isOwn(device)),
  };
}

type KnownUnit = Pick<DeviceFacts, 'paths' | 'deviceType'>;

/** A unit as it answers now, and the path over which it does. */
export interface UnitOnPath {
  readonly identity: UnitIdentity;
  readonly over: AttachedDevice;
}

/** {@link FoundBefore}, where somebody wants to know. */
type FoundPaths = Required<Pick<FoundBefore, 'paths' | 'answering'>>;

const NO_PATHS: FoundPaths = { paths: [], answering: [] };

/**
 * Paths of a unit, or to drives behind it, that an earlier run found and that are not there now, or over which the unit does not answer
 * any more; null: all are as before.
 *
 * @param unit null: the unit itself does not answer, and its further paths are not asked
 */
export async function pathsMissingNow(
  { paths, answering = [] }: Pick<FoundBefore, 'answering'> & Pick<FoundPaths, 'paths'>,
  surveys: HostSurveys,
  facts: KnownUnit,
  unit: UnitOnPath | null,
): Promise<Refusal | null> {
  return whyNotAsBefore({ paths, answering }, await surveyOf(surveys, facts), unit, surveys);
}

async function whyNotAsBefore(
  before: FoundPaths,
  { own, topologies }: OwnSurvey,
  unit: UnitOnPath | null,
  around: HostSurveys,
): Promise<Refusal | null> {
  const gone = without(before.paths, pathsOf(own, topologies.of(own).drives));
  const wanted = unit === null ? [] : without(before.answering, [nameOf(unit.over)]);
  const asked =
    unit === null
      ? []
      : await askPaths(
          further(own, unit.over).filter((path) => wanted.includes(nameOf(path))),
          unit.identity,
          around,
        );
  const another = asked.find(isAnother);
  if (another !== undefined) return another.why;
  const names = asked.filter(isAnswering).map(({ path }) => nameOf(path));
  const mute = without(without(wanted, names), gone);
  const [silent, unknown] = [isSilent, isUnknown].map((is) => asked.filter(is)) as [Mute[], Mute[]];
  // Where nothing is known of a path, it was not there to be asked.
  const away = without(
    mute,
    [...silent, ...unknown].map(({ path }) => nameOf(path)),
  );
  const missing = [
    ...counted([...gone, ...away], 'did not come back'),
    ...counted(taken(mute, silent), (one) => (one ? 'does not answer any more' : 'do not answer any more')),
  ];
  if (missing.length > 0) {
    const { cdb = null, sense = null } = silent[0]?.why ?? {};
    return refusal('paths-missing', { what: missing.join('; ') }, { cdb, sense });
  }
  const [unread] = counted(taken(mute, unknown), 'cannot be asked any more');
  const { cdb = null, sense = null } = unknown[0]?.why ?? {};
  return unread === undefined ? null : refusal('paths-unreadable', { what: unread }, { cdb, sense });
}

/** What was seen of the paths of these names, as far as there are names. */
function taken(names: readonly string[], answers: readonly Mute[]): string[] {
  const left = [...names];
  return answers.flatMap(({ path, what }) => {
    const name = nameOf(path);
    const at = left.indexOf(name);
    if (at < 0) return [];
    left.splice(at, 1);
    return [`${name} (${what})`];
  });
}

/** No answer of this unit. */
type Mute = Exclude<PathAnswer, { readonly kind: 'answers' }>;

const isAnswering = ({ kind }: PathAnswer): boolean => kind === 'answers';
const isAnother = (answer: PathAnswer): answer is Mute => answer.kind === 'another';
const isSilent = (answer: PathAnswer): answer is Mute => answer.kind === 'silent';
const isUnknown = (answer: PathAnswer): answer is Mute => answer.kind === 'unknown';

/** All but the one that the unit is open on: its node is open for us alone. */
const further = (own: readonly AttachedDevice[], over: AttachedDevice): AttachedDevice[] =>
  own.filter(({ hctl, sgNode }) => hctl !== over.hctl && sgNode !== over.sgNode);

/** Each of the second list takes one of the first away. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return names.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const MOST_NAMED = 4;

/** `2 paths did not come back: …`; empty: there are none. */
function counted(paths: readonly string[], what: string | ((isOne: boolean) => string)): string[] {
  if (paths.length === 0) return [];
  const isOne = paths.length === 1;
  const named = paths.slice(0, MOST_NAMED).join(', ');
  const more = paths.length > MOST_NAMED ? `, and ${paths.length - MOST_NAMED} more` : '';
  const verb = typeof what === 'string' ? what : what(isOne);
  return [`${isOne ? 'a path' : `${paths.length} paths`} ${verb}: ${named}${more}`];
}

/** One line for each running path. */
function pathsOf(own: readonly AttachedDevice[], drives: readonly DriveBehind[]): string[] {
  const toDrives = drives.flatMap(({ id, paths }) =>
    paths
      .filter(({ running, through }) => running && through)
      .map((path) => `drive ${id} on adapter ${adapterOf(path)}`),
  );
  return [...own.map(nameOf), ...toDrives];
}

/** Of a path to the unit: target numbers may change over a restart, so the adapter names it. */
const nameOf = (path: AttachedDevice): string => `the unit itself on adapter ${adapterOf(path)}`;
