import { hex } from '../base/bytes.ts';
import { nodesOf } from '../run/facts/nodes.ts';
import { throughText } from '../run/records/device-memory.ts';
import type { UnitMemory } from '../run/records/memory.ts';
import type { SubenclosureStatus, UnitStatus } from '../run/facts/status.ts';
import { failureFacts } from './failure-text.ts';
import type { Ink } from './ink.ts';
import { printable } from './ink.ts';
import { sizeText } from './quantities.ts';
import { settledText } from './verify-text.ts';
import { wrappedText } from './wrap.ts';

/** EXPECTED BUFFER OFFSET of a device that takes any (SES). */
const ANY_OFFSET = 0xffffffff;

/** What a unit says, and what is remembered of it. */
export interface RememberedStatus extends UnitStatus {
  readonly memory: UnitMemory;
}

/** `runbook status` for a person: all that `sg_ses_microcode DEVICE` shows, the revisions of page 01h, and what waits. */
export function statusText(units: readonly RememberedStatus[], ink: Ink): string {
  return units.map((unit) => wrappedText(unitLines(unit, ink), ink)).join('\n');
}

function unitLines(unit: RememberedStatus, ink: Ink): string[] {
  const { facts } = unit;
  const node = nodesOf(facts)[0] ?? 'not there';
  const lines = [
    `${ink('bold', node)}  ${facts.id}  ${printable(`${facts.vendor} ${facts.product}`)}  revision ${printable(facts.revision)}`,
  ];
  lines.push(...rememberedLines(unit.memory, ink));
  if (unit.lockedBy !== null && unit.failure !== null)
    return [...lines, `  ${ink('warn', printable(unit.failure.message))}`];
  if (unit.deferredImageWaits === true)
    lines.push(`  ${ink('warn', 'a deferred image waits for its activation')}`);
  if (unit.failure !== null) {
    lines.push(`  ${ink('bad', printable(unit.failure.message))}`, ...failureFacts(unit.failure, '    '));
  } else if (unit.notAsked === null && unit.subenclosures.length === 0) {
    lines.push('  no microcode page (0Eh): only WRITE BUFFER can download to it');
  }
  if (unit.notAsked !== null) lines.push(`  microcode status (page 0Eh) not asked: ${unit.notAsked}`);
  if (unit.generationCode !== null) lines.push(`  generation code ${unit.generationCode}`);
  return [
    ...lines,
    ...unit.subenclosures.flatMap((subenclosure) => subenclosureLines(subenclosure, unit.notAsked, ink)),
  ];
}

function rememberedLines({ unit, atWork, record }: UnitMemory, ink: Ink): string[] {
  const lines: string[] = [];
  if (atWork !== null)
    lines.push(`  ${ink('warn', `run ${atWork.run} is working on it`)}: ${printable(atWork.text)}`);
  if (record === null) return lines;
  if (record.frozen !== null) {
    lines.push(
      `  ${ink('bad', `frozen since run ${record.frozen.run}`)}: do not reset it, do not power it off`,
    );
  }
  const { run, at, outcome, before, target, pending, accepted } = record;
  const waits = pending === null ? '' : `, waits for ${pending.join(' or ')}`;
  const when = at.slice(0, 16).replace('T', ' ');
  const through = throughText(unit, record.unit);
  lines.push(`  last run ${run} (${when})${through}: ${outcome}, ${before} → ${target}${waits}`);
  return accepted === undefined ? lines : [...lines, `    ${settledText(accepted)}`];
}

/** `remembered` in runbook.status/1. */
function rememberedEntry({ atWork, record }: UnitMemory): Record<string, unknown> {
  if (record === null) return { atWork, last: null, frozenSince: null };
  const { run, at, outcome, before, target, after, pending, frozen, accepted } = record;
  return {
    atWork,
    last: { run, at, outcome, before, target, after, pending, ...(accepted && { accepted }) },
    frozenSince: frozen && { run: frozen.run, at: frozen.at },
  };
}

function subenclosureLines(
  { subenclosureId, descriptor, microcode, text, startsAt }: SubenclosureStatus,
  notAsked: string | null,
  ink: Ink,
): string[] {
  const role = subenclosureId === 0 ? 'primary' : 'secondary';
  const who =
    descriptor === null
      ? ''
      : `: ${descriptor.vendor} ${descriptor.product} revision ${descriptor.revision}, ${descriptor.logicalIdentifier}, process ${descriptor.relativeProcessId} of ${descriptor.processCount}`;
  const lines = [printable(`  subenclosure ${subenclosureId} (${role})${who}`)];
  if (microcode === null) return notAsked === null ? [...lines, '    no microcode status'] : lines;
  const tone = microcode.status >= 0x80 ? 'bad' : startsAt.length > 0 ? 'warn' : 'plain';
  lines.push(`    ${ink(tone, text ?? hex(microcode.status))}`);
  const maximum = microcode.maximumImageBytes === 0 ? 'not reported' : sizeText(microcode.maximumImageBytes);
  const offset = microcode.expectedOffsetBytes === ANY_OFFSET ? 'any' : `${microcode.expectedOffsetBytes}`;
  lines.push(
    `    largest image ${maximum}, expects buffer ${microcode.expectedBufferId} at offset ${offset}, additional status ${microcode.additionalStatus}`,
  );
  return lines;
}

/** One entry of `devices` in runbook.status/1. */
export function statusEntry(unit: RememberedStatus): Record<string, unknown> {
  const { facts } = unit;
  return {
    id: facts.id,
    paths: nodesOf(facts),
    vendor: facts.vendor,
    product: facts.product,
    revision: facts.revision,
    generationCode: unit.generationCode,
    deferredImageWaits: unit.deferredImageWaits,
    notAsked: unit.notAsked,
    subenclosures: unit.subenclosures.map(({ subenclosureId, descriptor, microcode, text, startsAt }) => ({
      subenclosure: subenclosureId,
      vendor: descriptor?.vendor ?? null,
      product: descriptor?.product ?? null,
      revision: descriptor?.revision ?? null,
      logicalIdentifier: descriptor?.logicalIdentifier ?? null,
      processId: descriptor?.relativeProcessId ?? null,
      processCount: descriptor?.processCount ?? null,
      status: microcode?.status ?? null,
      additionalStatus: microcode?.additionalStatus ?? null,
      text,
      startsAt,
      maximumImageBytes: microcode?.maximumImageBytes ?? null,
      expectedBufferId: microcode?.expectedBufferId ?? null,
      expectedOffsetBytes: microcode?.expectedOffsetBytes ?? null,
    })),
    lockedBy: unit.lockedBy,
    remembered: rememberedEntry(unit.memory),
    error: unit.failure,
  };
}
