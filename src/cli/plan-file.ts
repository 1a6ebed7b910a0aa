import { hostname } from 'node:os';
import path from 'node:path';
import { writeWhole } from '../base/durable-file.ts';
import { causeText } from '../base/errno.ts';
import { RunbookError } from '../base/errors.ts';
import { refusal } from '../base/refusal.ts';
import { diagnosticOfFile } from '../playbook/diagnostics.ts';
import { parseDuration } from '../base/units.ts';
import type { Plan } from '../run/plan/plan.ts';
import {
  fleetPlanFileOf,
  looksLikeFleetPlan,
  parseFleetPlanFile,
  planOfHost,
  type ReviewedHost,
} from '../run/plan/fleet-plan-file.ts';
import {
  bindPlan,
  looksLikePlanFile,
  parsePlanFile,
  PlanFileError,
  planFileOf,
  planFileText,
  type PlanFile,
  type PlanFileOptions,
} from '../run/plan/plan-file.ts';
import { InvalidFiles } from './invalid-files.ts';
import { readText, type TextFile } from './read-text.ts';
import { placeAdvice } from './place-advice.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from '../base/program-facts.ts';

class PlanDigestError extends RunbookError<'plan-digest-differs'> {
  constructor(found: string, wanted: string) {
    super('plan-digest-differs', refusal('plan-digest-differs', { found, wanted }).message);
  }
}

/** What `apply` was given: a playbook, or a plan that was reviewed. */
export interface Reviewed {
  readonly playbookFile: string;
  /** What was read where the playbook itself was given: a pipe can be read only once. null: it was not. */
  readonly playbook: TextFile | null;
  /** null: a playbook was given. */
  readonly planFile: PlanFile | null;
}

/**
 * Throws InvalidFiles for a plan file that cannot be obeyed, and PlanDigestError for another one than `--digest` names. A playbook
 * is not looked at here.
 */
export async function openReviewed(file: string, digest: string | null): Promise<Reviewed> {
  if (digest !== null && !/^[0-9a-f]{64}$/i.test(digest))
    throw new UsageError(
      `--digest ${digest} is not a SHA-256`,
      'Write the 64 hexadecimal digits that plan --out printed.',
    );
  const read = await readText(file);
  const { text } = read;
  if (text === null || !looksLikePlanFile(text)) {
    if (digest !== null && text !== null)
      throw new UsageError(
        `--digest pins a plan file, but ${file} is not one`,
        'Give the file that plan --out wrote.',
      );
    return { playbookFile: file, playbook: read, planFile: null };
  }
  try {
    const planFile = looksLikeFleetPlan(text)
      ? planOfHost(parseFleetPlanFile(file, text), hostname())
      : parsePlanFile(file, text);
    if (digest !== null && planFile.digest !== digest.toLowerCase())
      throw new PlanDigestError(planFile.digest, digest.toLowerCase());
    const playbookFile = path.resolve(path.dirname(file), planFile.playbook.file);
    return { playbookFile, playbook: null, planFile };
  } catch (error) {
    if (!(error instanceof PlanFileError)) throw error;
    const message = error.message.replace(`${file}: `, '');
    throw new InvalidFiles([diagnosticOfFile(file, { code: 'plan-file', message })]);
  }
}

/** The new plan, held against the reviewed one where there is one. */
export function asReviewed(plan: Plan, { planFile }: Reviewed): Plan {
  if (planFile === null) return plan;
  return bindPlan(plan, planFile, { runbook: VERSION, host: hostname(), nowMs: Date.now() });
}

interface Written {
  readonly playbook: string;
  readonly validFor: string;
}

/** `plan --out FILE`: written as a whole or not at all. Returns the plan's digest. */
export async function writePlanFile(plan: Plan, out: string, written: Written): Promise<string> {
  const file = planFileOf(plan, { ...optionsOf(out, written), host: hostname() });
  await write(out, file);
  return file.digest;
}

/** `plan --inventory FILE… --out FILE`: one plan for all of the hosts. */
export async function writeFleetPlanFile(
  playbook: Plan['playbook'],
  hosts: readonly ReviewedHost[],
  out: string,
  written: Written,
): Promise<string> {
  const file = fleetPlanFileOf(playbook, hosts, optionsOf(out, written));
  await write(out, file);
  return file.digest;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** `--valid-for`, in ms: a duration of the playbook language, or whole days. Throws UsageError. */
export function validForOf(validFor: string): number {
  const days = /^(\d{1,4})d$/.exec(validFor)?.[1];
  const ms = days === undefined ? parseDuration(validFor) : Number(days) * DAY_MS;
  if (ms !== null && ms > 0) return ms;
  throw new UsageError(`--valid-for ${validFor} is not a duration`, 'Write 7d, 8h or 30m.');
}

function optionsOf(out: string, { playbook, validFor }: Written): Omit<PlanFileOptions, 'host'> {
  return {
    runbook: VERSION,
    nowMs: Date.now(),
    validForMs: validForOf(validFor),
    playbookFile: path.relative(path.dirname(path.resolve(out)), path.resolve(playbook)),
  };
}

async function write(out: string, file: object): Promise<void> {
  try {
    await writeWhole(out, planFileText(file), { mode: 0o644 });
  } catch (error) {
    throw new UsageError(`--out ${out}: cannot be written: ${causeText(error)}`, placeAdvice(error));
  }
}
