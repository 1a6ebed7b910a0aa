import { isSha256, isText } from '../../base/shape.ts';
import { parseDocument, type DocumentKind } from '../../base/versioned-document.ts';
import { planDigest } from './digest.ts';
import {
  digestOf,
  PLAN_FILE_SHAPE,
  planFault,
  plannedUnits,
  requireUnchanged,
  type PlanFile,
  type PlanFileOptions,
} from './plan-file.ts';
import type { Plan } from './plan.ts';

const FLEET_PLAN_FORMAT = 'runbook.plans-file/1';

/** What was decided for one host. */
export type ReviewedHost = Pick<PlanFile, 'host' | 'work' | 'units'>;

/** Plans of many hosts as one file: reviewed once, with one digest, and obeyed on each of them. */
export interface FleetPlanFile extends Pick<
  PlanFile,
  'digest' | 'runbook' | 'created' | 'expires' | 'playbook'
> {
  readonly format: typeof FLEET_PLAN_FORMAT;
  readonly hosts: readonly ReviewedHost[];
}

/** A host of the file. */
export const reviewedHost = (host: string, plan: Plan): ReviewedHost => ({
  host,
  work: planDigest(plan),
  units: plannedUnits(plan),
});

/** Pure. */
export function fleetPlanFileOf(
  { sha256, name }: Pick<Plan['playbook'], 'sha256' | 'name'>,
  hosts: readonly ReviewedHost[],
  { runbook, nowMs, validForMs, playbookFile }: Omit<PlanFileOptions, 'host'>,
): FleetPlanFile {
  const content = {
    format: FLEET_PLAN_FORMAT,
    runbook,
    created: new Date(nowMs).toISOString(),
    expires: new Date(nowMs + validForMs).toISOString(),
    playbook: { file: playbookFile, sha256, name },
    hosts,
  } as const;
  return { ...content, digest: digestOf(content) };
}

const { runbook, created, expires, playbook, units } = PLAN_FILE_SHAPE;
const KIND: DocumentKind = {
  format: FLEET_PLAN_FORMAT,
  what: 'a plan of many hosts',
  shape: {
    fields: {
      ...{ digest: isSha256, runbook, created, expires, playbook },
      hosts: { list: { fields: { host: isText, work: isSha256, units } } },
    },
  },
};

export const looksLikeFleetPlan = (text: string): boolean =>
  /^\s*\{\s*"format"\s*:\s*"runbook\.plans-file\//.test(text);

/** Of a text that looks like one. Throws PlanFileError. */
export function parseFleetPlanFile(name: string, text: string): FleetPlanFile {
  const parsed = parseDocument<FleetPlanFile>(text, KIND);
  if (parsed.fault !== null) throw planFault(name, parsed);
  requireUnchanged(name, parsed.value);
  return parsed.value;
}

/** The part of one host as a plan file. Of a host that is not in it, one that names the others: `bindPlan` refuses it. */
export function planOfHost({ hosts, ...file }: FleetPlanFile, host: string): PlanFile {
  const own = hosts.find((reviewed) => reviewed.host === host);
  const [first] = hosts;
  const others =
    hosts.length === 1 ? (first?.host ?? '') : `${first?.host ?? ''} and ${hosts.length - 1} others`;
  return {
    ...file,
    format: 'runbook.plan-file/1',
    host: own?.host ?? others,
    work: own?.work ?? file.digest,
    units: own?.units ?? [],
  };
}
