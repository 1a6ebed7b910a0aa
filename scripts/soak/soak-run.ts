import { VirtualClock } from '../../src/base/clock.ts';
import { loadPlaybook } from '../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import { silentScreen } from '../../src/report/screen.ts';
import type { RunEvent } from '../../src/run/facts/events.ts';
import { inspect } from '../../src/run/facts/inspect.ts';
import { makePlan } from '../../src/run/plan/plan.ts';
import { runPlan } from '../../src/run/engine/run.ts';
import type { RunSummary } from '../../src/run/engine/run.ts';
import { eventsOf } from '../../src/run/unit/activation-steps.ts';
import { StopSwitch } from '../../src/run/facts/stop.ts';
import { faultBehavior } from '../../src/simulator/faults.ts';
import { createLabHost } from '../../src/simulator/lab-host.ts';
import { brokenPromises } from './invariants.ts';
import { brokenJournal, soakState } from './soak-journal.ts';
import { observe } from './observed.ts';
import type { SoakCase } from './random-case.ts';
import { randomCase } from './random-case.ts';
import { Random } from './random.ts';

/** The result of one seed. */
export interface SoakRun {
  /** null: the random playbook was none, and nothing was run. */
  readonly summary: RunSummary | null;
  /** `persona, mode, fault: outcome`, for every fault of every device. */
  readonly cells: readonly string[];
  readonly violations: readonly string[];
  readonly events: readonly RunEvent[];
  readonly made: SoakCase;
}

/** A run has no real waits: one that takes this long hangs. */
const HANGS_AFTER_MS = 20_000;
/** Runs that end with 0 have only such devices. */
const GOOD_OUTCOMES: readonly string[] = ['updated', 'current'];

/** Makes a lab, a playbook and faults from the seed, runs them through the program's own stages, and looks what broke. */
export async function soakRun(seed: number): Promise<SoakRun> {
  const made = randomCase(new Random(seed));
  const events: RunEvent[] = [];
  const nothing: SoakRun = { summary: null, cells: [], violations: [], events, made };
  const { playbook } = loadPlaybook('soak.yml', made.playbookText);
  if (playbook === null) return nothing;
  const { resolved } = await resolvePlaybook(playbook, { directory: '.', labImages: made.labImages });
  if (resolved === null) return nothing;

  const clock = new VirtualClock();
  const host = createLabHost(made.lab, { images: made.labImages, clock, keepLog: true });
  const observed = observe(host);
  host.devices.forEach((device, index) => {
    for (const { fault } of made.faults[index]!) device.putInFront(faultBehavior(fault));
  });
  const stop = new StopSwitch();
  const emit = (event: RunEvent): void => {
    events.push(event);
    if (events.length === made.stopAfterEvents) stop.request('SIGTERM');
  };
  const work = async (): Promise<RunSummary> => {
    const facts = await inspect(host, new Set(resolved.plays.map(({ match }) => match.deviceType)), clock);
    const plan = makePlan(resolved, facts);
    const record = { ...soakState(), version: 'soak', fresh: true };
    return runPlan(plan, { host, clock, emit, stop, screen: silentScreen, record });
  };
  let summary: RunSummary | null;
  try {
    summary = await orHangs(work());
  } catch (bug) {
    return { ...nothing, violations: [`a bug before the run: ${bugText(bug)}`] };
  }
  if (summary === null) return { ...nothing, violations: [`hangs for ${HANGS_AFTER_MS / 1000} s`] };

  const violations = summary.bugs.map((bug) => `a bug: ${bugText(bug)}`);
  const cells: string[] = [];
  // A playbook of the soak has one play.
  const stepsOfPerson = resolved.plays.flatMap(({ activate }) => eventsOf(activate));
  host.devices.forEach((device, index) => {
    const result = summary.results.find(({ id }) => id === `naa.${device.id}`);
    for (const { name } of made.faults[index]!) {
      const { persona } = made.lab.devices[index]!;
      cells.push(`${persona}, ${made.mode}, ${name}: ${result?.outcome ?? 'no result'}`);
    }
    if (result === undefined) return;
    for (const broken of brokenPromises(device, result, observed.writes.get(device)!, stepsOfPerson)) {
      violations.push(`device ${index} (${device.id}): ${broken}`);
    }
  });
  violations.push(...(await brokenJournal(summary, host.devices, observed.writes)));
  if (observed.open !== 0) violations.push(`${observed.open} paths were left open`);
  const bad = summary.results.find(({ outcome }) => !GOOD_OUTCOMES.includes(outcome));
  if (summary.exit.code === 0 && bad !== undefined) violations.push(`exit 0 with a device ${bad.outcome}`);
  return { summary, cells, violations, events, made };
}

const bugText = (bug: unknown): string => (bug instanceof Error ? (bug.stack ?? bug.message) : String(bug));

/** null: it did not end in time. */
async function orHangs<Value>(work: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), HANGS_AFTER_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
