import type { Clock } from '../base/clock.ts';
import type { Host } from '../host/host.ts';
import { totalBytes } from './unit/check.ts';
import type { ResolvedStrategy } from '../playbook/resolved.ts';
import { canaryGate } from './canary.ts';
import type { MaybeCanary } from './canary.ts';
import { DeviceRun } from './unit/device-run.ts';
import { enclosureOf, partnersOf, whyApart } from './plan/domains.ts';
import type { Emit, PlannedDevice } from './events.ts';
import type { DeviceFacts } from './plan/inspect.ts';
import { headerOfPlan, settledBy } from './journal/header.ts';
import { Recording } from './journal/recording.ts';
import type { RecordingOptions } from './journal/recording.ts';
import { EXIT_OF_SIGNAL, exitOfRun, isFailure } from './outcome.ts';
import type { DeviceResult, Exit, ExitName, Outcome } from './outcome.ts';
import type { Decision, Plan, PlannedUnit } from './plan/plan.ts';
import { newRunId } from './journal/run-id.ts';
import type { StateError } from './store/state-error.ts';
import type { StopSwitch } from './stop.ts';
import { runTasks } from './tasks.ts';
import type { Screen, Step, TaskGroup } from './tasks.ts';
import { Turns } from './turns.ts';
import { HostLooks, UnitSurroundings } from './unit/surroundings.ts';

export interface RunOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly stop: StopSwitch;
  readonly screen: Screen;
  /** What the threads of this process allow, whatever the playbook wants. */
  readonly maximumConcurrent?: number;
  /** Where the run is remembered; absent: nowhere. */
  readonly record?: RecordingOptions & { readonly version: string; readonly fresh: boolean };
}

/** What every part of a run needs. */
interface Running extends RunOptions {
  readonly recording: Recording;
  /** What bugs threw. */
  readonly bugs: unknown[];
}

export interface RunSummary {
  /** Name of the run: UTC time and four random digits. */
  readonly run: string;
  /** One for each unit that a play selects, in the order of the host. */
  readonly results: readonly DeviceResult[];
  readonly exit: Exit;
  /** What a bug threw; not empty: exit 70. The devices have their verdict all the same. */
  readonly bugs: readonly unknown[];
  /** Journal or records could not be written; null: all is kept. */
  readonly unkept: StateError | null;
}

/** Obeys a plan. Nothing is begun when the plan has refusals. Never rejects: what a bug throws is in `bugs`. */
export async function runPlan(plan: Plan, given: RunOptions): Promise<RunSummary> {
  const { playbook, refusals } = plan;
  const bugs: unknown[] = [];
  const run = newRunId();
  const recording = await Recording.start(
    headerOfPlan(plan, {
      run,
      hostKind: given.host.kind,
      version: given.record?.version ?? '',
      fresh: given.record?.fresh ?? false,
    }),
    refusals.length === 0 ? given.record : undefined,
  );
  const options: Running = {
    ...given,
    recording,
    bugs,
    // A reporter that throws must not end a device between first byte and verdict.
    emit: (event) => {
      try {
        recording.observe(event);
        given.emit(event);
      } catch (bug) {
        bugs.push(bug);
      }
    },
  };
  const { emit, stop } = options;
  stop.listen((signal, effect) => emit({ type: 'stop-requested', signal, effect }));
  const looks = new HostLooks(options.host, options.clock);
  const allFacts = plan.decisions.map(({ facts }) => facts);
  const runs: DeviceRun[] = plan.work.map((unit) => {
    const partners = partnersOf(unit.facts, allFacts);
    const surroundings = new UnitSurroundings(looks, unit, playbook.strategy, partners);
    const whyNotBegin = (): string | null => whyNotBegun(unit, plan, runs, options);
    const host = recording.hostFor(unit, options.host);
    return new DeviceRun(unit, { ...options, host, surroundings, whyNotBegin });
  });
  emit({
    type: 'run-started',
    run,
    playbook: { file: playbook.file, sha256: playbook.sha256, name: playbook.name },
    devices: plan.work.map(plannedDevice),
  });

  const also: ExitName[] = refusals.map(({ exit }) => exit);
  if (refusals.length > 0) {
    for (const device of runs) device.skip('the plan was refused before the first byte');
  } else {
    const names = plan.work.length === 1 ? 'a device' : `${plan.work.length} devices`;
    const allowShutdown =
      runs.length === 0 ? null : await options.host.inhibitShutdown(`firmware of ${names} is being written`);
    try {
      await runTasks(groupsOf(plan, runs, options), options.screen);
    } catch (bug) {
      bugs.push(bug);
    } finally {
      allowShutdown?.();
    }
    // No device without a result, whatever went wrong.
    for (const device of runs) device.skip('runbook itself failed before this device was begun');
  }

  const results = plan.decisions.flatMap((decision) => resultOf(decision, runs));
  if (stop.requested !== null && results.some(({ outcome }) => outcome === 'skipped')) {
    also.push(EXIT_OF_SIGNAL[stop.requested]);
  }
  if (stop.requested === null && leftForWantOfProof(plan, runs)) also.push('HALTED');
  const current = plan.decisions.filter(({ action }) => action === 'current');
  await recording.seen(current.map(({ facts }) => ({ id: facts.id, revision: facts.revision })));
  for (const { device, run: wroteIt } of refusals.length > 0 ? [] : settledBy(plan)) {
    const result = results.find(({ id }) => id === device.id);
    if (result !== undefined) recording.conclude(result, wroteIt);
  }
  await recording.settled();
  also.push(...recording.exits());
  if (runs.some(({ locked }) => locked)) also.push('BUSY');
  if (bugs.length > 0) also.push('INTERNAL');
  const exit = exitOfRun(
    results.map(({ outcome }) => outcome),
    also,
  );
  stop.listen(null);
  emit({ type: 'run-finished', exit });
  await recording.close(exit);
  return { run, results, exit, bugs, unkept: recording.failure };
}

function groupsOf(plan: Plan, runs: readonly DeviceRun[], options: Running): TaskGroup[] {
  return plan.playbook.plays.map((play) => {
    const devices = runs.filter(({ unit }) => unit.play === play);
    const turns = turnsOf(devices, plan, options);
    return {
      title: play.name,
      // Every device has its task; who of them may begin is a matter of turns.
      concurrent: Math.max(1, devices.length),
      tasks: devices.map((device) => ({
        title: device.unit.facts.id,
        steps: () => [
          {
            title: 'wait',
            skip: () => false,
            run: async () => {
              await turns.enter(device);
              const reason = whyNotBegun(device.unit, plan, runs, options);
              if (reason !== null) device.skip(reason);
            },
          },
          ...stepsOf(device, options),
          { title: 'leave', skip: () => false, run: () => turns.leave(device) },
        ],
      })),
    };
  });
}

/** Something waits for an event, and units were left because of that. */
function leftForWantOfProof(plan: Plan, runs: readonly DeviceRun[]): boolean {
  const ended = (wanted: Outcome) => runs.some(({ result }) => result?.outcome === wanted);
  return plan.refusals.length === 0 && ended('pending') && ended('skipped') && !ended('refused');
}

function turnsOf(devices: readonly DeviceRun[], { playbook }: Plan, options: RunOptions): Turns<DeviceRun> {
  const { strategy } = playbook;
  const { concurrent } = strategy;
  return new Turns(devices, {
    atOnce: Math.max(1, Math.min(concurrent, options.maximumConcurrent ?? concurrent)),
    apart: (a, b) => whyApart(a.unit.facts, b.unit.facts, strategy) !== null,
    first: () => {
      const gate = canaryGate(devices.map(asCanary), strategy);
      return gate.kind === 'first'
        ? new Set(devices.filter(({ unit }) => gate.ids.has(unit.facts.id)))
        : null;
    },
  });
}

const asCanary = ({ unit, result }: DeviceRun): MaybeCanary => ({
  id: unit.facts.id,
  outcome: result?.outcome ?? null,
});

/** Asked when the turn of a device comes, and again right before its first byte. */
function whyNotBegun(
  { facts, play }: PlannedUnit,
  { playbook: { strategy }, haltOnRefusal }: Plan,
  runs: readonly DeviceRun[],
  { stop, bugs, recording }: Running,
): string | null {
  if (stop.requested !== null) return `stopped by ${stop.requested} before this device was begun`;
  if (bugs.length > 0) return 'runbook itself failed before this device was begun';
  const unkept = recording.whyNotBegin();
  if (unkept !== null) return unkept;
  const failures = runs.filter(({ result }) => result !== null && isFailure(result.outcome)).length;
  if (failures > strategy.maxFailures)
    return `the run was halted: ${failures} failed or not proven before this device`;
  const ofPlay = runs.filter(({ unit }) => unit.play === play);
  const gate = canaryGate(ofPlay.map(asCanary), strategy);
  if (gate.kind === 'closed') return gate.reason;
  const partner = partnerObstacle(facts, runs, strategy) ?? frozenObstacle({ facts, play }, runs);
  if (partner !== null) return partner;
  const refused = ofPlay.find(({ result }) => result?.outcome === 'refused');
  if (haltOnRefusal && refused !== undefined) {
    return `${refused.unit.facts.id} was refused; \`on-refusal: skip\` goes on with the others`;
  }
  return null;
}

/** What became of another module of this enclosure keeps this one from being begun. */
function partnerObstacle(
  facts: DeviceFacts,
  runs: readonly DeviceRun[],
  { partnerAfter }: ResolvedStrategy,
): string | null {
  const enclosure = enclosureOf(facts);
  if (enclosure === null) return null;
  for (const { unit, result } of runs) {
    if (unit.facts === facts || result === null || enclosureOf(unit.facts) !== enclosure) continue;
    const { outcome } = result;
    if (isFailure(outcome) || (outcome === 'pending' && partnerAfter !== 'pending')) {
      return `its partner ${unit.facts.id} in enclosure ${enclosure} ended ${outcome}`;
    }
  }
  return null;
}

/** A frozen enclosure is not reset, and no module of it is begun: also where it is not known which modules are its own. */
function frozenObstacle({ facts, play }: PlannedUnit, runs: readonly DeviceRun[]): string | null {
  const frozen = runs.find(({ unit, result }) => unit.facts !== facts && result?.outcome === 'frozen');
  if (frozen === undefined) return null;
  const { id } = frozen.unit.facts;
  if (play.activate.some(({ step }) => step === 'reload-driver')) {
    return `${id} is frozen, and the step reload-driver would reset it`;
  }
  const known = enclosureOf(facts) !== null && enclosureOf(frozen.unit.facts) !== null;
  const enclosures = play.match.type === 'enclosure' && frozen.unit.play.match.type === 'enclosure';
  if (known || !enclosures) return null;
  return `${id} is frozen, and this may be another module of the same enclosure`;
}

function stepsOf(device: DeviceRun, { clock, emit, bugs }: Running): Step[] {
  const { id } = device.unit.facts;
  const phases = ['check', 'download', 'activate', 'verify'] as const;
  return [
    ...phases.map((phase) => ({
      title: phase,
      skip: () => device.result !== null,
      run: async () => {
        const startedMs = clock.nowMs();
        emit({ type: 'phase-started', device: id, phase });
        try {
          await device[phase]();
        } catch (error) {
          bugs.push(error);
          device.abandon(error, phase);
        }
        emit({
          type: 'phase-finished',
          device: id,
          phase,
          durationMs: Math.round(clock.nowMs() - startedMs),
        });
      },
    })),
    { title: 'close', skip: () => false, run: () => endOf(device, bugs) },
  ];
}

/** Every device that was begun has a result, and its node is closed. */
async function endOf(device: DeviceRun, bugs: unknown[]): Promise<void> {
  if (device.result === null) {
    const bug = new Error('the phases ended without a verdict');
    bugs.push(bug);
    device.abandon(bug, 'verify');
  }
  try {
    await device.close();
  } catch (bug) {
    bugs.push(bug);
  }
}

function plannedDevice({ facts, play }: PlannedUnit): PlannedDevice {
  return {
    id: facts.id,
    play: play.name,
    node: facts.paths[0]?.sgNode ?? facts.id,
    vendor: facts.vendor,
    product: facts.product,
    before: facts.revision,
    target: play.verify.revision,
    totalBytes: totalBytes(play),
  };
}

/** Units that were not worked on have a result too: they were current, pending, or refused. */
function resultOf(
  { facts, play, action, reason, pending }: Decision,
  runs: readonly DeviceRun[],
): DeviceResult[] {
  if (play === null || action === 'not-selected') return [];
  const worked = runs.find(({ unit }) => unit.facts === facts)?.result;
  if (worked != null) return [worked];
  return [
    {
      id: facts.id,
      play,
      paths: facts.paths.map(({ sgNode, hctl }) => sgNode ?? hctl),
      vendor: facts.vendor,
      product: facts.product,
      before: facts.revision,
      after: action === 'refused' ? null : facts.revision,
      outcome: action === 'update' ? 'refused' : action,
      reason,
      pending: pending ?? null,
      bytes: 0,
      chunks: 0,
      seconds: 0,
      error: facts.problem,
    },
  ];
}
