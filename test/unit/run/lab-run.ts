import { VirtualClock } from '../../../src/base/clock.ts';
import type { LabDeviceWords, LabImageWords } from '../../../src/generated/lab.ts';
import type { Host } from '../../../src/host/host.ts';
import type { ResolvedPlay, ResolvedStrategy } from '../../../src/playbook/resolved.ts';
import { writtenName } from '../../../src/run/facts/device-name.ts';
import type { RunEvent } from '../../../src/run/facts/events.ts';
import { inspect } from '../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { matchPagesOf } from '../../../src/run/facts/match-bytes.ts';
import { runPlan } from '../../../src/run/engine/run.ts';
import type { RunSummary } from '../../../src/run/engine/run.ts';
import { StopSwitch } from '../../../src/run/facts/stop.ts';
import type { StateDirectory } from '../../../src/run/records/state-directory.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { faultBehavior } from '../../../src/simulator/faults.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import { IMAGE, playbookOf, playOf } from './builders.ts';

export interface LabRun {
  readonly devices?: readonly Partial<LabDeviceWords>[];
  readonly plays?: readonly ResolvedPlay[];
  /** By the revision that each brings; absent: the one image, which brings 2.10. */
  readonly images?: ReadonlyMap<string, Uint8Array>;
  /** What each image changes beside the revision. */
  readonly brings?: Partial<LabImageWords>;
  readonly strategy?: Partial<ResolvedStrategy>;
  readonly only?: readonly string[];
  /** By the number of the device, from 0. */
  readonly faults?: Readonly<Record<number, readonly Fault[]>>;
  readonly maximumConcurrent?: number;
  /** Before the host is looked at: what hangs where, which module of which enclosure a device is. */
  readonly arrange?: (devices: readonly SimulatedDevice[], host: SimulatedHost) => void;
  /** Before anything runs: further behaviors, other identities. */
  readonly prepare?: (devices: readonly SimulatedDevice[], host: SimulatedHost) => void;
  /** In front of the host, from the run on. */
  readonly instead?: (host: SimulatedHost) => Host;
  /** Where the run is remembered; absent: nowhere. */
  readonly directory?: StateDirectory;
  readonly onEvent?: (event: RunEvent, stop: StopSwitch, devices: readonly SimulatedDevice[]) => void;
}

export interface LabRunEnd extends RunSummary {
  readonly devices: readonly SimulatedDevice[];
  readonly events: readonly RunEvent[];
  readonly host: SimulatedHost;
  readonly clock: VirtualClock;
  /** Outcome per unit, in the order of the host. */
  readonly outcomes: string;
}

/** One card of revision 2.08, and an image that makes it 2.10; everything on a clock that does not wait. */
export async function runLab(given: LabRun = {}): Promise<LabRunEnd> {
  const clock = new VirtualClock();
  const devices = (given.devices ?? [{}]).map((words) => ({
    persona: 'hp-sas-expander',
    revision: '2.08',
    ...words,
  }));
  const images = given.images ?? new Map([['2.10', IMAGE]]);
  const words = [...images.keys()].map((revision) => ({ name: revision, revision, ...given.brings }));
  const host = createLabHost({ lab: 'v1', images: words, devices }, { images, clock, keepLog: true });
  for (const [index, faults] of Object.entries(given.faults ?? {})) {
    for (const fault of faults) host.devices[Number(index)]!.putInFront(faultBehavior(fault));
  }
  given.arrange?.(host.devices, host);
  const plays = given.plays ?? [playOf()];
  const types = new Set(plays.map(({ match }) => match.deviceType));
  const facts = await inspect(host, types, clock, matchPagesOf(plays));
  const plan = makePlan(playbookOf(plays, given.strategy), facts, {
    only: (given.only ?? []).map(writtenName),
  });
  given.prepare?.(host.devices, host);
  const stop = new StopSwitch();
  const events: RunEvent[] = [];
  const summary = await runPlan(plan, {
    host: given.instead?.(host) ?? host,
    clock,
    stop,
    emit: (event) => {
      events.push(event);
      given.onEvent?.(event, stop, host.devices);
    },
    screen: { start: () => undefined, stop: () => undefined },
    ...(given.directory && { record: { directory: given.directory, version: 'test', fresh: false } }),
    ...(given.maximumConcurrent !== undefined && { maximumConcurrent: given.maximumConcurrent }),
  });
  const outcomes = summary.results.map(({ outcome }) => outcome).join(' ');
  return { ...summary, devices: host.devices, events, host, clock, outcomes };
}

/** WRITE BUFFER commands that reached the device, as `MODE@offset`. */
export function sentTo({ log }: SimulatedDevice): string[] {
  return log.flatMap(({ cdb }) =>
    cdb[0] === OperationCode.writeBuffer
      ? [`${(cdb[1]! & 0x1f).toString(16).toUpperCase()}@${(cdb[3]! << 16) | (cdb[4]! << 8) | cdb[5]!}`]
      : [],
  );
}
