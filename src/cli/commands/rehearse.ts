import { VirtualClock } from '../../base/clock.ts';
import { refusal, type Refusal } from '../../base/refusal.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { documentOf } from '../../report/documents.ts';
import { exitText } from '../../report/exit-text.ts';
import { failureText } from '../../report/failure-text.ts';
import { counted } from '../../report/quantities.ts';
import { rehearsalText, standInLines } from '../../report/rehearsal-text.ts';
import { explainText } from '../../report/explain-text.ts';
import { planBody } from '../../report/plan-document.ts';
import { planText } from '../../report/plan-text.ts';
import { explainPlan } from '../../explain/explain.ts';
import { exitOf, exitOfRun } from '../../run/facts/outcome.ts';
import { inspect } from '../../run/facts/inspect.ts';
import { makePlan } from '../../run/plan/plan.ts';
import { matchPagesOf } from '../../run/facts/match-bytes.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { refuseForeignOptions, type ForeignOptions } from '../auto-lab.ts';
import { madeHost } from '../../rehearsal/made-host.ts';
import { readForRehearsal } from '../read-for-rehearsal.ts';
import { exitNamesOfPlan, type PlanOptions } from './plan.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import type { RehearsalEnd } from '../../rehearsal/rehearsal-end.ts';

/**
 * `runbook apply PLAYBOOK --lab auto`: the playbook on simulated devices that fit it, once for each thing that devices do in
 * the field. Exit 0: the device that does what the playbook expects ends as the playbook says, and no verdict is untrue.
 */
export async function rehearseApply(
  file: string,
  options: CommonOptions & ForeignOptions,
  io: Io,
): Promise<Answer> {
  refuseForeignOptions(options);
  const { resolved, standIns, warnings } = await readForRehearsal(file);
  const rehearsals = await rehearse(resolved);
  const error = errorOf(rehearsals);
  const exit = exitOf(error === null ? 'OK' : 'FAILED');
  const { sha256, name } = resolved;
  const ink = inkOf(io.stderr, io.env, options.color);
  const text = rehearsalText(name, standIns, rehearsals, inkOf(io.stdout, io.env, options.color));
  return {
    exit,
    document: documentOf('runbook.rehearsal/1', 'apply', exit, {
      body: { playbook: { file, sha256, name }, standIns, rehearsals },
      diagnostics: warnings,
      error,
    }),
    text: error === null ? `${text}${exitText(exit)}\n` : text,
    notes: diagnosticsText(warnings, ink) + (error === null ? '' : failureText(error, ink)),
  };
}

function errorOf(rehearsals: readonly RehearsalEnd[]): Refusal | null {
  const wrong = rehearsals.filter(({ problems }) => problems.length > 0);
  const [first] = wrong;
  if (first === undefined) return null;
  return refusal(
    'rehearsal-failed',
    { count: counted(wrong.length, 'rehearsal'), name: first.name, what: first.problems[0]! },
    first.name === 'as-expected'
      ? { next: 'Read what apply says of that device, and correct the playbook.' }
      : {},
  );
}

/** `runbook plan PLAYBOOK --lab auto`: the plan for devices that fit it. */
export async function planAuto(file: string, options: PlanOptions, io: Io): Promise<Answer> {
  refuseForeignOptions(options);
  const { resolved, standIns, warnings } = await readForRehearsal(file);
  const clock = new VirtualClock();
  const { host } = madeHost(resolved, clock);
  const types = new Set(resolved.plays.map(({ match }) => match.deviceType));
  const made = makePlan(resolved, await inspect(host, types, clock, matchPagesOf(resolved.plays)));
  const { outcomes, also } = exitNamesOfPlan(made, options.exitCode);
  const exit = exitOfRun(outcomes, also);
  const ink = inkOf(io.stdout, io.env, options.color);
  const explain = options.explain ? explainPlan(made) : null;
  return {
    exit,
    document: documentOf('runbook.plan/1', 'plan', exit, {
      body: { simulated: true, ...planBody(made), digest: null, notes: [], explain },
      diagnostics: warnings,
    }),
    text: [
      planText(made, { ink, verbose: options.verbose }),
      ...(options.explain ? [explainText(made, ink)] : []),
      ...(exit.name === 'OK' ? [] : [`${exitText(exit)}\n`]),
    ].join(''),
    notes:
      diagnosticsText(warnings, inkOf(io.stderr, io.env, options.color)) +
      standInLines(standIns)
        .map((line) => `${line}\n`)
        .join(''),
  };
}
