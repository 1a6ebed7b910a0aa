import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { because } from '../plan/decision.ts';
import { beginUnit, groupsOf } from './groups.ts';
import { headerOfPlan, settledBy } from './run-header.ts';
import { Recording } from './recording.ts';
import { newRunId } from '../records/run-id.ts';
import { decisionsOf, settle } from './later-play.ts';
import { EXIT_OF_SIGNAL, exitOfRun } from '../facts/outcome.ts';
import type { DeviceResult, Exit, ExitName, Outcome } from '../facts/outcome.ts';
import { isHeldByCanary, isHeldElsewhere } from '../plan/plan.ts';
import type { Plan } from '../plan/plan.ts';
import { sentByInterrupted } from '../records/sent-before.ts';
import { subenclosureOf } from '../facts/subenclosure.ts';
import { plannedDevice, resultsOf, tellingResults } from './results.ts';
import type { Running, RunOptions } from './running.ts';
import type { StateError } from '../records/state-error.ts';
import { runTasks } from './tasks.ts';
import { DeviceRun } from '../unit/device-run.ts';
import { HostSurveys } from '../guards/surroundings.ts';

export interface RunSummary {
  /** Name of the run: UTC time and four random digits. */
  readonly run: string;
  /** One for each unit and each play that selects it, in the order of the host. */
  readonly results: readonly DeviceResult[];
  readonly exit: Exit;
  /** What a bug threw; not empty: exit 70. The devices have their verdict nevertheless. */
  readonly bugs: readonly unknown[];
  /** Journal or records could not be written; null: all is kept. */
  readonly unkept: StateError | null;
}

/** Obeys a plan. Nothing is begun when the plan has refusals. Never rejects: what a bug throws is in `bugs`. */
export async function runPlan(plan: Plan, given: RunOptions): Promise<RunSummary> {
  const run = given.run ?? newRunId();
  const running = await begin(plan, run, given);
  const { bugs, emit, recording, stop, works } = running;
  const hearNoMore = stop.listen((signal, effect) => emit({ type: 'stop-requested', signal, effect }));
  const all = plan.decisions.map(({ facts }) => facts);
  // Plays that come after another one take up their units later.
  const devices = plan.work
    .filter(({ play }) => play.after === null)
    .map((unit) => beginUnit(unit, all, running));
  works.push(...devices);
  const { file, sha256, name } = plan.playbook;
  emit({
    type: 'run-started',
    run,
    playbook: { file, sha256, name },
    devices: plan.work.map(plannedDevice),
  });
  await work(devices, running);
  const results = resultsOf(plan, works);
  await remember(results, running);
  const exit = exitOf(results, running);
  hearNoMore();
  emit({ type: 'run-finished', exit });
  await recording.close(exit);
  return { run, results, exit, bugs, unkept: recording.failure };
}

async function begin(plan: Plan, run: string, given: RunOptions): Promise<Running> {
  const { host, clock, record } = given;
  const bugs: unknown[] = [];
  const recording = await Recording.start(
    headerOfPlan(plan, {
      run,
      hostKind: host.kind,
      version: record?.version ?? '',
      fresh: record?.fresh ?? false,
      ...(record?.gitCommit !== undefined && { gitCommit: record.gitCommit }),
    }),
    plan.refusals.length === 0 ? record : undefined,
  );
  return {
    ...given,
    run,
    plan,
    recording,
    bugs,
    works: [],
    surveys: new HostSurveys(host, clock),
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
}

/** Afterwards every unit that the plan wanted to update has a result, whatever went wrong. */
async function work(devices: readonly DeviceRun[], running: Running): Promise<void> {
  const { plan, bugs, host, screen } = running;
  if (plan.refusals.length > 0) {
    leave(refusal('run-refused'), devices, running);
    return;
  }
  const count = new Set(plan.work.map(({ facts }) => facts.id)).size;
  const names = count === 1 ? 'a device' : `${count} devices`;
  const allowShutdown =
    count === 0 ? null : await host.inhibitShutdown(`firmware of ${names} is being written`);
  try {
    await runTasks(groupsOf(running, devices), screen);
  } catch (bug) {
    bugs.push(bug);
  } finally {
    allowShutdown?.();
  }
  leave(refusal('run-broken'), devices, running);
}

/** Ends what was never begun. */
function leave(why: Refusal, devices: readonly DeviceRun[], running: Running): void {
  for (const device of devices) device.skip(why);
  const { plan, works } = running;
  for (const play of plan.playbook.plays) {
    for (const decision of decisionsOf(play, running)) {
      const isTaken = works.some(({ unit }) => unit.play === play && unit.facts.id === decision.facts.id);
      if (!isTaken) settle(play, { ...decision, ...because('skipped', why) }, running);
    }
  }
}

/** What the plan found as it should be, and what interrupted runs had left open on it. */
async function remember(results: readonly DeviceResult[], { plan, recording, run }: Running): Promise<void> {
  const current = plan.decisions.flatMap(({ facts: { id, revision }, action, play: name }) => {
    const play = plan.playbook.plays.find((candidate) => candidate.name === name);
    // Where an earlier run left it open, its verdict decides, and not the revision.
    const { judged } = plan.remembered;
    const isWell = judged === undefined || judged.get(id)?.result.outcome === 'updated';
    return action === 'current' && play !== undefined
      ? [{ id, revision, subenclosure: subenclosureOf(play), settles: isWell }]
      : [];
  });
  await recording.seen(current, run);
  for (const { interrupted, decision } of plan.refusals.length > 0 ? [] : settledBy(plan)) {
    const result = results.find(({ id, play }) => id === decision.facts.id && play === decision.play);
    if (result === undefined) continue;
    const { run: wroteIt, device, knowledge } = interrupted;
    const ended = { ...result, play: device.play };
    const sent = sentByInterrupted(device, knowledge.known);
    // Nothing more is remembered of a unit that is current: that its next power cycle takes the image away has to be.
    const isLost = sent.isVolatile === true;
    recording.conclude(isLost ? { ...ended, outcome: 'updated', error: null, sent } : ended, wroteIt);
  }
  await recording.settled();
}

function exitOf(results: readonly DeviceResult[], { plan, bugs, stop, recording, works }: Running): Exit {
  const also: ExitName[] = plan.refusals.map(({ exit }) => exit);
  if (stop.requested !== null && results.some(({ outcome }) => outcome === 'skipped')) {
    also.push(EXIT_OF_SIGNAL[stop.requested]);
  }
  const worked = tellingResults(works.flatMap(({ result }) => result ?? []));
  // Something waits for an event, and units were left because of that.
  const ended = (wanted: Outcome) => worked.some(({ outcome }) => outcome === wanted);
  const isLeft = plan.refusals.length === 0 && ended('pending') && ended('skipped') && !ended('refused');
  if (stop.requested === null && (isLeft || isHeldByCanary(plan))) also.push('HALTED');
  also.push(...recording.exits());
  const isLocked = works.some((device) => device instanceof DeviceRun && device.locked);
  if (isLocked || isHeldElsewhere(plan)) also.push('BUSY');
  if (bugs.length > 0) also.push('INTERNAL');
  return exitOfRun(
    tellingResults(results).map(({ outcome }) => outcome),
    also,
  );
}
