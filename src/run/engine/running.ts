import type { Clock } from '../../base/clock.ts';
import type { Host } from '../../host/host.ts';
import type { Emit } from '../facts/events.ts';
import type { Recording, RecordingOptions } from './recording.ts';
import type { HeaderOptions } from './run-header.ts';
import type { DeviceResult } from '../facts/outcome.ts';
import type { Plan } from '../plan/plan.ts';
import type { StopSwitch } from '../facts/stop.ts';
import type { TaskScreen } from './tasks.ts';
import type { HostSurveys } from '../guards/surroundings.ts';
import type { PlannedUnit } from '../guards/world.ts';

export interface RunOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly stop: StopSwitch;
  readonly screen: TaskScreen;
  /** What the threads of this process allow, whatever the playbook wants. */
  readonly maximumConcurrent?: number;
  /** Where the run is remembered; absent: nowhere. */
  readonly record?: RecordingOptions & Pick<HeaderOptions, 'version' | 'fresh' | 'gitCommit'>;
  /** Its name, where it is known before; absent: a new one. */
  readonly run?: string;
}

/** The work of one play on one unit: to come, on its way, or done. */
export interface WorkOnUnit {
  readonly unit: PlannedUnit;
  readonly result: DeviceResult | null;
}

/** What every part of a run needs. */
export interface Running extends RunOptions {
  /** Its name, for whoever meets its locks. */
  readonly run: string;
  readonly plan: Plan;
  readonly recording: Recording;
  readonly surveys: HostSurveys;
  /** All that was taken up so far, play by play. Grows. */
  readonly works: WorkOnUnit[];
  /** What bugs threw. */
  readonly bugs: unknown[];
}
