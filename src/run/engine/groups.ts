import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { planLaterPlay } from './later-play.ts';
import type { BeginUnit } from './later-play.ts';
import { gateOf, whyNotBegun } from './why-not-begun.ts';
import { partnersOf, whyApart } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { Running } from './running.ts';
import type { DeviceTask, Step, TaskGroup } from './tasks.ts';
import { Turns } from './turns.ts';
import { DeviceRun } from '../unit/device-run.ts';
import { UnitSurroundings } from '../guards/surroundings.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** The plays of a run, one after the other. One that comes after another is planned again when its turn is there. */
export function groupsOf(running: Running, devices: readonly DeviceRun[]): TaskGroup[] {
  const begin: BeginUnit = (unit, all) => beginUnit(unit, all, running);
  return running.plan.playbook.plays.map((play) => ({
    title: play.name,
    tasks: async () => tasksOf(play, await unitsOf(play), running),
  }));

  async function unitsOf(play: ResolvedPlay): Promise<readonly DeviceRun[]> {
    if (play.after === null) return devices.filter(({ unit }) => unit.play === play);
    try {
      return await planLaterPlay(play, running, begin);
    } catch (bug) {
      running.bugs.push(bug);
      return [];
    }
  }
}

/** @param all every unit of the host, as it was seen for this plan */
export function beginUnit(unit: PlannedUnit, all: readonly DeviceFacts[], running: Running): DeviceRun {
  const { plan, surveys, recording } = running;
  const partners = partnersOf(unit.facts, all);
  return new DeviceRun(unit, {
    ...running,
    host: recording.hostFor(unit, running.host),
    proceedWithout: plan.playbook.strategy.proceedWithout,
    surroundings: new UnitSurroundings(surveys, unit, plan.playbook, partners),
    health: plan.playbook.strategy.health,
    sharers: notTaken(unit, running),
    outcomeOfWritten: () => {
      const written = running.works.find(
        ({ unit: { facts, play } }) => play === unit.play && facts.id === unit.writtenWith,
      );
      return written?.result?.outcome ?? null;
    },
    whyNotBegin: () => whyNotBegun(unit, running),
  });
}

/** Units that share the microcode of one that is written itself, and that no play of this run takes up. */
function notTaken(
  { writtenWith, sharers = [] }: PlannedUnit,
  { plan: { work } }: Running,
): readonly DeviceFacts[] {
  if (writtenWith !== undefined || sharers.length === 0) return [];
  const taken = new Set(work.map((unit) => unit.facts.id));
  return sharers.filter(({ id }) => !taken.has(id));
}

/** Every device has its task; who of them may begin is a matter of turns. */
function tasksOf(play: ResolvedPlay, devices: readonly DeviceRun[], running: Running): DeviceTask[] {
  const turns = turnsOf(play, devices, running);
  return devices.map((device) => ({
    title: device.unit.facts.id,
    steps: () => [
      {
        title: 'wait',
        skip: () => false,
        run: async () => {
          await turns.enter(device);
          const why = whyNotBegun(device.unit, running);
          if (why !== null) device.skip(why);
        },
      },
      ...stepsOf(device, running),
      { title: 'leave', skip: () => false, run: () => turns.leave(device) },
    ],
  }));
}

function turnsOf(
  play: ResolvedPlay,
  devices: readonly DeviceRun[],
  { plan, maximumConcurrent }: Running,
): Turns<DeviceRun> {
  const { strategy } = plan.playbook;
  const { concurrent } = strategy;
  return new Turns(devices, {
    atOnce: Math.max(1, Math.min(concurrent, maximumConcurrent ?? concurrent)),
    apart: (a, b) => whyApart(a.unit.facts, b.unit.facts, strategy) !== null,
    first: () => {
      const gate = gateOf(play, devices, plan);
      return gate.kind === 'first'
        ? new Set(devices.filter(({ unit }) => gate.ids.has(unit.facts.id)))
        : null;
    },
  });
}

function stepsOf(device: DeviceRun, { clock, emit, bugs }: Running): Step[] {
  const { id } = device.unit.facts;
  const phases = ['check', 'download', 'activate', 'verify'] as const;
  return [
    ...phases.map((phase) => ({
      title: phase,
      // A phase that has nothing to do is not announced.
      skip: () => device.next !== phase,
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
