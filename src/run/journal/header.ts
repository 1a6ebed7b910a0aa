import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { processIdentity, readBootId } from '../../host/machine.ts';
import { JOURNAL_FORMAT } from './entry.ts';
import type { JournalDevice, RunStarted } from './entry.ts';
import type { DeadRun } from './dead-runs.ts';
import { proofOf } from '../verify/proof.ts';
import type { Plan, PlannedUnit } from '../plan/plan.ts';

export interface HeaderOptions {
  readonly run: string;
  /** Version of the program. */
  readonly version: string;
  readonly hostKind: 'linux' | 'lab';
  /** A lab that starts from its file. */
  readonly fresh: boolean;
}

/** The first line of the journal of a run that obeys `plan`. */
export function headerOfPlan(plan: Plan, options: HeaderOptions): RunStarted {
  const { file, sha256, name } = plan.playbook;
  return {
    ...headerOf('apply', options),
    playbook: { file, sha256, name },
    planDigest: planDigest(plan),
    devices: [...plan.work.map(journalDevice), ...settledBy(plan).map(({ device }) => asPlanned(device))],
  };
}

/** Dead runs over units that are found at their target: this run gives the verdict that they could not give. */
export function settledBy({ decisions, leftBehind: { dead } }: Plan): DeadRun[] {
  return decisions.flatMap(({ facts, action }) => {
    const found = dead.get(facts.id);
    return action === 'current' && found !== undefined && found.device.before !== facts.revision
      ? [found]
      : [];
  });
}

/** The unit as the dead run had planned it, without what became of it. */
function asPlanned({ id, play, paths, vendor, product, deviceType, ...rest }: JournalDevice): JournalDevice {
  const { logicalUnit, serialNumber, before, target, imageSha256, sentSha256, totalBytes, proof } = rest;
  return {
    id,
    play,
    paths,
    vendor,
    product,
    deviceType,
    logicalUnit,
    serialNumber,
    before,
    target,
    imageSha256,
    sentSha256,
    totalBytes,
    proof,
  };
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
    host: { name: hostname(), kind: hostKind, bootId: readBootId(), fresh },
    process: { ...processIdentity() },
  };
}

function journalDevice({ facts, play }: PlannedUnit): JournalDevice {
  return {
    id: facts.id,
    play: play.name,
    paths: facts.paths.map(({ sgNode, hctl }) => sgNode ?? hctl),
    vendor: facts.vendor,
    product: facts.product,
    deviceType: facts.deviceType,
    logicalUnit: facts.identity?.logicalUnit ?? null,
    serialNumber: facts.identity?.serialNumber ?? null,
    before: facts.revision,
    target: play.verify.revision,
    imageSha256: play.firmware.sha256,
    sentSha256: play.download.map(({ sentSha256 }) => sentSha256),
    totalBytes: play.download.reduce((sum, { image }) => sum + image.length, 0),
    proof: proofOf(play, facts),
  };
}

/**
 * SHA-256, in hex, over the canonical JSON of what is going to be done: which unit, from which revision, with which play and
 * strategy. Images are in it by their own hashes.
 */
export function planDigest({ playbook, work }: Plan): string {
  const done = {
    strategy: playbook.strategy,
    work: work.map(({ facts, play }) => ({ id: facts.id, before: facts.revision, play })),
  };
  return createHash('sha256').update(canonicalJson(done)).digest('hex');
}

/** JSON with sorted keys and no spaces; bytes are left out, and so is what is undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && !(field instanceof Uint8Array))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
