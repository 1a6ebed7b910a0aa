import type { Clock } from '../../base/clock.ts';
import type { FactName } from '../../base/facts.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Host } from '../../host/host.ts';
import type { Emit } from '../facts/events.ts';
import type { Outcome } from '../facts/outcome.ts';
import type { FoundBefore } from '../facts/found-before.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { StopSwitch } from '../facts/stop.ts';
import type { UnitSurroundings } from '../guards/surroundings.ts';
import type { PlannedUnit } from '../guards/world.ts';
import type { Restart } from '../facts/evidence.ts';
import type { SentImage } from './procedure.ts';

export interface DeviceRunOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly stop: StopSwitch;
  /** Name of the run. */
  readonly run?: string;
  /** Asked right before the first byte: why this device may not be begun after all; null: it may. */
  readonly whyNotBegin?: () => Refusal | null;
  /** Absent: page 02h of an enclosure is not asked for. */
  readonly health?: ResolvedStrategy['health'];
  /** `strategy.proceed-without`; absent: without none. */
  readonly proceedWithout?: readonly FactName[];
  /** What surrounds this unit; absent: not looked at. */
  readonly surroundings?: UnitSurroundings;
  /** Units that share its microcode, and that are not to be written: looked at behind its verdict. Absent: there are none. */
  readonly sharers?: readonly DeviceFacts[];
  /** How the unit ended that was written for this one, too (`writtenWith`); absent: there is none. */
  readonly outcomeOfWritten?: () => Outcome | null;
  /** Keeps what happens; `host` is the one that it gave out for this unit. */
  readonly recording?: UnitRecording;
}

/** What one unit's run tells the record of the whole run. Nothing here rejects. */
export interface UnitRecording {
  /** What the verdict on this unit wants to find again, now and in later looks; told right before the first byte. */
  foundBefore(device: string, found: FoundBefore): void;
  /** Right before the first byte: null, or why the unit must be refused. */
  begin(unit: PlannedUnit): Promise<Refusal | null>;
  /** Like `begin`, where an earlier run has sent the image. */
  takeUp(unit: PlannedUnit, image: SentImage): Promise<Refusal | null>;
  /** The run comes to this section of its download, counted from 0. */
  beginSection(device: string, index: number, revision: string): void;
  /** Everything was accepted. */
  sent(
    device: string,
    image: Pick<SentImage, 'deferred' | 'waitsFor' | 'helps' | 'isVolatile'>,
  ): Promise<void>;
  /** Unit attentions of a unit on which an image waits: whoever comes next does not hear them. */
  heard(device: string, attentions: readonly Restart[]): void;
  error(device: string, error: Refusal | null): void;
  /** Waits until every verdict so far is kept. */
  settled(): Promise<void>;
}
