import { savesImage } from '../playbook/modes.ts';
import type {
  ActivationStep,
  ResolvedChunkedSection,
  ResolvedPlay,
  ResolvedSection,
} from '../playbook/resolved.ts';
import type { PlainStepWord } from '../playbook/steps.ts';
import type { UnitTopology } from '../run/facts/unit-topology.ts';
import type { Decision } from '../run/plan/decision.ts';
import { enclosureOf } from '../run/facts/domains.ts';
import { topologyOf, type HostTopology } from '../run/facts/topology.ts';
import { nodesOf } from '../run/facts/nodes.ts';
import { witnessText } from '../run/facts/witness.ts';
import type { Plan } from '../run/plan/plan.ts';
import { notRunning, outageOf } from '../run/facts/redundancy.ts';
import { deviceTypeName } from '../scsi/device-type.ts';
import { durationText } from './quantities.ts';
import { chunkCount } from '../base/units.ts';

/** The body of runbook.plan/1. */
export function planBody(plan: Plan): Record<string, unknown> {
  const { file, sha256, name, why, plays } = plan.playbook;
  return {
    playbook: { file, sha256, name, why },
    plays: plays.map(playEntry),
    devices: plan.decisions.map((decision) => decisionEntry(decision, plan)),
    topology: planTopology(plan),
    refusals: plan.refusals.map(({ play, unit, error, exit }) => ({
      play,
      reason: unit === null ? error.message : `${unit}: ${error.message}`,
      exit,
      error,
    })),
  };
}

/** What hangs around the units that the plays select. */
export function planTopology({ decisions }: Plan): HostTopology {
  const selected = new Set(decisions.filter(({ play }) => play !== null).map(({ facts }) => facts.id));
  const units = new Set(decisions.map(({ facts }) => facts));
  return topologyOf([...units], ({ id }) => selected.has(id));
}

/** What a play sends, and what it does then. */
export function playEntry({
  name,
  after,
  firmware,
  download,
  activate,
  verify,
}: ResolvedPlay): Record<string, unknown> {
  const { file, sha256, sizeBytes, revision } = firmware;
  return {
    name,
    after,
    image: { file, bytes: sizeBytes, sha256, revision },
    sections: download.map(sectionEntry),
    activate: activate.map(stepText),
    verify: { revision: verify.revision, within: durationText(verify.withinMs) },
  };
}

function sectionEntry(section: ResolvedSection): Record<string, unknown> {
  const { via, image, sentSha256 } = section;
  const { witness, isUnproven = false } = section;
  const proof = isUnproven ? 'unproven' : witness === undefined ? 'verify' : witnessText(witness);
  const sent = { bytes: image.length, sentSha256, file: fileText(section), proof };
  if (section.via === 'external') {
    const { argv, withinMs } = section;
    return { via, run: argv, within: durationText(withinMs), ...sent };
  }
  const { mode, bpw, otherwise, region } = section;
  const saved = savesImage(section);
  return { via, mode, bpw, ...sent, chunks: chunksOf(section), otherwise, region, saved };
}

/** As the playbook names it: `CP022989.scexe!PUF21000.bin`. */
export const fileText = ({ source, more = [] }: ResolvedSection): string =>
  [source, ...more].map(({ file, member }) => (member === null ? file : `${file}!${member}`)).join(' + ');

function decisionEntry(
  { facts, play, action, reason, error, warnings = [], without = [], writtenWith }: Decision,
  { playbook }: Plan,
): Record<string, unknown> {
  return {
    id: facts.id,
    play,
    paths: nodesOf(facts),
    vendor: facts.vendor,
    product: facts.product,
    revision: facts.revision,
    target: playbook.plays.find(({ name }) => name === play)?.verify.revision ?? null,
    type: deviceTypeName(facts.deviceType),
    enclosure: enclosureOf(facts),
    action,
    reason,
    error: error ?? null,
    warnings,
    behind: behindEntry(facts.topology),
    users: facts.topology.users,
    ...(writtenWith !== undefined && { writtenWith }),
    without: without.map(({ fact, why }) => ({ fact, reason: why.message })),
  };
}

/** Drives behind a unit; null: none that is known of. `losingOnlyPath`: by its restart. */
function behindEntry(topology: UnitTopology): Record<string, unknown> | null {
  const { drives, lost } = outageOf([topology]);
  if (drives.length === 0) return null;
  return {
    drives: drives.length,
    assumed: topology.drivesAssumed,
    notRunning: notRunning(drives).map(({ id }) => id),
    losingOnlyPath: lost.map(({ id, paths, users }) => ({
      id,
      paths: paths.map(({ node, hctl }) => node ?? hctl),
      users,
    })),
  };
}

/** Commands of a section; null: `auto`, known only when the device is there. */
export function chunksOf({ bpw, image, endWith }: ResolvedChunkedSection): number | null {
  if (bpw === 'auto') return null;
  return chunkCount(image.length, bpw) + (endWith === null ? 0 : 1);
}

/** A step as the playbook writes it. */
export function stepText(step: ActivationStep): string {
  if ('withinMs' in step) return `${step.step}: ${durationText(step.withinMs)}`;
  if ('forMs' in step) return `${step.step}: ${durationText(step.forMs)}`;
  if ('driver' in step) return `${step.step}: ${step.driver}`;
  if ('argv' in step) return `${step.step}: ${step.argv.join(' ')}`;
  return step.step satisfies PlainStepWord;
}
