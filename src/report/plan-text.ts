import type { ResolvedPlay, ResolvedSection } from '../playbook/resolved.ts';
import { apartGroups } from '../run/plan/domains.ts';
import type { DeviceFacts } from '../run/plan/inspect.ts';
import type { Decision, PlanAction } from '../run/plan/decision.ts';
import type { Plan } from '../run/plan/plan.ts';
import { outageText } from '../run/plan/redundancy.ts';
import { printable, type Ink, type Tone } from './ink.ts';
import { chunksOf, stepText } from './plan-document.ts';
import { counted, durationText, exactSizeText, modelText } from './quantities.ts';
import { labelOf } from './run-view.ts';
import { renderTable, type Cell } from './table.ts';

const ACTION_TONES: Readonly<Record<PlanAction, Tone>> = {
  update: 'good',
  follows: 'good',
  current: 'dim',
  pending: 'warn',
  refused: 'warn',
  skipped: 'warn',
  'not-selected': 'dim',
};

/** The plan for a person: what is sent per play, and every device of the host with its decision and the reason. */
export function planText(
  plan: Plan,
  { ink, verbose }: { readonly ink: Ink; readonly verbose: boolean },
): string {
  const { name, why, plays } = plan.playbook;
  const lines = [ink('bold', printable(name))];
  if (why !== null) lines.push(`why: ${printable(why)}`);
  for (const play of plays) {
    lines.push('', ink('bold', `play ${play.name}`), ...playLines(play));
    const selected = plan.decisions.filter((decision) => decision.play === play.name);
    lines.push(
      ...decisionLines(
        selected.filter(({ action }) => verbose || action !== 'not-selected'),
        ink,
      ),
      ...outageLines(selected),
    );
  }
  lines.push(...orderLines(plan));
  lines.push(...othersLines(plan, ink, verbose));
  for (const { play, reason } of plan.refusals) {
    lines.push('', ink('bad', `refused: ${play === '' ? '' : `play ${play}: `}${printable(reason)}`));
  }
  lines.push('', summaryText(plan));
  return lines.join('\n') + '\n';
}

/** What carries the image, by the `via` of the playbook. */
const WAYS: Readonly<Record<string, string>> = { 'write-buffer': 'WRITE BUFFER', ses: 'SES page 0Eh' };

/** A secondary subenclosure is another target than the unit that was selected: name it. */
function subenclosureText(section: ResolvedSection): string {
  if (!('subenclosureId' in section) || section.subenclosureId === 0) return '';
  return ` to subenclosure ${section.subenclosureId}`;
}

function playLines({ firmware, download, activate, verify }: ResolvedPlay): string[] {
  const image = `${firmware.file}, ${exactSizeText(firmware.sizeBytes)}, sha256 ${firmware.sha256.slice(0, 12)}`;
  const steps = activate.length > 0 ? activate.map(stepText).join(', ') : 'no steps';
  return [
    `  image     ${image}`,
    ...download.flatMap((section) => sectionLines(section, firmware.sha256)),
    `  activate  ${steps}`,
    `  verify    revision ${verify.revision} within ${durationText(verify.withinMs)}`,
  ].map(printable);
}

function sectionLines(section: ResolvedSection, imageSha256: string): string[] {
  const chunks = chunksOf(section);
  const count = chunks === null ? '' : `, ${counted(chunks, 'command')}`;
  const way = WAYS[section.via] ?? section.via;
  const lines = [
    `  send      ${way} ${section.mode}${subenclosureText(section)}, bpw ${section.bpw}${count}`,
  ];
  // After skip, length or fill other bytes are sent than were pinned: show which.
  if (section.sentSha256 !== imageSha256) {
    lines.push(
      `            of these ${exactSizeText(section.image.length)}, sha256 ${section.sentSha256.slice(0, 12)}`,
    );
  }
  if (section.otherwise !== null) {
    const { mode, bpw } = section.otherwise;
    lines.push(`            if the device does not know the mode: ${mode}, bpw ${bpw}`);
  }
  return lines;
}

function decisionLines(decisions: readonly Decision[], ink: Ink): string[] {
  if (decisions.length === 0) return [];
  return ['', ...renderTable([], decisions.map(decisionCells), ink, '  ')];
}

/** What restarts with the units that are going to be updated, or were refused because of that. */
function outageLines(decisions: readonly Decision[]): string[] {
  const lines = decisions.flatMap(({ facts, action }) => {
    const text = action === 'update' || action === 'refused' ? outageText(facts.place) : null;
    return text === null ? [] : [`  ${nodeOf(facts)}: ${text}`];
  });
  return lines.length === 0 ? [] : ['', ...lines.map(printable)];
}

/** In which order units are written, where it is not simply one after the other. */
function orderLines({ playbook, work }: Plan): string[] {
  const { canary, canaryAccepts } = playbook.strategy;
  const units = work.map(({ facts }) => facts);
  const lines: string[] = [];
  if (canary > 0 && work.length > 0) {
    const proof = canaryAccepts === 'pending' ? 'updated or pending' : 'updated';
    lines.push(`${counted(canary, 'canary unit')} of each play first; the others follow when it is ${proof}`);
  }
  for (const { why, units: members } of apartGroups(units, playbook.strategy)) {
    lines.push(`not at the same time: ${members.map(nodeOf).join(' ')} (${why})`);
  }
  return lines.length === 0 ? [] : ['', 'order', ...lines.map((line) => printable(`  ${line}`))];
}

const nodeOf = ({ paths }: DeviceFacts): string => labelOf(paths[0]!.sgNode ?? paths[0]!.hctl);

function decisionCells({ facts, action, reason }: Decision): Cell[] {
  return [
    { text: action, tone: ACTION_TONES[action] },
    facts.paths.map(({ sgNode, hctl }) => labelOf(sgNode ?? hctl)).join(' '),
    facts.id,
    modelText(facts),
    reason,
  ];
}

/** Units that no play selects: counted, or with -v named. */
function othersLines({ decisions }: Plan, ink: Ink, verbose: boolean): string[] {
  const others = decisions.filter(({ play }) => play === null);
  if (others.length === 0) return [];
  if (verbose) return ['', ink('bold', 'not selected'), ...decisionLines(others, ink)];
  return ['', `not selected: ${counted(others.length, 'device')} (-v shows why)`];
}

/** `2 to update, 1 current, 1 refused` */
export function summaryText({ decisions, work }: Plan): string {
  const count = (action: PlanAction): number =>
    decisions.filter((decision) => decision.action === action).length;
  const parts = [`${work.length} to update`];
  if (count('current') > 0) parts.push(`${count('current')} current`);
  if (count('pending') > 0) parts.push(`${count('pending')} pending`);
  if (count('refused') > 0) parts.push(`${count('refused')} refused`);
  return parts.join(', ');
}
