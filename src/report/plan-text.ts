import { groupsBy } from '../base/groups.ts';
import type { ResolvedPlay, ResolvedPlaybook } from '../playbook/resolved.ts';
import { apartGroups } from '../run/facts/domains.ts';
import type { DeviceFacts } from '../run/facts/inspect.ts';
import type { Decision, PlanAction } from '../run/plan/decision.ts';
import { nodeOf, nodesOf } from '../run/facts/nodes.ts';
import { refusalsBesideUnits, refusalText, unitsRefused, type Plan } from '../run/plan/plan.ts';
import { outageText } from '../run/facts/redundancy.ts';
import { unitCounts } from '../run/plan/unit-counts.ts';
import { someNames } from './attention.ts';
import { failureFacts } from './failure-text.ts';
import { printable, type Ink, type Tone } from './ink.ts';
import { planTopology, stepText } from './plan-document.ts';
import { counted, durationText, exactSizeText, modelText } from './quantities.ts';
import { labelOf } from './run-view.ts';
import { sectionsLines } from './section-text.ts';
import { renderTable, type Cell } from './table.ts';
import { topologyLines } from './topology-text.ts';
import { wrappedText } from './wrap.ts';

const ACTION_TONES: Readonly<Record<PlanAction, Tone>> = {
  update: 'good',
  follows: 'good',
  current: 'dim',
  pending: 'warn',
  refused: 'warn',
  skipped: 'warn',
  'not-selected': 'dim',
};

interface Shown {
  readonly ink: Ink;
  readonly verbose: boolean;
}

/** The plan for a person: what is sent per play, and every device of the host with its decision and the reason. */
export function planText(plan: Plan, shown: Shown): string {
  const lines = titleLines(plan.playbook, shown.ink);
  for (const play of plan.playbook.plays) {
    lines.push('', shown.ink('bold', `play ${play.name}`), ...playLines(play));
    lines.push(...selectedLines(plan, play, shown));
  }
  return wrappedText([...lines, ...treeLines(plan, shown), ...endLines(plan, shown)], shown.ink);
}

/** With -v: what hangs where, and what goes dark. */
function treeLines(plan: Plan, { ink, verbose }: Shown): string[] {
  if (!verbose) return [];
  const marks = new Map(
    plan.decisions.flatMap(({ facts, action, play }) =>
      play === null ? [] : [[facts.id, { text: action, tone: ACTION_TONES[action] }] as const],
    ),
  );
  const lines = topologyLines(planTopology(plan), { ink, verbose: false, marks });
  return lines.length === 0 ? [] : ['', ink('bold', 'topology'), ...lines.map((line) => `  ${line}`)];
}

/** What is sent per play, without any host. */
export const playbookLines = (playbook: ResolvedPlaybook, ink: Ink): string[] => [
  ...titleLines(playbook, ink),
  ...playbook.plays.flatMap((play) => ['', ink('bold', `play ${play.name}`), ...playLines(play)]),
];

/** One host, under the playbook that was shown already. */
export function hostPlanLines(plan: Plan, shown: Shown): string[] {
  const { plays } = plan.playbook;
  const lines = plays.flatMap((play) => {
    const selected = selectedLines(plan, play, shown);
    return plays.length > 1 && selected.length > 0 ? ['', `  play ${play.name}`, ...selected] : selected;
  });
  return [...lines, ...endLines(plan, shown)];
}

function titleLines({ name, why }: ResolvedPlaybook, ink: Ink): string[] {
  const lines = [ink('bold', printable(name))];
  if (why !== null) lines.push(`why: ${printable(why)}`);
  return lines;
}

/** The units that a play selects. */
function selectedLines({ decisions }: Plan, { name }: ResolvedPlay, { ink, verbose }: Shown): string[] {
  const selected = decisions.filter((decision) => decision.play === name);
  const told = selected.filter(({ action }) => verbose || action !== 'not-selected');
  const decided = decisionLines(told, { ink, verbose });
  const said = [...outageLines(selected), ...warningLines(selected, ink)];
  return [...decided, ...said];
}

function endLines(plan: Plan, { ink, verbose }: Shown): string[] {
  const lines = [...orderLines(plan), ...othersLines(plan, ink, verbose)];
  const told = refusalsBesideUnits(plan);
  for (const refused of told) {
    lines.push('', ink('bad', `refused: ${printable(refusalText(refused))}`));
    lines.push(...failureFacts(refused.error));
  }
  const refused = unitsRefused(plan);
  if (refused !== null) lines.push('', ink('bad', `${refused}: nothing would be begun`));
  return [...lines, '', summaryText(plan)];
}

function playLines({ after, firmware, download, activate, verify }: ResolvedPlay): string[] {
  const image = `${firmware.file}, ${exactSizeText(firmware.sizeBytes)}, sha256 ${firmware.sha256.slice(0, 12)}`;
  const steps = activate.length > 0 ? activate.map(stepText).join(', ') : 'no steps';
  return [
    ...(after === null ? [] : [`  after     play ${after}, planned again from a fresh read`]),
    `  image     ${image}`,
    ...sectionsLines(download, firmware),
    `  activate  ${steps}`,
    ...changesLine(firmware),
    `  verify    revision ${verify.revision} within ${durationText(verify.withinMs)}`,
  ].map(printable);
}

/** What the playbook says that the new code changes beside the revision. */
function changesLine({ vendor, product, serialMayChange }: ResolvedPlay['firmware']): string[] {
  const changes = [
    ...(vendor === null ? [] : [`vendor → "${vendor}"`]),
    ...(product === null ? [] : [`product → "${product}"`]),
    ...(serialMayChange ? ['the serial number may change'] : []),
  ];
  return changes.length === 0 ? [] : [`  changes   ${changes.join(', ')}`];
}

function decisionLines(decisions: readonly Decision[], { ink, verbose }: Shown): string[] {
  if (decisions.length === 0) return [];
  const rows = verbose ? decisions.map((decision): SharedDecision => [decision]) : sharedDecisions(decisions);
  return ['', ...renderTable([], rows.map(decisionCells), ink, { indent: '  ', spare: [ID, MODEL] })];
}

type SharedDecision = readonly [Decision, ...Decision[]];

/** Up to this many units each has a row of its own, unless it is refused, or left out. */
const FEW_UNITS = 16;

/** What is refused or left out for the same reason shares a row, and what is refused stands last; of many units all that is equal shares one. */
function sharedDecisions(decisions: readonly Decision[]): readonly SharedDecision[] {
  const isFew = decisions.length <= FEW_UNITS;
  return groupsBy(decisions, ({ facts, action, reason, error }) =>
    isFew && action !== 'refused' && action !== 'skipped'
      ? facts.id
      : JSON.stringify([action, facts.vendor, facts.product, reason, error?.code, error?.next]),
  ).sort((a, b) => Number(a[0].action === 'refused') - Number(b[0].action === 'refused'));
}

/** What restarts with the units that are going to be updated, or were refused because of that. */
function outageLines(decisions: readonly Decision[]): string[] {
  const units = new Map<string, string[]>();
  for (const { facts, action } of decisions) {
    const text = action === 'update' || action === 'refused' ? outageText(facts.topology) : null;
    if (text !== null) units.set(text, [...(units.get(text) ?? []), nodeLabel(facts)]);
  }
  const lines = [...units].map(
    ([text, names]) => `  ${someNames(names)}: ${names.length > 1 ? 'each: ' : ''}${text}`,
  );
  return lines.length === 0 ? [] : ['', ...lines.map(printable)];
}

/** One line for each unit of which something is not quite as it should be. */
function warningLines(decisions: readonly Decision[], ink: Ink): string[] {
  const lines = decisions.flatMap(({ facts, warnings = [] }) =>
    warnings.map((text) => `  ${nodeLabel(facts)}: ${text}`),
  );
  return lines.length === 0 ? [] : ['', ...lines.map((line) => ink('warn', printable(line)))];
}

/** In which order units are written, where it is not simply one after the other. */
function orderLines({ playbook, work, canaries }: Plan): string[] {
  const { canaryAccepts } = playbook.strategy;
  const canary = Math.max(0, ...work.map(({ play }) => canaries.get(play.name) ?? 0));
  const units = work.map(({ facts }) => facts);
  const lines: string[] = [];
  if (canary > 0) {
    const proof = canaryAccepts === 'pending' ? 'updated or pending' : 'updated';
    lines.push(`${counted(canary, 'canary unit')} of each play first; the others follow when it is ${proof}`);
  }
  for (const { why, units: members } of apartGroups(units, playbook.strategy)) {
    lines.push(`not at the same time: ${someNames(members.map(nodeLabel))} (${why})`);
  }
  return lines.length === 0 ? [] : ['', 'order', ...lines.map((line) => printable(`  ${line}`))];
}

const nodeLabel = (unit: DeviceFacts): string => labelOf(nodeOf(unit));

/** Columns that a narrow terminal can spare. */
const ID = 2;
const MODEL = 3;

function decisionCells(alike: SharedDecision): Cell[] {
  const [{ facts, action, reason, error }] = alike;
  return [
    { text: action, tone: ACTION_TONES[action] },
    someNames(alike.map((one) => nodesOf(one.facts).map(labelOf).join(' '))),
    alike.length === 1 ? facts.id : '-',
    modelText(facts),
    error === undefined ? reason : `${reason} [${error.code}]. ${error.next}`,
  ];
}

/** Units that no play selects: counted, or with -v named. */
function othersLines({ decisions }: Plan, ink: Ink, verbose: boolean): string[] {
  const others = decisions.filter(({ play }) => play === null);
  if (others.length === 0) return [];
  if (verbose) return ['', ink('bold', 'not selected'), ...decisionLines(others, { ink, verbose })];
  return ['', `not selected: ${counted(others.length, 'device')} (-v shows why)`];
}

/** `2 to update, 1 current, 1 refused` */
export function summaryText({ decisions, work }: Plan): string {
  const { current, pending, refused } = unitCounts(decisions);
  const following = decisions.filter(({ action }) => action === 'follows').length;
  const parts = [`${work.length} to update`];
  if (following > 0) parts.push(`${counted(following, 'update')} to follow`);
  if (current > 0) parts.push(`${current} current`);
  if (pending > 0) parts.push(`${pending} pending`);
  if (refused > 0) parts.push(`${refused} refused`);
  const skipped = decisions.filter(({ action }) => action === 'skipped').length;
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}
