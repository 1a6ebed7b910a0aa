import type { DeviceResult, Exit } from '../run/facts/outcome.ts';

/** An image that was not there, and what stood in for it: one entry of `standIns` in runbook.rehearsal/1. */
export interface StandInImage {
  readonly image: string;
  readonly bytes: number;
  /** The pinned hash; null: none. */
  readonly sha256: string | null;
}

/**
 * The result of one rehearsal of a playbook, on devices of which the first one is particular. One entry of `rehearsals`
 * in runbook.rehearsal/1.
 */
export interface RehearsalEnd {
  readonly name: string;
  /** What the first device of each play does. */
  readonly what: string;
  readonly devices: readonly DeviceResult[];
  /** Why nothing was begun. */
  readonly refusals: readonly string[];
  readonly exit: Exit;
  /** What a verdict says that is not so, and what is not as the playbook wants it on a device that fits it. */
  readonly problems: readonly string[];
}
