import { refusal, type Refusal } from '../../base/refusal.ts';
import type { Diagnostic } from '../../playbook/diagnostics.ts';
import { gitCommitOf } from '../../host/git-commit.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { documentOf } from '../../report/documents.ts';
import { failureText } from '../../report/failure-text.ts';
import type { Ink } from '../../report/ink.ts';
import { memoryNotesText } from '../../report/memory-notes-text.ts';
import { planText } from '../../report/plan-text.ts';
import { counted } from '../../report/quantities.ts';
import { printable } from '../../report/ink.ts';
import type { ObeyedPlan } from '../../report/run-record.ts';
import { planTopology } from '../../report/plan-document.ts';
import { reportText } from '../../report/report-text.ts';
import { TimelineRecorder, type Timeline } from '../../report/timeline.ts';
import { namesOn } from '../../run/facts/device-name.ts';
import type { Emit } from '../../run/facts/events.ts';
import type { MemoryNote } from '../../run/records/earlier-work.ts';
import { refusalsBesideUnits, refusalText, unitsRefused, type Plan } from '../../run/plan/plan.ts';
import { planDigest } from '../../run/plan/digest.ts';
import { StateError } from '../../run/records/state-error.ts';
import { runPlan, type RunSummary } from '../../run/engine/run.ts';
import { StopSwitch, type ToldSignal } from '../../run/facts/stop.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { bugReport, stackText } from '../bug.ts';
import { canAsk, confirm } from '../confirm.ts';
import { inkOf, inLocale, type Io } from '../io.ts';
import { replaceLostTerminals } from '../lost-terminal.ts';
import { jobControl } from '../job-control.ts';
import { openHost } from '../open-host.ts';
import { openState, type OpenedState } from '../open-state.ts';
import { asReviewed, openReviewed } from '../plan-file.ts';
import { listenForSignals } from '../signals.ts';
import { imageFacts, playbookFacts, runFacts } from '../run-facts.ts';
import { EarlyWaits } from '../stopped-early.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../../base/program-facts.ts';
import { InvalidFiles } from '../invalid-files.ts';
import { readText } from '../read-text.ts';
import { watchersOf } from '../watch-run.ts';
import { rememberedUnits, notesOf, planFor, type AgainstMemory } from './plan.ts';

export interface ApplyOptions extends CommonOptions, AgainstMemory {
  readonly yes: boolean;
  readonly only: readonly string[];
  /** Of the plan file that was reviewed; null: any. */
  readonly digest: string | null;
  /** Plain lines of the screen begin with the time; null: where a service or a build keeps them. */
  readonly timestamps: boolean | null;
  /** Id that the run is to have; null: a new one. */
  readonly run: string | null;
  /** Is told what happens, beside the screen. */
  readonly tell: Emit;
}

/** `runbook apply PLAYBOOK|PLAN`: plans, asks where there is somebody to ask, runs, and reports. */
export async function apply(file: string, options: ApplyOptions, io: Io): Promise<Answer> {
  if (!options.yes && !canAsk(io)) {
    const { problem } = await readText(file);
    if (problem !== null) throw new InvalidFiles([problem]);
    throw new UsageError('apply asks before it writes, but there is no terminal', 'Add --yes.');
  }
  const ink = inkOf(io.stderr, io.env, options.color);
  const stop = new StopSwitch();
  const watchers = watchersOf(options, io, options.tell);
  // Ends the question: a signal or a lost terminal is not a "yes".
  const asking = new AbortController();
  const waits = new EarlyWaits();
  let running = false;
  const tell = (signal: ToldSignal, effect: string): void => {
    if (running) stop.tell(signal, effect);
    else io.stderr.write(`\n${effect}\n`);
  };
  const unlisten = listenForSignals({
    stop,
    tell: (signal, effect) => {
      asking.abort();
      waits.stop(signal);
      tell(signal, effect);
    },
    onHangUp: () => asking.abort(),
  });
  const startedAt = new Date();
  const opened = await waits.for(openHost(options, { opensDevices: true }));
  const jobs = jobControl({ stop, tell, ignore: opened.ignoreSignal });
  try {
    jobs.refuse();
    const state = openState(options, io);
    await waits.for(state.requireOwn());
    const remembered = await waits.for(rememberedUnits(state, options, opened.host));
    const reviewed = await waits.for(openReviewed(file, options.digest));
    const { made: fresh, warnings } = await waits.for(
      planFor(reviewed.playbookFile, opened, {
        only: await namesOn(opened.host, options.only),
        remembered,
        keep: state,
        io,
        read: reviewed.playbook,
      }),
    );
    const made = await waits.for(ifKept(asReviewed(fresh, reviewed), state));
    waits.end();
    const notes = notesOf(made, remembered.unreadable);
    const digest = reviewed.planFile?.digest ?? null;
    if (options.format === 'text' && digest !== null) io.stderr.write(`${planLine(file, digest)}\n`);
    if (options.format === 'text')
      io.stderr.write(diagnosticsText(warnings, ink) + memoryNotesText(notes, ink));
    if (io.stderr.isTTY && canBegin(made))
      io.stderr.write(inLocale(`${planText(made, { ink, verbose: options.verbose })}\n`, io.env));
    const ask = async (): Promise<boolean> => {
      jobs.allow();
      const yes = await confirm(`Update ${counted(made.work.length, 'device')}?`, io, asking.signal);
      jobs.refuse();
      return yes;
    };
    const confirmed = options.yes || !canBegin(made) || (await ask());
    running = true;
    const plan = confirmed || stop.requested !== null ? made : declined(made);
    const { host, clock, maximumConcurrent } = opened;
    const recorder = new TimelineRecorder(clock);
    const summary = await runPlan(plan, {
      host,
      clock,
      stop,
      emit: (event) => {
        recorder.handle(event);
        watchers.emit(event);
      },
      screen: watchers.screen,
      record: {
        directory: state.directory,
        version: VERSION,
        fresh: state.fresh,
        gitCommit: gitCommitOf(plan.playbook.file),
      },
      ...(maximumConcurrent === undefined ? {} : { maximumConcurrent }),
      ...(options.run === null ? {} : { run: options.run }),
    });
    return answerOf(plan, summary, warnings, {
      planFile: digest === null ? null : { file, digest },
      notes,
      timeline: recorder.timeline,
      ink,
      out: inkOf(io.stdout, io.env, options.color),
      options,
      facts: runFacts(io, startedAt),
    });
  } finally {
    await opened.close();
    jobs.allow();
    unlisten();
    replaceLostTerminals();
  }
}

const canBegin = ({ work, refusals }: Plan): boolean => work.length > 0 && refusals.length === 0;

const planLine = (file: string, digest: string): string => printable(`plan file ${file}, digest ${digest}`);

/** Where nothing could be remembered, the plan as a whole is refused before anybody is asked. */
async function ifKept(plan: Plan, state: Pick<OpenedState, 'prepare'>): Promise<Plan> {
  if (!canBegin(plan)) return plan;
  try {
    await state.prepare();
    return plan;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { ...plan, refusals: [{ play: '', unit: null, error: error.refusal, exit: 'REFUSED' }] };
  }
}

/** "no" at the prompt refuses the plan as a whole, like any other guard. */
function declined(plan: Plan): Plan {
  const error = refusal('not-confirmed');
  return { ...plan, refusals: [{ play: '', unit: null, error, exit: 'REFUSED' }] };
}

function answerOf(
  plan: Plan,
  { run, results, exit, bugs, unkept }: RunSummary,
  warnings: readonly Diagnostic[],
  {
    planFile,
    notes,
    timeline,
    ink,
    out,
    options,
    facts,
  }: {
    readonly planFile: ObeyedPlan | null;
    readonly notes: readonly MemoryNote[];
    readonly timeline: Timeline;
    readonly ink: Ink;
    readonly out: Ink;
    readonly options: ApplyOptions;
    readonly facts: Readonly<Record<string, unknown>>;
  },
): Answer {
  const error = bugs.length > 0 ? bugReport(bugs[0]) : unkept === null ? refusalOf(plan) : unkept.refusal;
  const stacks = options.verbose ? bugs.map(stackText).join('') : '';
  return {
    exit,
    document: documentOf('runbook.report/1', 'apply', exit, {
      body: {
        run,
        simulated: options.lab !== undefined,
        ...facts,
        playbook: playbookFacts(plan.playbook),
        images: imageFacts(plan.playbook),
        work: planDigest(plan),
        frozen: results.filter(({ outcome }) => outcome === 'frozen').map(({ id }) => id),
        planFile,
        devices: results,
        timeline,
        topology: planTopology(plan),
        notes,
      },
      diagnostics: warnings,
      error,
    }),
    text:
      (planFile === null
        ? ''
        : `${planLine(planFile.file, planFile.digest)}

`) + reportText(results, exit, out, options.verbose, run),
    notes: error === null ? '' : failureText(error, ink) + stacks,
  };
}

/** Why nothing was begun, in one failure; null: the plan was obeyed. Why a unit is refused stands at the unit, too. */
function refusalOf(plan: Plan): Refusal | null {
  const told = refusalsBesideUnits(plan);
  const [first] = told;
  const refused = unitsRefused(plan);
  const error = first?.error ?? (refused === null ? null : refusal('unit-refused', { units: '' }));
  if (error === null) return null;
  const message = `nothing was written: ${[...told.map(refusalText), ...(refused === null ? [] : [refused])].join('; ')}`;
  return { ...error, message };
}
