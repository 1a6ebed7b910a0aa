import type { Unreadable } from '../../base/facts.ts';
import type { ResolvedPlay, ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { RememberedUnits } from '../records/remembered-units.ts';
import type { EarlierWork } from '../records/earlier-work.ts';

/** A unit that is to be updated by a play. */
export interface PlannedUnit {
  readonly facts: DeviceFacts;
  readonly play: ResolvedPlay;
  /** What an earlier run may have left on it; null, or absent: nothing that we know of. */
  readonly earlier?: EarlierWork | null;
  /** It shows its target, and lacks a section, or loses the image at its next power cycle: that is not a reason to leave it. */
  readonly again?: true;
  /** An earlier run has sent it this image, and has not proven it: it is a canary before all others. */
  readonly unproven?: true;
  /** Id of the unit whose microcode is its own, too, and that is written before: this one is only looked at. */
  readonly writtenWith?: string;
  /** The others that run its microcode, too; absent: none. */
  readonly sharers?: readonly DeviceFacts[];
  /** What could not be read, and the playbook goes on without; absent: nothing. */
  readonly without?: readonly Unreadable[];
}

/** Everything that a decision on one unit depends on, beside the unit. */
export interface World {
  readonly playbook: ResolvedPlaybook;
  /** Every unit of the host, the one in question included. */
  readonly all: readonly DeviceFacts[];
  readonly remembered: RememberedUnits;
}
