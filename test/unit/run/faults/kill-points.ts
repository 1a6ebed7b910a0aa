import { readBootId } from '../../../../src/host/machine.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { readRuns } from '../../../../src/run/records/journal-reader.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { foldMemory } from '../../../../src/run/records/memory.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VirtualClock } from '../../../../src/base/clock.ts';
import type { LabDeviceWords, LabFile } from '../../../../src/generated/lab.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { ResolvedPlay, ResolvedPlaybook, ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import { silentScreen } from '../../../../src/report/screen.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import type { LineSink } from '../../../../src/run/records/journal-file.ts';
import type { DeviceResult } from '../../../../src/run/facts/outcome.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { judgeOpen } from '../../../../src/run/engine/judge-open.ts';
import { runPlan } from '../../../../src/run/engine/run.ts';
import type { StateDirectory } from '../../../../src/run/records/state-directory.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { decodeSense } from '../../../../src/scsi/sense.ts';
import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { faultBehavior } from '../../../../src/simulator/faults.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import { labState } from '../../../../src/simulator/lab-state.ts';
import type { LabState } from '../../../../src/simulator/lab-state.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { IMAGE, playbookOf } from '../builders.ts';
import { scratch } from '../records/builders.ts';
import { heardBy } from './heard.ts';
import type { Heard } from './heard.ts';
import { partOf } from './parts.ts';

/** A run to be killed at every step of it. */
export interface KilledRun {
  readonly name: string;
  readonly devices: readonly LabDeviceWords[];
  readonly play: ResolvedPlay;
  /** Plays that come after it. */
  readonly later?: readonly ResolvedPlay[];
  /** By the revision that each brings; absent: the one image. */
  readonly images?: ReadonlyMap<string, Uint8Array>;
  readonly strategy?: Partial<ResolvedStrategy>;
  /** How much later the next run begins; absent: at once, whether the devices are ready or not. */
  readonly laterMs?: number;
  /** Of the first device. */
  readonly faults?: readonly Fault[];
  /** The devices show the target as soon as they have the last chunk, whatever they run, and do not say that an image waits. */
  readonly isStaged?: boolean;
  /** They show the target when the next run comes, whatever they run. */
  readonly showsTargetThen?: boolean;
}

/** What one device really got from this run until the kill: from its last play, where there are several. */
export interface Truth {
  /** Commands with a part of the image that reached it, executed or not. */
  readonly chunks: number;
  /** Chunks that it answered with GOOD since the last one at offset 0. */
  readonly accepted: number;
  /** The end of the image reached it. */
  readonly end: boolean;
  /** Every byte of the last pass was accepted. */
  readonly allAccepted: boolean;
  /** Activations that reached it. */
  readonly activations: number;
  readonly activated: boolean;
  readonly revision: string;
  /** What it ran when the first chunk of this play came; null: none came. */
  readonly startedFrom: string | null;
  /** What the answers so far have told the run. */
  readonly heard: Heard;
}

/** Everything that is left when the process is gone. */
export interface KillPoint {
  readonly where: string;
  /** Bytes of the journal: written, as a killed process leaves them, and synced, as a power failure may; null: no file. */
  readonly journal: { readonly written: Uint8Array | null; readonly synced: Uint8Array | null };
  /** Records of units: name of the file, text. */
  readonly records: ReadonlyMap<string, string>;
  readonly lab: LabState;
  readonly truths: ReadonlyMap<string, Truth>;
}

export interface Killed {
  readonly run: string;
  readonly points: readonly KillPoint[];
  /** The result of the devices where nobody killed it. */
  readonly results: readonly DeviceResult[];
}

export const imagesOf = ({ images }: Pick<KilledRun, 'images'>): ReadonlyMap<string, Uint8Array> =>
  images ?? new Map([['2.10', IMAGE]]);

export const labOf = (run: Pick<KilledRun, 'devices' | 'images'>): LabFile => ({
  lab: 'v1',
  images: [...imagesOf(run).keys()].map((revision) => ({ name: revision, revision })),
  devices: [...run.devices],
});

const playbookFor = ({ play, later = [], strategy }: KilledRun): ResolvedPlaybook =>
  playbookOf([play, ...later], { redundancy: 'outage-accepted', ...strategy });

/**
 * Runs it once, and keeps at every step what would be left if the process were gone there: before, in and after each
 * write of the journal, before and after each sync, and before, in and after each command.
 */
export async function killPointsOf(killed: KilledRun): Promise<Killed> {
  const clock = new VirtualClock();
  const host = createLabHost(labOf(killed), {
    images: imagesOf(killed),
    clock,
    keepLog: true,
  });
  for (const fault of killed.faults ?? []) host.devices[0]!.putInFront(faultBehavior(fault));
  if (killed.isStaged === true) for (const device of host.devices) stage(device, finalTarget(killed));
  const directory = directoryIn(scratch());
  const points: KillPoint[] = [];
  const reached = new Map(host.devices.map((device) => [device, new Reached()]));
  let written: Uint8Array | null = null;
  let synced: Uint8Array | null = null;
  const mark = (where: string): void => {
    const truths = host.devices.map(
      (device) => [`naa.${device.id}`, reached.get(device)!.truth(device)] as const,
    );
    points.push({
      where,
      journal: { written, synced },
      records: recordsIn(directory),
      lab: labState(host.devices),
      truths: new Map(truths),
    });
  };
  const sink = (file: LineSink): LineSink => ({
    write: async (bytes, positionBytes) => {
      mark('before a write');
      const before = written?.subarray(0, positionBytes) ?? new Uint8Array();
      written = Buffer.concat([before, bytes.subarray(0, bytes.length >> 1)]);
      mark('in a write');
      await file.write(bytes, positionBytes);
      written = Buffer.concat([before, bytes]);
      mark('after a write');
    },
    sync: async () => {
      mark('before a sync');
      const now = written;
      await file.sync();
      synced = now;
      mark('after a sync');
    },
    close: () => file.close(),
  });
  const playbook = playbookFor(killed);
  const facts = await inspect(host, new Set([killed.play.match.deviceType]), clock);
  const summary = await runPlan(makePlan(playbook, facts), {
    host: watched(host, reached, mark),
    clock,
    stop: new StopSwitch(),
    emit: () => undefined,
    screen: silentScreen,
    record: { directory, version: 'test', fresh: false, journal: { sink } },
  });
  mark('at the end');
  return { run: summary.run, points, results: summary.results };
}

export const directoryIn = (root: string): StateDirectory => ({
  root,
  runs: path.join(root, 'runs'),
  units: path.join(root, 'units'),
  jobs: path.join(root, 'jobs'),
  open: path.join(root, 'open'),
});

/** The state directory that the next run finds. The process that wrote the journal is dead. */
export async function leftBy(
  run: string,
  point: KillPoint,
  journal: Uint8Array | null,
): Promise<StateDirectory> {
  const directory = directoryIn(scratch());
  await mkdir(directory.runs, { recursive: true });
  await mkdir(directory.units, { recursive: true });
  if (journal !== null) {
    const text = Buffer.from(journal).toString('utf8');
    await writeFile(path.join(directory.runs, `${run}.jsonl`), text.replace(/"process":\{[^}]*\}/, DEAD));
  }
  for (const [name, text] of point.records) await writeFile(path.join(directory.units, name), text);
  return directory;
}

const DEAD = '"process":{"pid":4194300,"startTicks":"1"}';

function recordsIn({ units }: StateDirectory): Map<string, string> {
  try {
    const names = readdirSync(units).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    return new Map(names.map((name) => [name, readFileSync(path.join(units, name), 'utf8')]));
  } catch {
    return new Map();
  }
}

export interface NextRun {
  readonly plan: Plan;
  readonly results: readonly DeviceResult[];
  readonly bugs: readonly unknown[];
  readonly devices: readonly SimulatedDevice[];
  readonly notices: readonly string[];
  /** Chunks that each device executed, by its id; those that came while it ran the new code already. */
  readonly chunks: ReadonlyMap<string, { readonly executed: number; readonly overNewCode: number }>;
}

/** The revision that the last play brings. */
export const finalTarget = ({ play, later = [] }: KilledRun): string =>
  (later.at(-1) ?? play).verify.revision;

/** What the next `apply` does with what is left. */
export async function nextRun(
  killed: KilledRun,
  point: KillPoint,
  directory: StateDirectory,
  { takeOver = false, judges = false }: { readonly takeOver?: boolean; readonly judges?: boolean } = {},
): Promise<NextRun> {
  const clock = new VirtualClock();
  const host = createLabHost(labOf(killed), {
    images: imagesOf(killed),
    clock,
    keepLog: true,
    savedState: point.lab,
  });
  if (killed.isStaged === true) for (const device of host.devices) stage(device, finalTarget(killed));
  if (killed.showsTargetThen === true)
    for (const device of host.devices) device.shownRevision = finalTarget(killed);
  const chunks = new Map<string, { executed: number; overNewCode: number }>();
  for (const device of host.devices) {
    const counted = { executed: 0, overNewCode: 0 };
    chunks.set(`naa.${device.id}`, counted);
    device.putInFront((command) => {
      const part = partOf(command);
      if (part === null || part === 'activation') return undefined;
      counted.executed++;
      if (device.microcode.running.revision === finalTarget(killed)) counted.overNewCode++;
      return undefined;
    });
  }
  if (killed.laterMs !== undefined) await clock.sleep(killed.laterMs);
  const { runs } = await readRuns(directory.runs);
  const { byUnit } = await new UnitStore(directory.units).readAll();
  const facts = await inspect(host, new Set([killed.play.match.deviceType]), clock);
  const memory = foldMemory(byUnit, runs, readBootId());
  const found = { ...NO_MEMORY, memory, takeOver };
  const playbook = playbookFor(killed);
  const remembered = judges ? await judgeOpen(facts, playbook.plays, found, { host, clock }) : found;
  const plan = makePlan(playbook, facts, { only: [], remembered });
  const notices: string[] = [];
  const sink = (file: LineSink): LineSink => ({
    write: (bytes, positionBytes) => file.write(bytes, positionBytes),
    sync: () => Promise.resolve(),
    close: () => file.close(),
  });
  const summary = await runPlan(plan, {
    host,
    clock,
    stop: new StopSwitch(),
    emit: (event) => {
      if (event.type === 'notice') notices.push(event.message);
    },
    screen: silentScreen,
    record: { directory, version: 'test', fresh: false, journal: { sink } },
  });
  return { plan, ...summary, devices: host.devices, notices, chunks };
}

/** In front of everything else: the string of the new image from its last byte on, and nothing else that tells of it. */
function stage(device: SimulatedDevice, target: string): void {
  device.putInFront((command, _device, nexus) => {
    if (command.cdb[0] === OperationCode.requestSense) {
      const outcome = device.perform(command, nexus);
      const sense = decodeSense(outcome.dataIn);
      return sense?.asc === 0 && sense.ascq === 0x22
        ? { ...outcome, dataIn: encodeNoSense(outcome.dataIn) }
        : outcome;
    }
    const part = partOf(command);
    if (part === null || part === 'activation' || !part.isEnd) return undefined;
    const outcome = device.perform(command, nexus);
    device.shownRevision = target;
    return outcome;
  });
}

function encodeNoSense(dataIn: Uint8Array): Uint8Array {
  const quiet = dataIn.slice();
  quiet[(quiet[0]! & 0x7f) >= 0x72 ? 3 : 13] = 0;
  return quiet;
}

/** What reached a device; from the bytes of the commands, and by nothing that the journal is made with. */
class Reached {
  #chunks = 0;
  #accepted = 0;
  #end = false;
  #allAccepted = false;
  #to = '';
  #before = 0;
  #activations = 0;
  #activated = false;
  #startedFrom: string | null = null;
  #heard: Heard = 'nothing';

  /** Returns what to do when the answer is known. */
  sent(command: ScsiCommand, runs: string): ((good: boolean) => void) | null {
    const part = partOf(command);
    if (part === null) return null;
    if (part === 'activation') {
      this.#activations++;
      return (good) => (this.#activated ||= good);
    }
    const { to, offsetBytes, isEnd } = part;
    if (offsetBytes === 0 && runs !== this.#startedFrom) this.#beginPlay(runs);
    this.#chunks++;
    if (offsetBytes === 0) {
      // What the sections before this one had accepted stays.
      if (to !== this.#to) this.#before = this.#to === '' ? 0 : this.#accepted;
      [this.#to, this.#accepted, this.#allAccepted] = [to, this.#before, false];
    }
    if (isEnd) this.#end = true;
    return (good) => {
      if (!good) return;
      this.#accepted++;
      if (isEnd) this.#allAccepted = true;
    };
  }

  answered(command: ScsiCommand, outcome: CommandOutcome): void {
    if (this.#chunks === 0) return;
    const part = partOf(command);
    const kind = part === null || part === 'activation' ? part : 'chunk';
    this.#heard = heardBy(command, outcome, kind, this.#heard);
  }

  #beginPlay(runs: string): void {
    this.#startedFrom = runs;
    this.#to = '';
    this.#chunks = 0;
    this.#end = false;
    this.#activations = 0;
    this.#activated = false;
  }

  truth({ shownRevision }: SimulatedDevice): Truth {
    return {
      chunks: this.#chunks,
      accepted: this.#accepted,
      end: this.#end,
      allAccepted: this.#allAccepted,
      activations: this.#activations,
      activated: this.#activated,
      revision: shownRevision,
      startedFrom: this.#startedFrom,
      heard: this.#heard,
    };
  }
}

/** The host, with a point before each command, when the device has it, and when its answer is here. */
function watched(
  host: SimulatedHost,
  reached: ReadonlyMap<SimulatedDevice, Reached>,
  mark: (where: string) => void,
): Host {
  const open: Host['open'] = async (attached, access) => {
    const transport = await host.open(attached, access);
    const device = host.devices[Number(attached.hctl.split(':')[2])]!;
    return {
      execute: async (command) => {
        mark(`before ${command.name}`);
        const answered = reached.get(device)!.sent(command, device.shownRevision);
        const answer = transport.execute(command);
        // A simulated device has done it by now; its answer is on the way.
        const { status, sense } = device.log.at(-1)!.outcome;
        if (device.log.at(-1)!.executed) answered?.(status === 0 && sense.length === 0);
        mark(`in ${command.name}`);
        const outcome = await answer;
        mark(`after ${command.name}`);
        reached.get(device)!.answered(command, outcome);
        return outcome;
      },
      close: () => transport.close(),
    };
  };
  return new Proxy<Host>(host, {
    get: (target, key): unknown => {
      if (key === 'open') return open;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
