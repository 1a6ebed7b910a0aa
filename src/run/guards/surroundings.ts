import type { Clock } from '../../base/clock.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { adapterOf, Topologies, scsiTargetOf } from '../facts/unit-topology.ts';
import type { DriveBehind } from '../facts/unit-topology.ts';
import { whyOutage } from './outage.ts';
import { partnersOutOfStep, partnersUnwell } from './partner-probe.ts';
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
  #before: readonly string[] = [];
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
    const { attached, topologies, own } = await this.#own();
    const topology = topologies.of(own);
    this.#before = pathsOf(own, topology.drives);
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
    const { own } = await this.#own();
    const planned = this.unit.facts.paths[0]!;
    const open = own.filter(({ sgNode }) => sgNode !== null);
    return open.find(({ hctl }) => hctl === planned.hctl) ?? open[0] ?? null;
  }

  /** The paths that have to come back: those at `begin`. */
  get wantedPaths(): readonly string[] {
    return this.unit.play.verify.paths === 'same' ? this.#before : [];
  }

  /** What is not as it should be around a unit that runs the target; null: nothing. Asked until it is, or time is over. */
  async missing(): Promise<Refusal | null> {
    const paths = this.unit.play.verify.paths === 'same' ? await this.#missingPaths() : null;
    const { partnerSync } = this.playbook.strategy;
    if (paths !== null || partnerSync === 'none') return paths;
    const { host, clock } = this.surveys;
    return partnersOutOfStep(this.unit, this.partners, { host, clock, partnerSync });
  }

  /** Paths to the unit, or to drives behind it, that have not come back. */
  async #missingPaths(): Promise<Refusal | null> {
    if (this.#before.length === 0) return null;
    this.#verifyingSinceMs ??= this.surveys.clock.nowMs();
    const { topologies, own } = await this.#own(this.#verifyingSinceMs);
    return missingPaths(this.#before, pathsOf(own, topologies.of(own).drives));
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

  #own(afterMs?: number): Promise<OwnSurvey> {
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

/** Paths of a unit, or to drives behind it, that an earlier run found and that are not there now; null: all are. */
export async function pathsMissingNow(
  before: readonly string[],
  surveys: HostSurveys,
  facts: KnownUnit,
): Promise<Refusal | null> {
  const { topologies, own } = await surveyOf(surveys, facts);
  return missingPaths(before, pathsOf(own, topologies.of(own).drives));
}

const MOST_NAMED = 4;

/** Paths of `before` that are not there `now`; null: all are. */
function missingPaths(before: readonly string[], now: readonly string[]): Refusal | null {
  const left = [...now];
  const missing = before.filter((path) => {
    const at = left.indexOf(path);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (missing.length === 0) return null;
  const named = missing.slice(0, MOST_NAMED).join(', ');
  const more = missing.length > MOST_NAMED ? `, and ${missing.length - MOST_NAMED} more` : '';
  const count = missing.length === 1 ? 'a path' : `${missing.length} paths`;
  return refusal('paths-missing', { count, paths: `${named}${more}` });
}

/** One line for each running path; target numbers may change over a restart, so adapter and unit name it. */
function pathsOf(own: readonly AttachedDevice[], drives: readonly DriveBehind[]): string[] {
  const toUnit = own.map((path) => `the unit itself on adapter ${adapterOf(path)}`);
  const toDrives = drives.flatMap(({ id, paths }) =>
    paths
      .filter(({ running, through }) => running && through)
      .map((path) => `drive ${id} on adapter ${adapterOf(path)}`),
  );
  return [...toUnit, ...toDrives];
}
