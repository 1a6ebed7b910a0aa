import { hostname } from 'node:os';
import { programFacts } from '../../base/program-facts.ts';
import { processIdentity, readBootId } from '../../host/machine.ts';
import { JOURNAL_FORMAT } from '../records/journal-entry.ts';
import type { JournalDevice, RunStarted } from '../records/journal-entry.ts';
import type { InterruptedRun } from '../records/interrupted-runs.ts';
import type { DeviceRecord } from '../records/run-record.ts';
import { totalBytes } from '../unit/check.ts';
import { planDigest } from '../plan/digest.ts';
import { goalOf } from '../facts/goal.ts';
import type { Decision } from '../plan/decision.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { Plan } from '../plan/plan.ts';
import { nodesOf } from '../facts/nodes.ts';
import { settlesInterrupted } from '../records/earlier-work.ts';
import { memoryOf } from '../records/memory.ts';
import { isRecovering } from '../records/remembered-units.ts';
import type { PlannedUnit } from '../guards/world.ts';

export interface HeaderOptions {
  readonly run: string;
  /** Version of the program. */
  readonly version: string;
  readonly hostKind: 'linux' | 'lab';
  /** A lab that starts from its file. */
  readonly fresh: boolean;
  /** Of the playbook; absent: not asked. */
  readonly gitCommit?: string | null;
}

/** The first line of the journal of a run that obeys `plan`. */
export function headerOfPlan(plan: Plan, options: HeaderOptions): RunStarted {
  const { file, sha256, name } = plan.playbook;
  const { gitCommit } = options;
  return {
    ...headerOf('apply', options),
    playbook: { file, sha256, name, ...(gitCommit !== undefined && { gitCommit }) },
    planDigest: planDigest(plan),
    devices: [
      ...plan.work.map((unit) => journalDevice(unit, plan)),
      ...settledBy(plan).map(({ interrupted: { device } }) => asPlanned(device)),
    ],
  };
}

/** An interrupted run, and the decision that says how its work ended. */
export interface SettledRun {
  readonly interrupted: InterruptedRun;
  readonly decision: Decision;
}

/**
 * Interrupted runs on units that are found at their target, and where nothing is to be done: this run gives the verdict that
 * they could not give.
 */
export function settledBy({ decisions, work, playbook: { plays }, memory }: Plan): SettledRun[] {
  const busy = new Set(work.map(({ facts }) => facts.id));
  const settled = new Map<string, SettledRun>();
  for (const decision of decisions) {
    const { facts, play: name } = decision;
    const { interrupted } = memoryOf(memory, facts.id);
    const play = plays.find((candidate) => candidate.name === name);
    if (interrupted === null || play === undefined || busy.has(facts.id)) continue;
    if (settlesInterrupted(decision, play, interrupted)) settled.set(facts.id, { interrupted, decision });
  }
  return [...settled.values()];
}

/** What a run found out about a unit is none of its plan. */
const FOUND_OUT: Readonly<Record<Exclude<keyof DeviceRecord, keyof JournalDevice>, true>> = {
  state: true,
  facts: true,
  lastChunkSent: true,
  beforeStep: true,
  answer: true,
  errors: true,
  result: true,
};

/** The unit as the interrupted run had planned it, without the result of it. */
function asPlanned(device: DeviceRecord): JournalDevice {
  const planned = Object.entries(device).filter(([key]) => !Object.hasOwn(FOUND_OUT, key));
  return Object.fromEntries(planned) as unknown as JournalDevice;
}

/** The first line of the journal of a run that only looks at what earlier ones did. */
export function headerOfVerify(devices: readonly JournalDevice[], options: HeaderOptions): RunStarted {
  return { ...headerOf('verify', options), playbook: null, planDigest: null, devices };
}

function headerOf(
  command: RunStarted['command'],
  { run, version, hostKind, fresh }: HeaderOptions,
): Omit<RunStarted, 'playbook' | 'planDigest' | 'devices'> {
  return {
    type: 'run-started',
    format: JOURNAL_FORMAT,
    run,
    command,
    runbook: version,
    commit: programFacts().commit,
    host: { name: hostname(), kind: hostKind, bootId: readBootId(), fresh },
    process: { ...processIdentity() },
  };
}

/** A unit as a journal has it. */
export function journalDevice(
  unit: Pick<PlannedUnit, 'facts' | 'play' | 'writtenWith' | 'earlier' | 'sharers'>,
  { remembered }: Pick<Plan, 'remembered'>,
): JournalDevice {
  const { facts, play, earlier = null, sharers = [] } = unit;
  return {
    id: facts.id,
    play: play.name,
    paths: nodesOf(facts),
    vendor: facts.vendor,
    product: facts.product,
    deviceType: facts.deviceType,
    logicalUnit: facts.identity?.logicalUnit ?? null,
    serialNumber: facts.identity?.serialNumber ?? null,
    enclosure: enclosureOf(facts),
    ...(sharers.length > 0 && { shares: sharers.map(({ id }) => id) }),
    ...(isRecovering(facts, remembered) ? { recovering: true } : {}),
    before: facts.revision,
    target: play.verify.revision,
    imageSha256: play.imageSha256,
    sentSha256: play.download.map(({ sentSha256 }) => sentSha256),
    totalBytes: totalBytes(unit),
    proof: goalOf(play, facts, earlier?.kind === 'waiting' ? earlier.image.sentTo : []),
  };
}
