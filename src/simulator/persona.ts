import type { SenseEncoder } from './answers.ts';
import type { SesRules } from './ses-rules.ts';
import type { Behavior } from './simulated-device.ts';

/**
 * When a complete image becomes the running code.
 * - `at-once`: modes 04h–07h with the last byte, modes 0Dh and 0Eh with mode 0Fh.
 * - `after-activate`: also what modes 05h and 07h brought waits for mode 0Fh.
 * - `hard-reset`, `power-cycle`: only then; modes 0Fh, 05h and 07h are accepted and nothing is to be seen.
 * - `never-shows`: as `at-once`, but the revision string stays what it was.
 */
export type TakesEffect = 'at-once' | 'after-activate' | 'hard-reset' | 'power-cycle' | 'never-shows';

/** How WRITE BUFFER(10) microcode download works on a device. */
export interface DownloadRules {
  /** MODE values that it knows, 0Fh included. */
  readonly modes: readonly number[];
  readonly bufferIds: readonly number[];
  /** What the buffer id grows by from chunk to chunk; 0: one id for all chunks. */
  readonly bufferIdStep: number;
  /** Mode of the last chunk where it is another than that of the chunks before; null: one mode for all. */
  readonly lastMode: number | null;
  readonly capacityBytes: number;
  /** Offsets are multiples of 2^n; FFh: offset 0 is the only one (READ BUFFER descriptor). */
  readonly offsetBoundaryExponent: number;
  /** Bits of MODE SPECIFIC that mode 0Dh takes: 4 power on, 2 hard reset, 1 vendor specific event. */
  readonly events: number;
}

/** A kind of device, as data and a list of small behaviors. */
export interface Persona {
  readonly summary: string;
  /** Peripheral device type (SPC). */
  readonly deviceType: number;
  /** VERSION field of INQUIRY: 05h SPC-3, 06h SPC-4, 07h SPC-5. */
  readonly version: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** First 10 hex digits of invented addresses: NAA 5h, company id, and a start of the vendor's own part. */
  readonly addressPrefix: string;
  readonly download: DownloadRules;
  /** Download by diagnostic page 0Eh; absent: the device has no SES pages. */
  readonly ses?: SesRules;
  readonly takesEffect: TakesEffect;
  /** New code starts with a reset (29/04) and is not ready for a while; null: it takes over without. */
  readonly restart: { readonly readyAfterMs: number } | null;
  /** ACTIVATE MICROCODE of VPD page 86h; null: the device does not have that page. */
  readonly activateMicrocode: 0 | 1 | 2 | null;
  /** What REPORT SUPPORTED OPERATION CODES says of WRITE BUFFER, in seconds; 0: not said. */
  readonly timeouts: {
    readonly nominalS: number;
    readonly recommendedS: number;
    readonly unreachableS: number;
  };
  readonly encodeSense: SenseEncoder;
  readonly behaviors: readonly Behavior[];
}
