import { documentOf } from '../../report/documents.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { exitText } from '../../report/exit-text.ts';
import { explainText } from '../../report/explain-text.ts';
import { planBody } from '../../report/plan-document.ts';
import { planText } from '../../report/plan-text.ts';
import { memoryNotesText } from '../../report/memory-notes-text.ts';
import type { Host } from '../../host/host.ts';
import { explainPlan } from '../../explain/explain.ts';
import { namesOn } from '../../run/facts/device-name.ts';
import { judgeOpen } from '../../run/engine/judge-open.ts';
import { inspect } from '../../run/facts/inspect.ts';
import { exitOfRun, type Exit, type ExitName, type Outcome } from '../../run/facts/outcome.ts';
import { matchPagesOf } from '../../run/facts/match-bytes.ts';
import { memoryNotes, type MemoryNote } from '../../run/records/earlier-work.ts';
import { planDigest } from '../../run/plan/digest.ts';
import {
  isHeldByCanary,
  isHeldElsewhere,
  makePlan,
  type Plan,
  type PlanCommandOptions as MakePlanOptions,
} from '../../run/plan/plan.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { openHost, type OpenedHost } from '../open-host.ts';
import { openState, type OpenedState } from '../open-state.ts';
import { validForOf, writePlanFile } from '../plan-file.ts';
import { plannedPlaybook, runFacts } from '../run-facts.ts';
import type { TextFile } from '../read-text.ts';
import { readForRun } from '../read-playbook.ts';
import type { Diagnostic } from '../../playbook/diagnostics.ts';
import type { StateError } from '../../run/records/state-error.ts';
import type { RememberedUnits } from '../../run/records/remembered-units.ts';

export interface PlanOptions extends CommonOptions, AgainstMemory {
  readonly exitCode: boolean;
  /** Where the plan goes as a file; null: nowhere. */
  readonly out: string | null;
  readonly validFor: string;
  readonly explain: boolean;
  /** Names of the units that may be selected; none: all. */
  readonly only: readonly string[];
}

/** What a person says against what is remembered. */
export interface AgainstMemory {
  /** Sends an image again that ended badly, or that waits. */
  readonly retry: boolean;
  /** Names of frozen units that may get an image. */
  readonly recover: readonly string[];
  /** Discards what somebody left in a device, or what nobody remembers to have left there. */
  readonly takeOver: boolean;
}

/** What is remembered of the units of this host. Throws StateError: what cannot be read may say `frozen`. */
export async function rememberedUnits(
  state: OpenedState,
  { retry, recover, takeOver }: AgainstMemory,
  host: Host,
): Promise<RememberedUnits & { readonly unreadable: readonly StateError[] }> {
  const { memory, damaged, unreadable } = await state.memory();
  const [first] = damaged;
  if (first !== undefined) throw first;
  return { memory, retry, takeOver, recover: await namesOn(host, recover), unreadable };
}

/** `runbook plan PLAYBOOK`: everything that apply does before its first byte, and nothing more. */
export async function plan(file: string, options: PlanOptions, io: Io): Promise<Answer> {
  const startedAt = new Date();
  validForOf(options.validFor);
  const opened = await openHost(options, { opensDevices: true });
  try {
    const state = openState(options, io);
    const remembered = await rememberedUnits(state, options, opened.host);
    const only = await namesOn(opened.host, options.only);
    const { made, warnings } = await planFor(file, opened, { only, remembered, keep: state, io });
    const { out, validFor } = options;
    const digest = out === null ? null : await writePlanFile(made, out, { playbook: file, validFor });
    const exit = exitOfPlan(made, options.exitCode);
    const notes = notesOf(made, remembered.unreadable);
    const ink = inkOf(io.stderr, io.env, options.color);
    const outInk = inkOf(io.stdout, io.env, options.color);
    const explained = options.explain ? explainText(made, outInk) : '';
    const text = planText(made, { ink: outInk, verbose: options.verbose }) + explained;
    return {
      exit,
      document: documentOf('runbook.plan/1', 'plan', exit, {
        body: {
          simulated: options.lab !== undefined,
          ...runFacts(io, startedAt),
          ...planBody(made),
          playbook: plannedPlaybook(made.playbook),
          work: planDigest(made),
          frozen: frozenIn(made),
          digest,
          notes,
          explain: options.explain ? explainPlan(made) : null,
        },
        diagnostics: warnings,
      }),
      text: `${text}${digest === null ? '' : `plan file ${out}, digest ${digest}\n`}${exit.name === 'OK' ? '' : `${exitText(exit)}\n`}`,
      notes: diagnosticsText(warnings, ink) + memoryNotesText(notes, ink),
    };
  } finally {
    await opened.close();
  }
}

/** Units that must keep their power, as far as this plan selects them. */
const frozenIn = ({ decisions }: Plan): string[] =>
  decisions.filter(({ verdict }) => verdict === 'frozen').map(({ facts: { id } }) => id);

/** Reads the playbook, looks at the host, and decides: stages 1 to 5, the same for `plan` and `apply`. */
export async function planFor(
  file: string,
  { host, clock, labImages }: OpenedHost,
  options: MakePlanOptions & {
    readonly keep?: Pick<OpenedState, 'keepHeard' | 'keepVerdict'>;
    readonly io?: Pick<Io, 'stderr'>;
    /** What was read of the file; absent or null: nothing yet. */
    readonly read?: TextFile | null;
  },
): Promise<{ readonly made: Plan; readonly warnings: readonly Diagnostic[] }> {
  const { resolved, warnings } = await readForRun(file, labImages, options.read ?? null);
  const deviceTypes = new Set(resolved.plays.map(({ match }) => match.deviceType));
  const facts = await inspect(host, deviceTypes, clock, matchPagesOf(resolved.plays));
  const { remembered, keep, io } = options;
  const onWaiting = (what: string, withinMs: number, unit: string): void => {
    io?.stderr.write(
      `${unit}: left open by an earlier run; waits until it is ${what}, up to ${Math.ceil(withinMs / 1000)} s\n`,
    );
  };
  const around = {
    host,
    clock,
    onWaiting,
    ...(keep && { keep: keep.keepHeard, keepVerdict: keep.keepVerdict }),
  };
  const judged = remembered && (await judgeOpen(facts, resolved.plays, remembered, around));
  return { made: makePlan(resolved, facts, { ...options, ...(judged && { remembered: judged }) }), warnings };
}

/** What interrupted runs left on the units of this plan, and journals that might say more. */
export function notesOf({ decisions, memory }: Plan, unreadable: readonly StateError[]): MemoryNote[] {
  return [
    ...memoryNotes(decisions, memory),
    ...unreadable.map(({ message, next }) => ({ device: null, run: null, known: 'unclear', message, next })),
  ];
}

/** What apply would end with, as far as can be known now; 5 only where it was asked for. */
function exitOfPlan(plan: Plan, wantsChanges: boolean): Exit {
  const { outcomes, also } = exitNamesOfPlan(plan, wantsChanges);
  return exitOfRun(outcomes, also);
}

/** What its exit code is made of. */
export function exitNamesOfPlan(
  { decisions, work, refusals }: Plan,
  wantsChanges: boolean,
): { readonly outcomes: readonly Outcome[]; readonly also: readonly ExitName[] } {
  const outcomes = decisions.flatMap(({ action, verdict }): Outcome[] =>
    action === 'refused' || action === 'pending' ? [verdict ?? action] : [],
  );
  const also: ExitName[] = refusals.map(({ exit }) => exit);
  if (isHeldElsewhere({ decisions })) also.push('BUSY');
  if (isHeldByCanary({ decisions })) also.push('HALTED');
  if (wantsChanges && work.length > 0) also.push('CHANGES');
  return { outcomes, also };
}
