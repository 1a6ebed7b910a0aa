import { createHash } from 'node:crypto';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { isSha256, isText, isTime, oneOf, orNull } from '../../base/shape.ts';
import { parseDocument } from '../../base/versioned-document.ts';
import type { DocumentFault, DocumentKind, ParsedDocument } from '../../base/versioned-document.ts';
import { canonicalJson, planDigest, workDigest } from './digest.ts';
import { whyChanged } from '../guards/identity.ts';
import { because, stoppedBy } from './decision.ts';
import type { Decision } from './decision.ts';
import { nodesOf } from '../facts/nodes.ts';
import type { Plan, PlayRefusal } from './plan.ts';

const PLAN_FILE_FORMAT = 'runbook.plan-file/1';

/** A plan as a person reviews it and `apply` obeys it: what was seen, what would be done, and until when that holds. */
export interface PlanFile {
  readonly format: typeof PLAN_FILE_FORMAT;
  /** SHA-256 over the canonical JSON of everything else. */
  readonly digest: string;
  /** Version of the program that made it. */
  readonly runbook: string;
  readonly host: string;
  readonly created: string;
  readonly expires: string;
  /** `file`: from the folder of the plan file. */
  readonly playbook: { readonly file: string; readonly sha256: string; readonly name: string };
  /** SHA-256 over what is going to be done: units, revisions, plays, strategy. */
  readonly work: string;
  readonly units: readonly PlannedUnitRecord[];
}

export interface PlannedUnitRecord {
  readonly id: string;
  readonly play: string;
  /** `follows`: after an earlier play; `revision` is what that play leaves. */
  readonly action: (typeof ACTIONS)[number];
  readonly logicalUnit: string | null;
  readonly serialNumber: string | null;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly target: string;
  readonly imageSha256: string;
  readonly nodes: readonly string[];
}

/** A plan is made and applied on one host, whose clock may have been set meanwhile. */
const CLOCKS_DIFFER_MS = 300_000;

const ACTIONS = ['update', 'follows', 'current'] as const;

/** The file is not a plan that can be obeyed. `code` says why; nothing was looked at. */
export class PlanFileError extends RunbookError<
  'not-json' | 'not-a-plan' | 'newer-plan' | 'damaged-plan' | 'changed-plan'
> {}

export interface PlanFileOptions {
  readonly runbook: string;
  readonly host: string;
  readonly nowMs: number;
  readonly validForMs: number;
  /** The playbook, from the folder of the plan file. */
  readonly playbookFile: string;
}

/** The plan as a file to be reviewed and applied later, with its digest. Pure. */
export function planFileOf(plan: Plan, options: PlanFileOptions): PlanFile {
  const { sha256, name } = plan.playbook;
  const content = {
    format: PLAN_FILE_FORMAT,
    runbook: options.runbook,
    host: options.host,
    created: new Date(options.nowMs).toISOString(),
    expires: new Date(options.nowMs + options.validForMs).toISOString(),
    playbook: { file: options.playbookFile, sha256, name },
    work: planDigest(plan),
    units: plannedUnits(plan),
  } as const;
  return { ...content, digest: digestOf(content) };
}

/** What a plan file says of each unit that is selected and may be written to. */
export function plannedUnits(plan: Plan): readonly PlannedUnitRecord[] {
  const { plays } = plan.playbook;
  return plan.decisions.flatMap(({ facts, play: playName, action }): PlannedUnitRecord[] => {
    const play = plays.find((candidate) => candidate.name === playName);
    if (play === undefined || !isPlanned(action)) return [];
    return [
      {
        id: facts.id,
        play: play.name,
        action,
        logicalUnit: facts.identity?.logicalUnit ?? null,
        serialNumber: facts.identity?.serialNumber ?? null,
        vendor: facts.vendor,
        product: facts.product,
        revision: facts.revision,
        target: play.verify.revision,
        imageSha256: play.imageSha256,
        nodes: nodesOf(facts),
      },
    ];
  });
}

const isPlanned = (action: Decision['action']): action is PlannedUnitRecord['action'] =>
  (ACTIONS as readonly string[]).includes(action);

/** Two spaces, one field a line: reviewed in git like the playbook. */
export const planFileText = (file: object): string => `${JSON.stringify(file, null, 2)}\n`;

/** SHA-256, in hex, over the canonical JSON of all of a plan file but its digest. */
export const digestOf = (content: object): string =>
  createHash('sha256').update(canonicalJson(content)).digest('hex');

export const PLAN_FILE_SHAPE = {
  digest: isSha256,
  runbook: isText,
  host: isText,
  created: isTime,
  expires: isTime,
  playbook: { fields: { file: isText, sha256: isSha256, name: isText } },
  work: isSha256,
  units: {
    list: {
      fields: {
        id: isText,
        play: isText,
        action: oneOf(...ACTIONS),
        logicalUnit: orNull(isText),
        serialNumber: orNull(isText),
        vendor: isText,
        product: isText,
        revision: isText,
        target: isText,
        imageSha256: isSha256,
        nodes: { list: isText },
      },
    },
  },
} as const;

const KIND: DocumentKind = {
  format: PLAN_FILE_FORMAT,
  what: 'a plan file',
  shape: { fields: PLAN_FILE_SHAPE },
};

const FAULTS = {
  'not-json': { code: 'not-json', next: 'make it again: runbook plan --out' },
  'other-kind': { code: 'not-a-plan', next: 'make one with: runbook plan --out FILE' },
  'other-version': { code: 'newer-plan', next: 'use that version, or make the plan again' },
  damaged: { code: 'damaged-plan', next: 'make the plan again' },
} as const;

/** Is this text meant to be a plan file, and not a playbook? JSON is YAML too, but no playbook begins with `{"format"`. */
export const looksLikePlanFile = (text: string): boolean =>
  /^\s*\{\s*"format"\s*:\s*"runbook\.plan/.test(text);

/** Throws PlanFileError. */
export function parsePlanFile(name: string, text: string): PlanFile {
  const parsed = parseDocument<PlanFile>(text, KIND);
  if (parsed.fault !== null) throw planFault(name, parsed);
  requireUnchanged(name, parsed.value);
  return parsed.value;
}

export function planFault(
  name: string,
  { fault, message }: Extract<ParsedDocument<unknown>, { fault: DocumentFault }>,
): PlanFileError {
  const { code, next } = FAULTS[fault];
  return new PlanFileError(code, `${name}: ${message}; ${next}`);
}

/** Throws PlanFileError where its digest is not that of its content. */
export function requireUnchanged(name: string, { digest, ...content }: { readonly digest: string }): void {
  if (digestOf(content) === digest) return;
  throw new PlanFileError(
    'changed-plan',
    `${name}: was changed after it was made (its digest is not ${digest.slice(0, 12)}…); make the plan again`,
  );
}

/**
 * A new plan held against the reviewed one: what has changed is refused, unit by unit; what is at its target already has
 * nothing to do; what was not in the reviewed plan is left alone.
 */
export function bindPlan(
  plan: Plan,
  file: PlanFile,
  now: { readonly runbook: string; readonly host: string; readonly nowMs: number },
): Plan {
  const refusals: PlayRefusal[] = [...plan.refusals];
  const refuse = (error: Refusal, play = '', unit: string | null = null): void =>
    void refusals.push({ play, unit, error, exit: 'REFUSED' });
  if (now.nowMs > Date.parse(file.expires)) refuse(refusal('plan-expired', { time: file.expires }));
  if (Date.parse(file.created) > now.nowMs + CLOCKS_DIFFER_MS)
    refuse(refusal('plan-from-future', { time: file.created }));
  if (now.host !== file.host) {
    refuse(refusal('plan-of-other-host', { planned: file.host, here: now.host }));
  }
  if (now.runbook !== file.runbook) {
    refuse(refusal('plan-of-other-version', { planned: file.runbook, here: now.runbook }));
  }
  if (plan.playbook.sha256 !== file.playbook.sha256) refuse(refusal('playbook-changed'));
  // Whoever changes the units of a plan, and makes its digest again, would have to know this one as well.
  else if (
    now.host === file.host &&
    workDigest(plan.playbook, file.units) !== file.work &&
    !hasChangedImage(plan, file)
  )
    refuse(refusal('plan-work-differs'));

  const decisions: Decision[] = [];
  for (const decision of plan.decisions) {
    const sent = plan.playbook.plays.find(({ name }) => name === decision.play)?.imageSha256;
    const bound = boundDecision(decision, decisions, file, sent);
    decisions.push(bound);
    const { facts, play, error } = bound;
    if (bound === decision || bound.action !== 'refused' || !plan.haltOnRefusal) continue;
    if (error !== undefined) refuse(error, play ?? '', facts.id);
  }
  for (const { id, play, nodes, action } of file.units) {
    if (action !== 'update' || plan.decisions.some(({ facts }) => facts.id === id)) continue;
    if (plan.haltOnRefusal) {
      const values = { unit: id, nodes: nodes.join(', '), instead: insteadOn(nodes, plan) };
      refuse(refusal('planned-unit-missing', values), play);
    }
  }
  const updates = new Set(decisions.filter(({ action }) => action === 'update').map(({ facts }) => facts));
  const work = plan.work.filter(({ facts }) => updates.has(facts));
  return { ...plan, decisions, refusals, work, reviewed: true };
}

/** Who has one of these nodes now. A node alone does not say that it is the same place. */
function insteadOn(nodes: readonly string[], { decisions }: Plan): string {
  for (const { facts } of decisions) {
    const node = nodesOf(facts).find((other) => nodes.includes(other));
    if (node !== undefined) return `, and ${node} is ${facts.id} now`;
  }
  return '';
}

/** Then the unit is refused, and says so. */
const hasChangedImage = ({ playbook }: Plan, { units }: PlanFile): boolean =>
  units.some(
    ({ play, imageSha256 }) => playbook.plays.find(({ name }) => name === play)?.imageSha256 !== imageSha256,
  );

/** @param earlier what the reviewed plan leaves of the decisions before this one */
function boundDecision(
  decision: Decision,
  earlier: readonly Decision[],
  { units }: PlanFile,
  imageSha256: string | undefined,
): Decision {
  const { action, facts, play } = decision;
  if (action !== 'update' && action !== 'follows') return decision;
  const stopped = stoppedBy(earlier.filter((other) => other.facts.id === facts.id));
  if (stopped !== null) return { ...decision, ...stopped };
  const planned = units.find((unit) => unit.id === facts.id && unit.play === play);
  if (planned === undefined)
    return { ...decision, action: 'not-selected', reason: 'is not in the plan file' };
  const change = imageSha256 === planned.imageSha256 ? changeOf(decision, planned) : refusal('image-changed');
  return change === null ? decision : { ...decision, ...because('refused', change) };
}

function changeOf({ facts }: Decision, planned: PlannedUnitRecord): Refusal | null {
  const { serialNumber } = planned;
  const now = facts.identity?.serialNumber ?? null;
  if (planned.action === 'current') {
    return refusal('changed-since-plan', {
      field: 'revision',
      before: planned.revision,
      now: facts.revision,
    });
  }
  const changed = whyChanged(planned, facts);
  if (changed !== null || now === serialNumber) return changed;
  return refusal('changed-since-plan', {
    field: 'serial number',
    before: serialNumber ?? 'none',
    now: now ?? 'none',
  });
}
