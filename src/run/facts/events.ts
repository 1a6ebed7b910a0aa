import type { DeviceResult, Exit } from './outcome.ts';
import type { ToldSignal } from './stop.ts';

/** What is done to a device, in this order. A phase that has nothing to do is left out. */
export type Phase = 'check' | 'download' | 'activate' | 'verify';

/**
 * Everything that a run tells while it runs. Reporters format these and nothing else; JSONL is this union, one line
 * each, with `at` (ISO 8601) in front. `device` is the id of the unit.
 */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly playbook: { readonly file: string; readonly sha256: string; readonly name: string };
      readonly devices: readonly PlannedDevice[];
    }
  /** A play that comes after another one was planned for this unit, from a fresh read; what is told of it follows. */
  | { readonly type: 'device-planned'; readonly device: PlannedDevice }
  | { readonly type: 'phase-started'; readonly device: string; readonly phase: Phase }
  | {
      readonly type: 'progress';
      readonly device: string;
      readonly doneBytes: number;
      readonly totalBytes: number;
      readonly chunk: number;
      readonly chunks: number;
    }
  | {
      readonly type: 'unit-attention';
      readonly device: string;
      readonly asc: number;
      readonly ascq: number;
      readonly text: string;
    }
  /** A bounded wait: the countdown ends at `withinMs` from now. */
  | { readonly type: 'waiting'; readonly device: string; readonly what: string; readonly withinMs: number }
  /** Something worth a line: a fallback was taken, the download restarted, a step was not needed. */
  | { readonly type: 'notice'; readonly device: string; readonly message: string }
  | {
      readonly type: 'phase-finished';
      readonly device: string;
      readonly phase: Phase;
      readonly durationMs: number;
    }
  | { readonly type: 'device-finished'; readonly result: DeviceResult }
  /** An INT, a TERM, or a TSTP (^Z) came; `effect` says what happens now. */
  | { readonly type: 'stop-requested'; readonly signal: ToldSignal; readonly effect: string }
  | { readonly type: 'run-finished'; readonly exit: Exit };

/** A device that the run is going to work on. */
export interface PlannedDevice {
  readonly id: string;
  readonly play: string;
  readonly node: string;
  readonly vendor: string;
  readonly product: string;
  readonly before: string;
  readonly target: string;
  /** Bytes of all sections together; 0 for an activation only. */
  readonly totalBytes: number;
}

export type Emit = (event: RunEvent) => void;
