import type { Device } from '../../device/device.ts';
import type { DeviceResult } from '../facts/outcome.ts';
import type { StepsEnd } from './activation-steps.ts';
import type { Checked } from './check.ts';
import type { SentImage } from './procedure.ts';

/** The unit, open for writing, and how the image goes into it. */
export interface Open extends Checked {
  readonly device: Device;
}

/** From the first byte to the verdict. */
export interface Writing extends Open {
  /** Signals may end the program again. */
  readonly endWriting: () => void;
}

/**
 * Where the run of a unit is:
 *
 *     planned ──check──▶ checked ──download──▶ writing ──▶ sent ──activate──▶ activated ──verify──▶ ended
 *        │                 │ ╰────── there is nothing to send ──────▲  ╰─ no step ─▲                    ▲
 *        │                 │                                 │       ╰─── bug ─────╯                    │
 *        ╰─────────────────┴── refused, current, skipped ────┴── nothing was written ───────────────────╯
 *
 * `sent` and `activated` are left by a verdict from a fresh read, and by nothing else.
 */
export type State =
  | { readonly kind: 'planned' }
  | ({ readonly kind: 'checked' } & Open)
  /** The device has the whole image, from an earlier run or another tool. */
  | ({ readonly kind: 'nothing-to-send'; readonly image: SentImage } & Open)
  | ({ readonly kind: 'writing' } & Writing)
  | ({ readonly kind: 'sent'; readonly image: SentImage } & Writing)
  | ({ readonly kind: 'activated'; readonly image: SentImage; readonly steps: StepsEnd } & Writing)
  | { readonly kind: 'ended'; readonly result: DeviceResult };

export const NOTHING_WRITTEN: readonly State['kind'][] = ['planned', 'checked', 'nothing-to-send'];
