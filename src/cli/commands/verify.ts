import { parseDuration } from '../../base/units.ts';
import { documentOf } from '../../report/documents.ts';
import { TimelineRecorder, type Timeline } from '../../report/timeline.ts';
import { acceptedEntry, verifyText } from '../../report/verify-text.ts';
import { isNamed, isSpelledAs, namesOn } from '../../run/facts/device-name.ts';
import type { Emit, RunEvent } from '../../run/facts/events.ts';
import type { DeviceFacts } from '../../run/facts/inspect.ts';
import { topologyOf, type HostTopology } from '../../run/facts/topology.ts';
import { inspectAwaiting } from '../../run/engine/await-units.ts';
import { headerOfVerify } from '../../run/engine/run-header.ts';
import { readRun } from '../../run/records/journal-reader.ts';
import { Recording } from '../../run/engine/recording.ts';
import { exitOfRun, type Exit } from '../../run/facts/outcome.ts';
import { newRunId } from '../../run/records/run-id.ts';
import { NOTHING_REMEMBERED, rememberSharing, type HostMemory } from '../../run/records/memory.ts';
import { updateOpenRuns } from '../../run/records/open-runs.ts';
import { openUnits, type OpenUnit } from '../../run/records/open-units.ts';
import { eachOpenUnit, verifyUnit, type VerifiedUnit } from '../../run/engine/verify-units.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { openHost, type OpenedHost } from '../open-host.ts';
import { openState, type OpenedState } from '../open-state.ts';
import { runFacts } from '../run-facts.ts';
import { pictureOf } from '../watch-run.ts';
import { VERSION } from '../../base/program-facts.ts';
import { UsageError } from '../usage-error.ts';
import { runNamed } from './history.ts';
import { acceptUnit, type AcceptedUnit } from './verify-accept.ts';

/**
 * `runbook verify [RUN]`: looks afresh at every unit that waits for an event, was never proven, or was left by a run that
 * died; with RUN at those of that run alone. Sends nothing that changes a device.
 */
export interface VerifyOptions extends CommonOptions {
  /** Name of the unit that a person closes; null: none. */
  readonly accept: string | null;
  readonly because: string | null;
  /** How long to wait for units that are not there yet: `5m`; null: not at all. */
  readonly wait: string | null;
  /** Names of the units to look at; none: all that are open. */
  readonly only: readonly string[];
}

export async function verify(name: string | undefined, options: VerifyOptions, io: Io): Promise<Answer> {
  const startedAt = new Date();
  if ((options.accept === null) !== (options.because === null)) {
    throw new UsageError(
      '--accept and --because belong together',
      'Say which unit, and why: verify --accept ID --because TEXT',
    );
  }
  const withinMs = waitOf(options.wait);
  const opened = await openHost(options, { opensDevices: true });
  try {
    const state = openState(options, io);
    await state.requireOwn();
    const accepted =
      options.accept === null ? null : await acceptUnit(options.accept, options.because!, opened, state);
    const inspected = accepted?.inspected ?? [];
    const { run, open, memory, unreadable } = await toVerify(state, name);
    const { only } = options;
    const verified =
      open.length === 0
        ? await nothingOpen(state, options)
        : await verifyAll(open, opened, state, { withinMs, only, memory, inspected, options, io });
    const { units } = verified;
    const exit = exitOfRun(
      units.map(({ result }) => result.outcome),
      units.some(({ lockedBy }) => lockedBy !== null) ? ['BUSY'] : [],
    );
    return await answerOf(verified, exit, unreadable, { run, accepted, state, options, io, startedAt });
  } finally {
    await opened.close();
  }
}

/** In ms. Throws UsageError. */
function waitOf(wait: string | null): number {
  const ms = wait === null ? 0 : parseDuration(wait);
  if (ms === null) throw new UsageError(`--wait ${wait!} is not a duration`, 'Write 5m or 90s.');
  return ms;
}

interface VerifiedUnits {
  readonly units: readonly VerifiedUnit[];
  readonly timeline: Timeline;
  readonly topology: HostTopology;
}

const NOTHING: VerifiedUnits = {
  units: [],
  timeline: { durationMs: 0, units: [], stops: [] },
  topology: { adapters: [], links: [], units: [] },
};

/** A file of an open run that stayed behind would have the service look at each start of the host. */
async function nothingOpen({ directory }: OpenedState, { lab }: CommonOptions): Promise<VerifiedUnits> {
  if (lab === undefined) await updateOpenRuns(directory).catch(() => undefined);
  return NOTHING;
}

interface ToVerify {
  /** The run that was asked for; null: all of them. */
  readonly run: string | null;
  readonly open: readonly OpenUnit[];
  readonly memory: HostMemory;
  readonly unreadable: readonly string[];
}

async function toVerify(state: OpenedState, name: string | undefined): Promise<ToVerify> {
  const named = name === undefined || name === 'last' ? null : await runNamed(state.directory.runs, name);
  // A lab that starts from its file has devices that nobody wrote to.
  if (state.fresh) return { run: named, open: [], memory: NOTHING_REMEMBERED, unreadable: [] };
  const { memory, damaged, unreadable } = await state.memory();
  const open = openUnits(memory, named);
  // The last run that left something open: not an earlier verify, nor an apply that had nothing to do. Ids are times.
  const run =
    name === 'last'
      ? (open
          .map((unit) => unit.run)
          .sort()
          .at(-1) ?? null)
      : named;
  return {
    run,
    open: open.filter((unit) => run === null || unit.run === run),
    memory,
    unreadable: [...damaged, ...unreadable].map(({ message, next }) => `${message}. ${next}`),
  };
}

async function verifyAll(
  all: readonly OpenUnit[],
  { host, clock }: OpenedHost,
  { directory, fresh, keepHeard }: OpenedState,
  {
    withinMs,
    only,
    memory,
    inspected,
    options,
    io,
  }: {
    readonly withinMs: number;
    readonly only: readonly string[];
    readonly memory: HostMemory;
    /** Of this host a moment ago: what its units said is not asked again. Empty: it was not inspected. */
    readonly inspected: readonly DeviceFacts[];
    readonly options: CommonOptions;
    readonly io: Io;
  },
): Promise<VerifiedUnits> {
  const facts =
    inspected.length > 0 && withinMs === 0
      ? inspected
      : await inspectAwaiting(host, clock, {
          ids: all.map(({ device }) => device.id),
          deviceTypes: new Set(all.map(({ device }) => device.deviceType)),
          withinMs,
          onWaiting: (away) =>
            io.stderr.write(
              `${away.join(', ')}: not there yet, waits up to ${Math.ceil(withinMs / 1000)} s\n`,
            ),
        });
  const open = await selected(stillOpen(all, memory, facts), only, facts, host);
  const timeline = new TimelineRecorder(clock);
  const run = newRunId();
  const header = headerOfVerify(
    open.map(({ device }) => device),
    { run, version: VERSION, hostKind: host.kind, fresh },
  );
  const recording = await Recording.start(header, { directory });
  recording.requireKept();
  const screen = pictureOf(options, io);
  const tell: Emit = (event) => {
    timeline.handle(event);
    screen?.handle(event);
  };
  screen?.handle(startOf(run, open, facts));
  screen?.start();
  let units: readonly VerifiedUnit[];
  try {
    units = await eachOpenUnit(open, facts, async (unit, found) => {
      timeline.begin(unit.device.id, unit.device.play);
      tell({ type: 'phase-started', device: unit.device.id, phase: 'verify' });
      const verified = await verifyUnit(unit, found, {
        host,
        clock,
        all: facts,
        keep: keepHeard,
        onWaiting: (what, withinMs) => {
          tell({ type: 'waiting', device: unit.device.id, what, withinMs });
          if (screen === null)
            io.stderr.write(
              `${unit.device.id}: waits until it is ${what}, up to ${Math.ceil(withinMs / 1000)} s\n`,
            );
        },
      });
      tell({ type: 'device-finished', result: verified.result });
      const { result, settles } = verified;
      if (settles) recording.conclude(result, verified.run, verified.thaws, unit.found);
      else
        recording.observe({
          type: 'notice',
          device: result.id,
          message: `unchanged: ${result.reason ?? ''}`,
        });
      await recording.settled();
      return verified;
    });
  } finally {
    screen?.stop();
  }
  await recording.close(exitOfRun(units.map(({ result }) => result.outcome)));
  recording.requireKept();
  const ids = new Set(open.map(({ device }) => device.id));
  return { units, timeline: timeline.timeline, topology: topologyOf(facts, ({ id }) => ids.has(id)) };
}

/** Later work through another logical unit that runs the same microcode settles what was open. */
function stillOpen(
  all: readonly OpenUnit[],
  memory: HostMemory,
  facts: readonly DeviceFacts[],
): readonly OpenUnit[] {
  const open = new Set(openUnits(rememberSharing(memory, facts)).map(({ device }) => device.id));
  return all.filter(({ device }) => open.has(device.id));
}

/** What the picture begins with: nothing is sent to the units, and no playbook is obeyed. */
const startOf = (run: string, open: readonly OpenUnit[], facts: readonly DeviceFacts[]): RunEvent => ({
  type: 'run-started',
  run,
  playbook: { file: '', sha256: '', name: '' },
  devices: open.map(({ device: { id, play, vendor, product, before, target, paths } }) => {
    const node = facts.find((unit) => unit.id === id)?.paths[0]?.sgNode ?? paths[0] ?? id;
    return { id, play, node, vendor, product, before, target, totalBytes: 0 };
  }),
});

/** The units that --only names; all of them without it. Throws UsageError for a name that none of them has. */
async function selected(
  open: readonly OpenUnit[],
  only: readonly string[],
  facts: readonly DeviceFacts[],
  host: OpenedHost['host'],
): Promise<readonly OpenUnit[]> {
  if (only.length === 0) return open;
  const names = await namesOn(host, only);
  const chosen = new Set<OpenUnit>();
  for (const [index, name] of names.entries()) {
    const found = open.filter(({ device: { id, serialNumber, shares = [] } }) => {
      const here = facts.find((unit) => unit.id === id);
      const sharing = facts.filter((unit) => shares.includes(unit.id));
      // A unit that is gone has no node any more, and still its id and serial number.
      return (
        (here !== undefined && isNamed(here, name)) ||
        // What was done to it was done to each logical unit that runs its microcode.
        sharing.some((unit) => isNamed(unit, name)) ||
        isSpelledAs([id, ...(serialNumber === null ? [] : [serialNumber])], only[index]!)
      );
    });
    if (found.length === 0) {
      throw new UsageError(
        `no earlier run left anything open on ${only[index]!}`,
        'See the ids of open units: runbook verify',
      );
    }
    for (const unit of found) chosen.add(unit);
  }
  return open.filter((unit) => chosen.has(unit));
}

async function answerOf(
  { units, timeline, topology }: VerifiedUnits,
  exit: Exit,
  unreadable: readonly string[],
  {
    run,
    accepted,
    state,
    options,
    io,
    startedAt,
  }: {
    readonly run: string | null;
    /** What a person has settled right now; null: nothing. */
    readonly accepted: AcceptedUnit | null;
    readonly state: OpenedState;
    readonly options: CommonOptions;
    readonly io: Io;
    readonly startedAt: Date;
  },
): Promise<Answer> {
  const playbook =
    run === null ? null : ((await readRun(state.directory.runs, run)).header?.playbook ?? null);
  return {
    exit,
    document: documentOf('runbook.report/1', 'verify', exit, {
      body: {
        run,
        simulated: options.lab !== undefined,
        ...runFacts(io, startedAt),
        playbook: playbook && { gitCommit: null, ...playbook },
        frozen: units.flatMap(({ result: { id, outcome } }) => (outcome === 'frozen' ? [id] : [])),
        devices: units.map(({ result }) => result),
        ...(accepted !== null && { accepted: acceptedEntry(accepted.record) }),
        timeline,
        topology,
      },
    }),
    text: verifyText(units, exit, inkOf(io.stdout, io.env, options.color), {
      run,
      accepted: accepted?.record ?? null,
      verbose: options.verbose,
    }),
    hint: unreadable.length === 0 ? undefined : `runbook: not read: ${unreadable.join('; ')}`,
  };
}
